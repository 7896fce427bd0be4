from dataclasses import replace

import pytest

from benchmark.report.analysis import analyse
from benchmark.report.passed_on import address_only, file_only
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
