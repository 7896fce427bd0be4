"""All benchmarks of a store on one ladder."""

import csv
from dataclasses import replace

import pytest

from benchmark.report import render_leaderboard, summarize_store
from tests.support.records import corpus_facts, environment, tiny_record, trial_config, trial_result


def seeds(row):
    return [trial.seed for trial in row.trials]


def test_seeds_of_two_benchmarks_are_pooled_and_a_trial_counts_once():
    first = tiny_record(("lstm", "bag_of_words_svm"), (7, 8))
    second = replace(tiny_record(("lstm", "bag_of_words_svm"), (8, 9)), run_id="2" * 32)
    (group,) = summarize_store([first, second])
    assert (group.benchmarks, group.report.finished_trials) == (2, 4)
    assert [seeds(row) for row in group.report.rows if row.architecture == "lstm"] == [[7, 8, 9]]
    assert group.report.reference.is_paper
    assert group.report.answer[0].startswith("Best:")


def test_another_corpus_another_processor_and_other_settings_are_other_groups():
    elsewhere = tiny_record(("lstm",), (7,))
    moved = elsewhere.trials[0].result.model_copy(update={"environment": environment(cpu_model="another CPU")})
    records = [
        tiny_record(("lstm",), (7, 8)),
        tiny_record(("lstm",), (7,), corpus=corpus_facts("synthetic")),
        replace(elsewhere, trials=(replace(elsewhere.trials[0], result=moved),)),
        tiny_record(("lstm",), (7,), max_length=100),
    ]
    groups = summarize_store(records)
    assert [group.report.finished_trials for group in groups] == [2, 1, 1, 1]
    assert len({group.title for group in groups}) == 4
    assert [group.report.reference is None for group in groups if group.title.startswith("synthetic")] == [True]


def test_baselines_stand_beside_the_networks_that_a_gpu_trained():
    gpu = environment(device_kind="gpu", device_name="a GPU")
    record = tiny_record(("lstm", "bag_of_words_svm"), (7,))
    trials = []
    for trial in record.trials:
        machine = gpu if trial.config.kind == "network" else environment()
        trials.append(replace(trial, result=trial.result.model_copy(update={"environment": machine})))
    groups = summarize_store([replace(record, environment=gpu, trials=tuple(trials))])
    assert [len(group.report.rows) for group in groups] == [2]


def test_one_architecture_trained_in_two_ways_has_two_rows():
    usual = tiny_record(("lstm",), (7, 8))
    config = trial_config("lstm", 9, epochs=1)
    result = trial_result(config, usual.trials[0].predictions)
    short = replace(usual, trials=(replace(usual.trials[0], config=config, result=result),))
    (group,) = summarize_store([usual, short])
    assert sorted(map(seeds, group.report.rows)) == [[7, 8], [9]]
    assert any("epochs was 3 and is 1" in row.title for row in group.report.rows)


@pytest.mark.usefixtures("no_drawing")
def test_page_markdown_and_csv_have_every_row(tmp_path):
    groups = summarize_store([tiny_record(("lstm", "cnn_lstm")), tiny_record(corpus=corpus_facts("synthetic"))])
    render_leaderboard(groups, tmp_path)
    text = (tmp_path / "leaderboard.md").read_text(encoding="utf-8")
    assert text.count("\n## ") == 2
    assert "charts/ladder-1.svg" in text
    assert (tmp_path / "charts" / "ladder-2.svg").is_file()
    assert (tmp_path / "leaderboard.html").is_file()
    with (tmp_path / "leaderboard.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == sum(len(group.report.rows) for group in groups)
    assert float(rows[0]["accuracy"]) == groups[0].report.rows[0].accuracy


def test_what_weakens_one_benchmark_weakens_the_pool():
    looked = replace(tiny_record(("lstm",), (7, 8)), looks=(1,))
    failed = replace(tiny_record(("lstm",), (8, 9, 10), failed=[("lstm", 10)]), run_id="2" * 32)
    (group,) = summarize_store([failed, looked])
    assert group.report.notes[0] == "3 of 4 trials finished."
    assert "Seeds were added after a look at the result with 1 seed" in group.report.notes[1]


def test_a_trial_that_failed_in_one_benchmark_and_finished_in_another_has_finished():
    failed = tiny_record(("lstm",), (7, 8), failed=[("lstm", 8)])
    (group,) = summarize_store([failed, replace(tiny_record(("lstm",), (7, 8)), run_id="2" * 32)])
    assert (group.report.finished_trials, group.report.planned_trials) == (2, 2)


def test_a_trial_that_another_benchmark_took_from_the_store_is_its_own():
    first = tiny_record(("lstm",), (7, 8))
    taken = [replace(trial, trained_in=first.run_id, trained_at=first.started_at) for trial in first.trials]
    (group,) = summarize_store([replace(first, run_id="2" * 32, trials=tuple(taken)), first])
    assert group.report.finished_trials == 2
    assert not any("from the store" in note for note in group.report.notes)


def test_an_empty_store_has_no_group():
    assert summarize_store([]) == []
    assert summarize_store([tiny_record(("lstm",), (7,), failed=[("lstm", 7)])]) == []
