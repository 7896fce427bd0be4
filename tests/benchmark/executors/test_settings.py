import pytest

from benchmark.config import BenchmarkConfig
from benchmark.errors import UserError
from benchmark.executors.local import LocalExecutor
from benchmark.executors.settings import ExecutorSettings

CONFIG = BenchmarkConfig.from_options(architectures=("lstm",), seeds=(0,))


@pytest.mark.parametrize("options", [{}, {"workers": "1"}, {"executor": "local"}])
def test_one_worker_needs_no_ray(options):
    assert isinstance(ExecutorSettings.from_options(**options).make(CONFIG), LocalExecutor)


@pytest.mark.parametrize(
    "options",
    [
        {"workers": "2"},
        {"ray_address": "auto"},
        {"cpus_per_trial": "2"},
        {"gpus_per_trial": "0.25"},
        {"executor": "ray"},
    ],
)
def test_what_one_worker_cannot_do_is_for_ray(options):
    assert type(ExecutorSettings.from_options(**options).make(CONFIG)).__name__ == "RayExecutor"


@pytest.mark.parametrize(
    ("options", "option"),
    [
        ({"executor": "slurm"}, "--executor"),
        ({"workers": "0"}, "--workers"),
        ({"workers": "many"}, "--workers"),
        ({"cpus_per_trial": "0.5"}, "--cpus-per-trial"),
        ({"gpus_per_trial": "-1"}, "--gpus-per-trial"),
        ({"executor": "local", "workers": "2"}, "--executor"),
    ],
)
def test_impossible_settings_are_refused_in_one_line(options, option):
    with pytest.raises(UserError, match=option) as refusal:
        ExecutorSettings.from_options(**options)
    assert "\n" not in str(refusal.value)


def test_the_options_that_are_given_are_part_of_the_command():
    settings = ExecutorSettings.from_options(workers="4", gpus_per_trial="0.25")
    assert CONFIG.command(*settings.option_words()).endswith("--workers 4 --gpus-per-trial 0.25")
