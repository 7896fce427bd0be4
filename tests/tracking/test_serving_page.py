"""Every command and every Python block of docs/serving.md does what the page says."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.support.tracking_server import free_port
from tests.tracking.conftest import TinyBenchmark
from tracking.model_store import ensure_registered_model
from tracking.store import PROJECT, connect

pytestmark = pytest.mark.slow

PORT = free_port()  # in place of the page's, which another server may have
PAGE = re.sub(r"\b5001\b", str(PORT), (PROJECT / "docs" / "serving.md").read_text(encoding="utf-8"))
BLOCKS = re.findall(r"^```(bash|python)\n(.*?)^```", PAGE, flags=re.MULTILINE | re.DOTALL)
COMMANDS = [line for language, block in BLOCKS if language == "bash" for line in block.splitlines()]
PYTHON = [block for language, block in BLOCKS if language == "python"]
SERVE = next(command for command in COMMANDS if command.startswith("mlflow models serve"))
CURLS = [command for command in COMMANDS if command.startswith("curl")]


@pytest.fixture(scope="module")
def environment(tiny_benchmark: TinyBenchmark) -> dict[str, str]:
    """The tiny model as the champion: here the registry gate is not at work."""
    client = connect(tiny_benchmark.tracking_uri)
    (own,) = client.search_model_versions("name = 'generated-cnn_lstm'")
    ensure_registered_model(client, "imdb-sentiment", "")
    version = client.create_model_version("imdb-sentiment", own.source, run_id=own.run_id)
    client.set_registered_model_alias("imdb-sentiment", "champion", version.version)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return tiny_benchmark.environment | {"PATH": path, "PYTHONPATH": str(PROJECT)}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("serving")


def run(command: str | list[str], folder: Path, environment: dict[str, str]) -> str:
    done = subprocess.run(
        command,
        shell=isinstance(command, str),
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def answers(folder: Path, environment: dict[str, str]) -> dict[str, str]:
    """Every command but those of the server, in the page's order, with what it printed."""
    return {
        command: run(command, folder, environment)
        for command in COMMANDS
        if command != SERVE and command not in CURLS and not command.startswith("export")
    }


def answer_to(answers: dict[str, str], part: str) -> str:
    (answer,) = [answer for command, answer in answers.items() if part in command]
    return answer


def test_a_text_at_the_terminal_is_labelled(answers: dict[str, str]) -> None:
    head, answer = answer_to(answers, 'predict "A wonderful film. I').splitlines()
    assert head.split() == ["label", "positive", "text"]
    assert re.match(r"(positive|negative) +\d+\.\d%  A wonderful", answer)


def test_words_are_explained_at_the_terminal_and_as_a_page(answers: dict[str, str], folder: Path) -> None:
    assert "points" in answer_to(answers, '--explain "A')
    assert "<!doctype html>" in (folder / "why.html").read_text()


def test_a_batch_is_written_as_json_lines_csv_and_by_mlflow_alone_with_the_same_answers(
    answers: dict[str, str], folder: Path
) -> None:
    assert answers
    lines = [json.loads(line) for line in (folder / "answers.jsonl").read_text().splitlines()]
    assert [line["text"] for line in lines] == ["A wonderful film.", "A waste of time."]
    rows = [row.split(",") for row in (folder / "answers.csv").read_text().splitlines()[1:]]
    by_mlflow = json.loads((folder / "answers.json").read_text())["predictions"]
    probabilities = [line["probability"] for line in lines]
    assert [float(row[1]) for row in rows] == pytest.approx(probabilities, abs=1e-6)
    assert [answer["probability"] for answer in by_mlflow] == pytest.approx(probabilities, abs=1e-6)


@pytest.mark.parametrize("block", PYTHON, ids=lambda block: block.splitlines()[2])
def test_a_python_block_runs(block: str, folder: Path, environment: dict[str, str]) -> None:
    assert run([sys.executable, "-W", "ignore", "-c", block], folder, environment).strip()


@pytest.fixture(scope="module")
def server(folder: Path, environment: dict[str, str]) -> Iterator[None]:
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(
            SERVE, shell=True, cwd=folder, env=environment, stdout=log, stderr=log, start_new_session=True
        )
    try:
        give_up = time.monotonic() + 180
        while not (_answers_ping() and _is_the_listener(process.pid)):
            assert process.poll() is None, (folder / "server.log").read_text()
            assert time.monotonic() < give_up, (folder / "server.log").read_text()
            time.sleep(0.2)
        yield
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()


def _answers_ping() -> bool:
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{PORT}/ping", timeout=5).close()
    except OSError:
        return False
    return True


def _is_the_listener(pid: int) -> bool:
    """Whether it is this process or a child that listens on the port, and not a server of someone else."""
    shell = psutil.Process(pid)
    sockets = [
        connection for process in (shell, *shell.children(recursive=True)) for connection in process.net_connections()
    ]
    return any(socket.status == psutil.CONN_LISTEN and socket.laddr.port == PORT for socket in sockets)


@pytest.mark.usefixtures("server")
def test_the_server_answers_each_text(folder: Path, environment: dict[str, str]) -> None:
    ping, good, *_ = CURLS
    run(ping, folder, environment)
    predictions = json.loads(run(good, folder, environment))["predictions"]
    assert [set(prediction) for prediction in predictions] == [{"label", "probability"}] * 2


@pytest.mark.usefixtures("server")
@pytest.mark.parametrize(
    ("curl", "reason"),
    zip(CURLS[2:], ["Expected list, but got str", "Expected type str, but got int", "with 'inputs' key"], strict=True),
)
def test_wrong_input_is_answered_by_400_and_the_reason(
    curl: str, reason: str, folder: Path, environment: dict[str, str]
) -> None:
    body, _, status = run(curl, folder, environment).strip().rpartition(" ")
    assert status == "400"
    assert reason in json.loads(body)["message"]
    assert ".py" not in body


@pytest.mark.usefixtures("server")
@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", b"{"),
        ("application/json", b"\xff\xfe"),
        ("application/json", b'{"inputs": []}'),
        ("application/json", b'{"instances": ["text"]}'),
        ("application/json", b'{"inputs": [["text"]]}'),
        ("text/csv", b'a,b\n1,2,3,4\n"'),
        ("text/csv", b""),
        ("application/vnd.apache.parquet", b"no parquet"),
    ],
)
def test_no_answer_holds_a_stack_trace_or_a_path(content_type: str, body: bytes) -> None:
    request = urllib.request.Request(
        f"http://127.0.0.1:{PORT}/invocations", body, headers={"Content-Type": content_type}
    )
    with pytest.raises(urllib.error.HTTPError) as refusal:
        urllib.request.urlopen(request, timeout=60)
    answer = json.loads(refusal.value.read())
    assert refusal.value.code == 400
    assert answer["message"]
    assert "stack_trace" not in answer
    assert "site-packages" not in json.dumps(answer)


@pytest.mark.skipif(shutil.which("uv") is None, reason="needs uv")
def test_the_model_works_in_a_fresh_environment_of_its_own_requirements(
    folder: Path, environment: dict[str, str]
) -> None:
    (folder / "one.json").write_text('{"inputs": ["A wonderful film."]}')
    with_settings_of_uv = os.environ | environment  # indexes, proxies, cache
    without_repository = {name: value for name, value in with_settings_of_uv.items() if name != "PYTHONPATH"}
    command = (
        "mlflow models predict -m models:/imdb-sentiment@champion --env-manager uv "
        "--content-type json -i one.json -o fresh.json"
    )
    run(command, folder, without_repository)
    (answer,) = json.loads((folder / "fresh.json").read_text())["predictions"]
    assert answer["label"] in ("positive", "negative")
