"""What the commands print, at 80 columns and in a log."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from benchmark.config import BenchmarkConfig
from benchmark.report import summarize
from benchmark.results import EpochFinished, EpochResult, StepsDone, TrialFailed, TrialFinished, TrialStarted
from benchmark.terminal import (
    Progress,
    clean,
    estimate_seconds,
    print_pairs,
    print_table,
    say,
    show_plan,
    show_summary,
    words_for_seconds,
)
from tests.support.records import corpus_facts, tiny_record, trial_config
from tests.support.terminal import layout_faults, screen

NAMES = ("lstm", "lstm_dropout", "cnn_lstm", "cnn_lstm_tensorboard")
TRIALS = [trial_config(name, seed) for seed in (7, 8, 9) for name in NAMES]
TRIALS += [trial_config("naive_bayes_logistic")]
IMDB = corpus_facts("imdb", train_reviews=25_000, test_reviews=25_000, source="aclImdb_v1.tar.gz, as Stanford has it")


def _console(terminal: bool = True, width: int = 80) -> Console:
    return Console(file=io.StringIO(), force_terminal=terminal, width=width, highlight=False, markup=False, emoji=False)


def _shown(console: Console) -> str:
    return screen(console.file.getvalue())


def _config(**changes) -> BenchmarkConfig:
    return BenchmarkConfig(architectures=(*NAMES, "naive_bayes_logistic"), **changes)


def _plan(**settings) -> str:
    console = _console()
    changes = settings.pop("config", {})
    show_plan(console, _config(**changes), settings.pop("trials", TRIALS), **{"corpus": IMDB, "cores": 2} | settings)
    assert layout_faults(_shown(console)) == []
    return " ".join(_shown(console).split())


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("a\x1b[31mred\x07", "a [31mred "),
        ("\udcff lone", "? lone"),
        ("two\nlines\r", "two\nlines "),
        ("right\u202eto left", "rightto left"),
        ("Ä, é, 好", "Ä, é, 好"),
    ],
)
def test_no_text_drives_the_terminal(text, cleaned):
    assert clean(text) == cleaned
    assert clean(text).encode()


def test_markup_in_a_users_text_is_printed_as_it_stands():
    console = _console()
    say(console, "[bold]not bold[/bold] :smile:")
    print_table(console, ("name",), [("[red]a[/red]",)])
    print_pairs(console, [("[link]", "[/nothing]")])
    for text in ("[bold]not bold[/bold] :smile:", "[red]a[/red]", "[link]  [/nothing]"):
        assert text in _shown(console)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.24, "0.2 s"), (9.96, "10 s"), (119.4, "119 s"), (119.6, "2 min"), (3570, "1 h 00 min"), (7500, "2 h 05 min")],
)
def test_durations_are_words(seconds, words):
    assert words_for_seconds(seconds) == words


def test_a_long_path_is_not_broken():
    console, path = _console(), "/a/very/long/path" * 8
    print_pairs(console, [("report", path)])
    say(console, f"The report is {path} for you.")
    assert _shown(console).count(path) == 2


def test_a_log_has_one_line_for_each_sentence():
    console = _console(terminal=False)
    say(console, "word " * 60)
    print_pairs(console, [("corpus", "word " * 60)])
    assert len(_shown(console).strip().splitlines()) == 2


@pytest.mark.parametrize("width", [80, 100])
def test_a_table_wraps_between_words_and_keeps_numbers_whole(width):
    console = _console(width=width)
    headings = ("identifier", "title", "names", "number")
    row = ("0123abcd", "Conv1D + LSTM, with TensorBoard " * 3, "cnn_lstm_tensorboard, lstm, lstm_dropout", "12,345.67")
    print_table(console, headings, [row, row], right=("number",))
    shown = _shown(console)
    assert layout_faults(shown, width) == []
    for word in [*headings, *(word for cell in row for word in cell.split())]:
        assert word in shown.split()


def test_a_table_that_cannot_fit_breaks_a_word_and_loses_nothing():
    console = _console()
    print_table(console, ("name", "number"), [("x" * 100, "123")], right=("number",))
    shown = _shown(console)
    assert shown.count("x") == 100
    assert "123" in shown.split()
    assert max(map(len, shown.splitlines())) <= 80


# The plan


def test_the_plan_names_architectures_titles_seeds_and_the_corpus():
    plan = _plan()
    assert "Plan: 13 trials" in plan
    assert "Conv1D + LSTM 7, 8, 9 3 64" in plan
    assert "none" in plan.split()
    assert "cnn_lstm_tensorboard" in plan
    assert "25,000 reviews to train" in plan


def test_the_plan_says_what_the_machine_could_do():
    assert "with 16 cores, --workers 8 trains 8 trials at a time" in _plan(cores=16)
    assert "--workers" not in _plan(cores=2)
    assert "--workers" not in _plan(cores=16, trials=TRIALS[:1])
    assert "4 trials at a time, 4 threads each" in _plan(cores=16, config={"workers": 4})


def test_the_time_comes_from_earlier_trials_where_there_are_any():
    assert "typical of two CPU cores" in _plan()
    durations = dict.fromkeys((*NAMES, "naive_bayes_logistic"), 60.0)
    assert "about 13 min, from earlier trials on this machine" in _plan(durations=durations)
    assert "partly from earlier trials" in _plan(durations={"lstm": 60.0})


def test_the_plan_says_which_difference_the_seeds_can_show():
    from benchmark.statistics.looks import detectable_difference

    expected = f"at least {100 * detectable_difference(3, 0.02):.1f} points (from the spread of earlier seeds)"
    assert expected in _plan(spreads={"lstm": 0.02})
    one_seed = [trial for trial in TRIALS if trial.seed in (7, None)]
    assert "one seed" in _plan(trials=one_seed)
    own = {"corpus": corpus_facts("custom"), "config": {"reference": "my paper=0.9"}}
    assert "distances from my paper of at least" in _plan(**own)
    assert "can show" not in _plan(corpus=corpus_facts("custom"))


def test_a_plan_on_synthetic_reviews_says_so_and_promises_no_verdict():
    plan = _plan(corpus=corpus_facts("synthetic"))
    assert "NOT IMDB" in plan
    assert "can show" not in plan


def test_workers_share_the_time():
    durations = dict.fromkeys((*NAMES, "naive_bayes_logistic"), 60.0)
    assert estimate_seconds(TRIALS, 25_000, durations) == pytest.approx(13 * 60)
    assert estimate_seconds(TRIALS, 25_000, durations, workers=2) == pytest.approx(6.5 * 60)
    assert estimate_seconds(TRIALS, 25_000, durations, workers=50) == pytest.approx(60)


def test_a_part_of_the_reviews_takes_a_part_of_the_time():
    part = [trial.model_copy(update={"max_reviews": 2500}) for trial in TRIALS]
    assert estimate_seconds(part, 25_000) < estimate_seconds(TRIALS, 25_000) / 4


# Progress


def _epoch(number: int) -> EpochResult:
    return EpochResult(
        epoch=number,
        train_loss=0.41,
        train_accuracy=0.801,
        test_loss=0.4,
        test_accuracy=0.845,
        train_seconds=37.0,
        evaluation_seconds=4.0,
        reviews_per_second=600.0,
    )


@pytest.mark.parametrize("terminal", [True, False])
def test_progress_shows_epochs_ends_and_failures(terminal, tmp_path):
    console = _console(terminal)
    first, second, baseline = trial_config("cnn_lstm_tensorboard", 7), trial_config("lstm", 7), TRIALS[-1]
    with Progress(console, [first, second, baseline], train_reviews=25_000, workers=2) as progress:
        for trial in (first, second):
            progress.handle(TrialStarted(trial))
            progress.handle(StepsDone(trial, 1, 50, 391))
        progress.handle(EpochFinished(first, _epoch(1)))
        progress.handle(EpochFinished(first, _epoch(3)))
        progress.handle(TrialFinished(first, tmp_path / "stored and removed"))
        progress.handle(TrialFailed(second, "out of memory [/bold]", ""))
        progress.handle(TrialStarted(baseline))
        progress.handle(TrialFinished(baseline, tmp_path))
    shown = _shown(console)
    assert layout_faults(shown) == []
    flat = " ".join(shown.split())
    assert "cnn_lstm_tensorboard seed 7 1/3 loss 0.41 accuracy 80.1% test 84.5% 41 s" in flat
    assert "[1/3] cnn_lstm_tensorboard seed 7: test accuracy 84.50%" in flat
    assert "[2/3] lstm seed 7: FAILED: out of memory [/bold]" in flat
    assert "[3/3] naive_bayes_logistic: " in flat


def test_a_baselines_accuracy_is_read_from_its_folder(tmp_path):
    from tests.support.records import write_trial_folder

    result = write_trial_folder(tmp_path / "trial", TRIALS[-1])
    console = _console(terminal=False)
    with Progress(console, TRIALS[-1:], train_reviews=100) as progress:
        progress.handle(TrialStarted(TRIALS[-1]))
        progress.handle(TrialFinished(TRIALS[-1], tmp_path / "trial"))
    assert f"test accuracy {result.scores.accuracy:.2%}" in _shown(console)


def test_trials_that_are_added_are_counted():
    console = _console(terminal=False)
    with Progress(console, TRIALS[:1], train_reviews=25_000) as progress:
        progress.extend(TRIALS[1:3])
        progress.handle(TrialFailed(TRIALS[0], "why", ""))
    assert "[1/3]" in _shown(console)


# The summary


def _summary(report, model_uri="models:/imdb-naive_bayes_logistic/12", terminal=True) -> str:
    console = _console(terminal)
    show_summary(
        console,
        report,
        report_file=Path("reports/benchmark-12345678/report.html"),
        ui_link="http://127.0.0.1:5000/#/experiments/1/runs?workflowType=machine_learning",
        model_uri=model_uri,
    )
    return _shown(console)


@pytest.fixture(scope="module")
def report():
    return summarize(tiny_record((*NAMES, "naive_bayes_logistic", "majority_class"), hard_reviews=False))


@pytest.mark.parametrize("terminal", [True, False])
def test_the_summary_is_the_answer_the_table_and_where_to_look(report, terminal):
    shown = _summary(report, terminal=terminal)
    assert layout_faults(shown) == [] or not terminal
    flat = " ".join(shown.split())
    assert " ".join(report.answer[0].split()) in flat
    lines = shown.strip().splitlines()
    assert lines[-4].split() == ["report", "reports/benchmark-12345678/report.html"]
    assert lines[-3].split()[1].startswith("http://")
    assert lines[-2].split() == ["model", "models:/imdb-naive_bayes_logistic/12"]
    assert "python -m benchmark predict --model models:/imdb-naive_bayes_logistic/12" in lines[-1]


def test_the_best_architecture_is_the_first_row_and_each_accuracy_is_whole(report):
    shown = _summary(report)
    for row in report.rows:
        assert f"{row.accuracy:.2%}" in shown
        for word in row.title.split():
            assert word in shown.split()
    best, worst = f"{report.rows[-1].accuracy:.2%}", f"{report.rows[0].accuracy:.2%}"
    table = shown[shown.index("95% interval") :]
    assert table.index(best) < table.index(worst)


def test_failed_trials_are_named_with_their_reason():
    failed = summarize(tiny_record(("lstm", "cnn_lstm"), failed=[("lstm", 8)], hard_reviews=False))
    assert "lstm seed 8 failed: ResourceExhaustedError: out of memory" in " ".join(_summary(failed, None).split())


def test_a_benchmark_without_a_finished_trial_has_a_summary():
    nothing = summarize(tiny_record(("lstm",), (7,), failed=[("lstm", 7)], hard_reviews=False))
    shown = _summary(nothing, model_uri=None)
    assert "95% interval" not in shown
    assert "report.html" in shown
