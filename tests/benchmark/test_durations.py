import pytest

from benchmark.config import BenchmarkConfig
from benchmark.durations import TimeLeft, guess_seconds, training_steps

TRIALS = BenchmarkConfig.from_options(architectures=("lstm", "cnn_lstm"), seeds=(0, 1)).trials()
LSTM_0, CNN_0, LSTM_1, CNN_1 = TRIALS


def test_the_last_smaller_batch_is_a_step_too():
    assert training_steps(LSTM_0, train_reviews=25_000) == 391


def test_a_limit_larger_than_the_corpus_changes_nothing():
    (trial,) = BenchmarkConfig.from_options(architectures=("lstm",), seeds=(0,), limit=5000).trials()
    assert training_steps(trial, train_reviews=640) == 10


def test_time_left_starts_as_the_guess():
    left = TimeLeft(TRIALS, 25_000).seconds()
    assert left == pytest.approx(sum(guess_seconds(trial, 25_000) for trial in TRIALS))


def test_a_trial_that_took_twice_the_guess_doubles_what_is_left():
    time_left = TimeLeft(TRIALS, 25_000)
    time_left.ended(LSTM_0, 2 * guess_seconds(LSTM_0, 25_000))
    assert time_left.seconds() == pytest.approx(
        2 * sum(guess_seconds(trial, 25_000) for trial in (CNN_0, LSTM_1, CNN_1))
    )


def test_an_architecture_goes_by_its_own_pace_once_that_is_known():
    time_left = TimeLeft(TRIALS, 25_000)
    time_left.ended(LSTM_0, 2 * guess_seconds(LSTM_0, 25_000))
    time_left.ended(CNN_0, guess_seconds(CNN_0, 25_000))
    expected = 2 * guess_seconds(LSTM_1, 25_000) + guess_seconds(CNN_1, 25_000)
    assert time_left.seconds() == pytest.approx(expected)


def test_a_failed_trial_says_nothing_of_the_pace():
    time_left = TimeLeft(TRIALS, 25_000)
    time_left.ended(LSTM_0, None)
    assert time_left.seconds() == pytest.approx(sum(guess_seconds(trial, 25_000) for trial in (CNN_0, LSTM_1, CNN_1)))


def test_half_of_the_current_trial_is_left_when_half_is_done():
    time_left = TimeLeft([LSTM_0], 25_000)
    assert time_left.seconds({LSTM_0: 0.5}) == pytest.approx(guess_seconds(LSTM_0, 25_000) / 2)
