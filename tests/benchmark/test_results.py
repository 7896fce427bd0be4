"""What is said of all trials of a benchmark."""

from dataclasses import replace

from tests.support.records import tiny_record

ACCURACIES = {
    ("cnn_lstm", 7): 0.89,
    ("cnn_lstm", 8): 0.85,
    ("cnn_lstm_tensorboard", 7): 0.89,
    ("lstm", 7): 0.8,
    ("lstm", 8): 0.8,
}


def test_a_control_is_not_the_best_beside_what_it_controls() -> None:
    record = tiny_record(("cnn_lstm", "cnn_lstm_tensorboard", "lstm"), (7, 8), accuracies=ACCURACIES)
    trials = [trial for trial in record.trials if trial.config.name != "cnn_lstm_tensorboard seed 8"]
    record = replace(record, trials=tuple(trials))
    assert record.best
    assert record.best[0] == "cnn_lstm"
    assert record.best_model_uri == trials[1].model_uri  # of the median trial: of two the lower one
    alone = [trial for trial in trials if trial.config.architecture != "cnn_lstm"]
    assert replace(record, trials=tuple(alone)).best[0] == "cnn_lstm_tensorboard"
