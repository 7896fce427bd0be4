"""A benchmark goes from one store to another as a folder; whatever does not fit is refused."""

import hashlib
import json
import shutil
from pathlib import Path

import pytest

from benchmark.errors import UserError
from tests.support.records import trial_config
from tracking.exchange import export_benchmark, import_benchmark
from tracking.reader import find_run, list_models, read_benchmark, read_past
from tracking.store import Store, open_store

TRIALS = [trial_config("cnn_lstm", 7), trial_config("bag_of_words_svm")]


def no_report(session, record) -> None: ...


@pytest.fixture
def other_store(tmp_path: Path, template: Path) -> Store:
    (tmp_path / "other").mkdir()
    shutil.copyfile(template, tmp_path / "other" / "mlflow.db")
    return open_store(f"sqlite:///{tmp_path}/other/mlflow.db", create=True)


@pytest.fixture(scope="module")
def original(finished_uri, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("original") / "exported"
    store = open_store(finished_uri)
    export_benchmark(store, find_run(store, "latest"), folder)
    return folder


@pytest.fixture
def exported(original, tmp_path) -> Path:
    return shutil.copytree(original, tmp_path / "exported")


def test_an_import_that_was_interrupted_can_be_repeated(exported, other_store) -> None:
    def interrupted(session, record) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_benchmark(other_store, exported, interrupted)
    assert read_benchmark(other_store, import_benchmark(other_store, exported, no_report)).complete


def test_an_imported_benchmark_has_the_same_results_no_model_and_is_not_imported_twice(
    exported, finished, hard_review, other_store
) -> None:
    published = []
    names = {path.name for path in exported.rglob("*") if path.is_file()}
    files = {"benchmark.json", "SHA256SUMS", "hard_reviews.json", "result.json", "predictions.parquet"}
    assert names == files  # nothing that runs
    run_id = import_benchmark(other_store, exported, lambda session, record: published.append(record))
    assert [record.complete for record in published] == [True]
    before = read_benchmark(finished, find_run(finished, "latest"))
    after = read_benchmark(other_store, run_id)
    assert after.complete
    assert [trial.result for trial in after.trials] == [trial.result for trial in before.trials]
    for name in ("corpus", "config", "command", "started_at", "hard_reviews"):
        assert getattr(after, name) == getattr(before, name)
    assert after.hard_reviews == (hard_review,)
    assert list_models(other_store) == []
    assert read_past(other_store, after.corpus.digest).trials == ()  # what has no model is trained again
    with pytest.raises(UserError, match=f"in this store already, as the benchmark {run_id}"):
        import_benchmark(other_store, exported, no_report)


def resign(folder: Path) -> None:
    """List the digests of what is there now, as a forger would."""
    lines = []
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name != "SHA256SUMS":
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            lines.append(f"{digest}  {path.relative_to(folder).as_posix()}\n")
    (folder / "SHA256SUMS").write_text("".join(lines))


def edit_result(folder: Path, **changes: object) -> None:
    path = folder / "cnn_lstm-seed-7" / "result.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def better(folder: Path) -> None:
    scores = json.loads((folder / "cnn_lstm-seed-7" / "result.json").read_text())["scores"]
    edit_result(folder, scores=scores | {"accuracy": 0.99})


def linked(folder: Path) -> None:
    elsewhere = (folder / "cnn_lstm-seed-7").rename(folder.parent / "elsewhere")
    (folder / "cnn_lstm-seed-7").symlink_to(elsewhere)


@pytest.mark.parametrize(
    ("change", "signed", "reason"),
    [
        (
            lambda folder: (folder / "benchmark.json").write_text("{}"),
            False,
            "benchmark.json was changed",
        ),
        (lambda folder: (folder / "benchmark.json").write_text("{}"), True, "is no exported benchmark"),
        (lambda folder: (folder / "SHA256SUMS").unlink(), False, "is no exported benchmark: SHA256SUMS"),
        (lambda folder: (folder / "more.py").write_text("print()"), False, "more.py was changed, removed or added"),
        (lambda folder: (folder / "hard_reviews.json").write_text("[]"), True, "is no exported benchmark"),
        (lambda folder: (folder / "cnn_lstm-seed-7" / "model.keras").write_text("x"), True, "holds more than a result"),
        (
            lambda folder: (folder / "cnn_lstm-seed-7" / "result.json").unlink(),
            False,
            "result.json was changed",
        ),
        (better, True, "its accuracy is 0.9900, and that of its predictions 0.9000"),
        (lambda folder: edit_result(folder, fingerprint="0" * 64), True, "the fingerprint is not that of the planned"),
        (linked, True, "cnn_lstm-seed-7 is a link"),
    ],
)
def test_a_folder_that_was_changed_is_refused_and_nothing_is_stored(
    exported, other_store, change, signed: bool, reason: str
) -> None:
    change(exported)
    if signed:
        resign(exported)
    with pytest.raises(UserError, match=reason):
        import_benchmark(other_store, exported, no_report)
    assert other_store.client.search_runs([other_store.experiment_id]) == []


def test_an_incomplete_benchmark_is_imported_as_one(begin, train, store, other_store, tmp_path) -> None:
    with begin(TRIALS) as session:
        session.store_trial(TRIALS[0], train(session, TRIALS[0]))
        session.finish("FAILED")
    export_benchmark(store, session.run_id, tmp_path / "exported")
    record = read_benchmark(other_store, import_benchmark(other_store, tmp_path / "exported", no_report))
    assert [trial.status for trial in record.trials] == ["finished", "planned"]


def test_a_folder_that_is_there_is_not_overwritten_and_an_empty_benchmark_not_exported(begin, store, exported) -> None:
    with pytest.raises(UserError, match="is there already; give a new folder"):
        export_benchmark(store, "any", exported)
    with begin(TRIALS) as session:
        session.finish("FAILED")
    with pytest.raises(UserError, match="no finished trial to export"):
        export_benchmark(store, session.run_id, exported.parent / "new")
