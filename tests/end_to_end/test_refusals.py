"""Bad input is one line and exit code 2, before anything is trained or stored."""

import pytest

ASK_THE_STORE = {"--resume"}  # MLflow makes its database when it is asked


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--epochs", "0"), "--epochs"),
        (("--seeds", "7,7"), "--seeds"),
        (("--architectures", "lstn"), "did you mean 'lstm'"),
        (("--data", "nowhere.tar.gz"), "--data"),
        (("--device", "tpu"), "--device"),
        (("--limit", "none"), "--limit"),
        (("--no-such-option",), "--no-such-option"),
        (("--tracking-uri", "some/folder"), "--tracking-uri"),
        (("--force",), "--force"),
        (("--resume", "0123456789abcdef"), "0123456789abcdef"),
    ],
)
def test_bad_input_to_run(workspace, words, told):
    ended = workspace.run("run", *words)
    assert ended.exit_code == 2
    assert told in ended.errors
    assert len(ended.errors.strip().splitlines()) == 1
    assert "Traceback" not in ended.output + ended.errors
    if not set(words) & ASK_THE_STORE:
        assert list(workspace.folder.iterdir()) == []


def test_a_missing_benchmark_is_told_by_report(workspace):
    ended = workspace.run("report", "--run-id", "latest")
    assert ended.exit_code == 2
    assert len(ended.errors.strip().splitlines()) == 1


def test_no_command_at_all_shows_the_commands(workspace):
    ended = workspace.run()
    assert ended.exit_code == 2
    assert ended.errors.startswith("Usage: ")
    assert "reproduce" in ended.errors


def test_help_and_dry_run_store_nothing(workspace):
    assert workspace.run("--help").exit_code == 0
    planned = workspace.run("run", "--dry-run")
    assert planned.exit_code == 0
    assert "12" in planned.output
    assert list(workspace.folder.iterdir()) == []
