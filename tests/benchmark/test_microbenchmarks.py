"""Reading timings, and telling a regression from noise."""

import pytest

from benchmark.microbenchmarks import Timing, compare_timings, read_timings, short_name
from tests.support.timings import timing_entry, write_timings


def _timing(median_seconds=1.0, iqr_seconds=0.01, rounds=16, **work):
    return Timing("step", median_seconds, median_seconds - iqr_seconds, iqr_seconds, rounds, work)


def _verdict(before, after, threshold=1.2):
    [change] = compare_timings({"step": before}, {"step": after}, threshold)
    return change.verdict


def test_the_file_of_pytest_benchmark_is_read(tmp_path):
    entry = timing_entry("training_step[lstm]", 0.09, 0.004, 20, reviews=64, device="Some GPU")
    name = "training_step.lstm"
    assert read_timings(write_timings(tmp_path / "a.json", entry)) == {
        name: Timing(name, 0.09, 0.086, 0.004, 20, {"reviews": 64}, device="Some GPU")
    }


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"benchmarks": [{}]}'])
def test_another_file_is_refused(tmp_path, content):
    path = tmp_path / "a.json"
    path.write_text(content)
    with pytest.raises(ValueError, match="pytest-benchmark"):
        read_timings(path)


def test_names_can_be_metrics():
    assert short_name("tests/m/test_a.py::test_start_of_the_command_line[help]") == "start_of_the_command_line.help"
    assert short_name("tests/m/test_a.py::test_parse_archive") == "parse_archive"


def test_notches_are_those_of_mcgill_tukey_and_larsen():
    assert _timing(iqr_seconds=0.2, rounds=25).notch_seconds == pytest.approx(1.57 * 0.2 / 5)


def test_much_more_time_in_quiet_rounds_is_slower():
    assert _verdict(_timing(1.0), _timing(1.3)) == "slower"


def test_less_time_is_faster_and_no_regression():
    assert _verdict(_timing(1.3), _timing(1.0)) == "faster"


def test_a_difference_below_the_threshold_is_none_however_quiet_the_rounds():
    assert _verdict(_timing(1.0, iqr_seconds=1e-6), _timing(1.19, iqr_seconds=1e-6)) == "same"


def test_a_difference_within_the_noise_is_none_however_large():
    assert _verdict(_timing(1.0, iqr_seconds=0.5, rounds=4), _timing(1.5, iqr_seconds=0.5, rounds=4)) == "same"


def test_the_same_noise_in_more_rounds_is_less_noise():
    assert _verdict(_timing(1.0, iqr_seconds=0.5, rounds=400), _timing(1.5, iqr_seconds=0.5, rounds=400)) == "slower"


def test_other_work_is_not_compared():
    [change] = compare_timings({"step": _timing(reviews=64)}, {"step": _timing(9.0, reviews=512)}, 1.2)
    assert (change.verdict, change.ratio) == ("other work", None)


def test_the_same_work_on_another_device_is_compared():
    before, after = (
        Timing("step", seconds, seconds, 0.0, 9, {}, device) for seconds, device in ((4, "CPU"), (1, "GPU"))
    )
    assert _verdict(before, after) == "faster"


def test_new_and_gone_ones_are_named():
    changes = compare_timings({"old": _timing()}, {"step": _timing()}, 1.2)
    assert [(change.name, change.verdict) for change in changes] == [("step", "new"), ("old", "gone")]
