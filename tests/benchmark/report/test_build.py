import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmark.report import ReportFiles, build_report
from tests.support.report_cases import GENERATED_AT, case_analysis, case_record

ELSEWHERE = """
import sys
from pathlib import Path
from benchmark.report import build_report
from tests.support.report_cases import GENERATED_AT, case_record
build_report(case_record("whole"), Path(sys.argv[1]), GENERATED_AT)
assert "tensorflow" not in sys.modules and "mlflow" not in sys.modules
"""


@pytest.fixture(scope="module")
def report(tmp_path_factory) -> ReportFiles:
    return build_report(case_record("whole"), tmp_path_factory.mktemp("report") / "new" / "folder", GENERATED_AT)


def every_file(directory: Path) -> dict[str, bytes]:
    return {str(path.relative_to(directory)): path.read_bytes() for path in directory.rglob("*") if path.is_file()}


def test_a_report_is_one_page_one_text_two_tables_and_its_pictures(report):
    names = ["accuracy", "learning-accuracy", "learning-loss", "training-time", "calibration", "review-length", "pairs"]
    pictures = {f"charts/{name}.{kind}" for name in names for kind in ("svg", "png")}
    assert set(every_file(report.directory)) == {"report.html", "report.md", "report.json", "trials.csv"} | pictures
    assert all(path.stat().st_size > 500 for path in (report.html, report.markdown, report.csv, report.json))
    assert {str(path.relative_to(report.directory)) for path in report.charts} == pictures


def test_another_process_writes_the_same_bytes_without_tensorflow_and_mlflow(report, tmp_path):
    environment = {**os.environ, "PYTHONHASHSEED": "12345", "TZ": "Asia/Tokyo"}
    subprocess.run([sys.executable, "-c", ELSEWHERE, str(tmp_path)], check=True, env=environment)
    here, elsewhere = every_file(report.directory), every_file(tmp_path)
    assert {name for name in here | elsewhere if here.get(name) != elsewhere.get(name)} == set()


def test_only_the_time_stamp_depends_on_the_time(report, tmp_path):
    later = build_report(case_record("whole"), tmp_path, "2027-03-04T05:06:07+00:00", case_analysis("whole"))
    old, new = every_file(report.directory), every_file(later.directory)
    changed = {name for name in old if old[name] != new[name]}
    assert changed == {"report.html", "report.md", "report.json"}
    for name in changed:
        text = new[name].decode().replace("2027-03-04T05:06:07+00:00", GENERATED_AT)
        assert text.replace("2027-03-04, 05:06 UTC", "2026-01-02, 05:06 UTC") == old[name].decode()


def test_naming_the_package_does_not_import_the_charts():
    code = "import sys, benchmark.analysis.analysis_types; sys.exit('altair' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
