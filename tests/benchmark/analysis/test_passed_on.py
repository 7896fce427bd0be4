from dataclasses import replace

import pytest

from benchmark.analysis.analyse import analyse
from benchmark.analysis.passed_on import address_only, file_only, files_only, for_passing_on
from tests.support.records import make_record


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("auto", "auto"),
        ("aclImdb_v1.tar.gz", "aclImdb_v1.tar.gz"),
        ("/home/me/aclImdb_v1.tar.gz", "path/to/aclImdb_v1.tar.gz"),
        ("../data/aclImdb", "path/to/aclImdb"),
    ],
)
def test_a_report_names_the_file_but_not_its_folder(path, told):
    assert file_only(path) == told


@pytest.mark.parametrize(
    ("uri", "told"),
    [
        ("sqlite:////home/me/mlflow.db", "sqlite:///path/to/mlflow.db"),
        ("http://tracking.example.org:5000", "http://tracking.example.org:5000"),
        ("http://me:secret@tracking.example.org", "http://me:***@tracking.example.org"),
        ("postgresql://me:se@cret@db:5432/mlflow", "postgresql://me:***@db:5432/mlflow"),
        ("postgresql://db/mlflow?user=me&password=secret", "postgresql://db/mlflow"),
    ],
)
def test_a_report_names_the_store_without_password_and_folder(uri, told):
    assert address_only(uri) == told


def test_no_part_of_an_analysis_holds_a_folder_of_the_machine():
    record = make_record(data="/home/me/aclImdb_v1.tar.gz")
    record = replace(record, command=record.config.command(), tracking_uri="sqlite:////home/me/mlflow.db")
    told = analyse(record).model_dump_json()
    assert "path/to/aclImdb_v1.tar.gz" in told
    assert "/home/me" not in told


@pytest.mark.parametrize(
    ("failure", "told"),
    [
        ("out of memory", "out of memory"),
        (
            "FileNotFoundError: [Errno 2] No such file: '/home/me/.cache/x/train.npz'",
            "FileNotFoundError: [Errno 2] No such file: 'path/to/train.npz'",
        ),
        ("cannot write /home/me/spool/model.keras: full", "cannot write path/to/model.keras: full"),
        ("no sqlite:////home/me/mlflow.db here", "no sqlite:///path/to/mlflow.db here"),
        ("no answer from postgresql://me:secret@db/mlflow", "no answer from postgresql://me:***@db/mlflow"),
        ("see ~/cache/a.txt", "see path/to/a.txt"),
        ("see https://example.org/a/b.html and 3/4 of it", "see https://example.org/a/b.html and 3/4 of it"),
    ],
)
def test_a_failure_names_files_but_not_their_folders(failure, told):
    assert files_only(failure) == told


def test_the_failure_of_a_trial_is_passed_on_without_folders():
    record = make_record()
    failed = replace(record.trials[0], status="failed", failure="no space for /home/me/spool/model.keras")
    told = for_passing_on(replace(record, trials=(failed, *record.trials[1:])))
    assert told.trials[0].failure == "no space for path/to/model.keras"
    assert told.trials[1:] == record.trials[1:]
