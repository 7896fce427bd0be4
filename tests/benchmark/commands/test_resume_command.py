"""Which settings a resumed benchmark has, and the command that is told to the user."""

from benchmark.commands.resume import resume_command, resumed_config
from benchmark.config import BenchmarkConfig

BEGUN = BenchmarkConfig(architectures=("lstm",), seeds=(0, 1), epochs=5, data="reviews.tar.gz")


def test_a_resumed_benchmark_has_the_settings_that_it_was_begun_with() -> None:
    assert resumed_config(BEGUN, BenchmarkConfig()) == (BEGUN, [])


def test_what_decides_no_result_may_be_given_anew() -> None:
    config, ignored = resumed_config(
        BEGUN, BenchmarkConfig(data="moved/reviews.tar.gz", retry_failed=2, max_minutes_per_trial=9)
    )
    assert (config.data, config.retry_failed, config.max_minutes_per_trial) == ("moved/reviews.tar.gz", 2, 9)
    assert (config.architectures, config.seeds, config.epochs) == (BEGUN.architectures, BEGUN.seeds, BEGUN.epochs)
    assert ignored == []


def test_what_would_make_another_benchmark_of_it_is_not_used_and_said() -> None:
    config, ignored = resumed_config(BEGUN, BenchmarkConfig(seeds=(3, 4), batch_size=64))
    assert config == BEGUN
    assert ignored == ["--seeds 3,4 is not used: it was begun with 0,1"]


def test_the_command_names_the_store_as_it_was_named() -> None:
    assert resume_command("abc", None, None) == "python -m benchmark run --resume abc"
    assert (
        resume_command("abc", "sqlite:////a folder/mlflow.db", "mine")
        == "python -m benchmark run --resume abc --tracking-uri 'sqlite:////a folder/mlflow.db' --experiment-name mine"
    )
