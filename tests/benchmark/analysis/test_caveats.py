from dataclasses import replace

import numpy as np
import pytest

from benchmark.analysis.analyse import analyse
from benchmark.results import Execution
from tests.support.records import make_environment, make_record


def caveats(record):
    return {caveat.code: caveat for caveat in analyse(record).caveats}


def test_a_good_benchmark_has_notes_but_no_warnings():
    steady = {(name, seed): 0.86 + 0.001 * (seed - 7) for name in ("lstm", "cnn_lstm") for seed in range(7, 12)}
    found = caveats(make_record(["lstm", "cnn_lstm"], range(7, 12), accuracies=steady))
    assert all(caveat.severity == "note" for caveat in found.values())
    assert {"films-correlated", "paper-is-one-number", "tutorial-is-one-run", "one-machine"} <= set(found)
    assert "few-seeds" not in found


def test_few_seeds_say_how_little_is_known_of_their_spread():
    text = caveats(make_record(["lstm"]))["few-seeds"].text
    assert "3 seeds" in text
    assert "0.5 to 6.3 times" in text  # chi-squared with 2 degrees of freedom


def test_one_seed_is_a_warning():
    found = caveats(make_record(["lstm"], (7,)))
    assert found["one-seed"].severity == "warning"
    assert "few-seeds" not in found


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"corpus_kind": "generated"}, "generated-corpus"),
        ({"corpus_kind": "custom"}, "custom-corpus"),
        ({"limit": 50}, "limited"),
    ],
)
def test_another_corpus_or_a_limit_is_a_warning_and_the_papers_caveats_go(settings, code):
    found = caveats(make_record(["lstm"], **settings))
    assert found[code].severity == "warning"
    assert "paper-is-one-number" not in found


def test_the_generated_corpus_has_no_films():
    assert "films-correlated" not in caveats(make_record(["lstm"], corpus_kind="generated"))


def test_missing_trials_are_listed_with_their_reasons():
    text = caveats(make_record(["lstm"], failed=[("lstm", 8)]))["trials-missing"].text
    assert text.startswith("2 of 3 trials count; nothing is computed from the others")
    assert "lstm seed 8: failed, ResourceExhaustedError" in text


def test_many_missing_trials_are_not_all_listed():
    seeds = range(20)
    text = caveats(make_record(["lstm"], seeds, failed=[("lstm", seed) for seed in range(15)]))["trials-missing"].text
    assert "and 5 more" in text


def test_settings_that_are_not_the_tutorials_are_named():
    text = caveats(make_record(["lstm"], epochs=10, batch_size=32))["other-settings"].text
    assert "epochs 10 instead of 3" in text
    assert "batch size 32 instead of 64" in text


def test_several_verdicts_say_how_often_one_of_them_is_wrong():
    text = caveats(make_record(["lstm", "lstm_dropout", "cnn_lstm"]))["many-verdicts"].text
    assert "3 verdicts says" in text
    assert "14%" in text
    assert "3 verdicts, equal weights counted once, says" in caveats(make_record())["many-verdicts"].text
    assert "many-verdicts" not in caveats(make_record(["lstm"]))


def test_the_machine_is_named_with_its_cores():
    assert "Some CPU at 2.0 GHz with 2 cores" in caveats(make_record(["lstm"]))["one-machine"].text


@pytest.mark.parametrize(
    ("changes", "code"), [({"git_dirty": True}, "uncommitted-changes"), ({"git_commit": None}, "no-commit")]
)
def test_code_of_unknown_version_is_said(changes, code):
    record = replace(make_record(["lstm"]), environment=make_environment(**changes))
    assert code in caveats(record)


def test_trials_on_differently_encoded_corpora_are_a_warning():
    record = make_record(["lstm"])
    first, *rest = record.trials
    other = replace(first, result=first.result.model_copy(update={"corpus_digest": "0" * 64}))
    assert "corpora-differ" in caveats(replace(record, trials=(other, *rest)))


@pytest.mark.parametrize("answer", [0.3, 0.7])
def test_a_network_that_gives_every_review_one_label_is_named(answer):
    record = make_record(["lstm"])
    first, *rest = record.trials
    probability = np.full_like(first.predictions.probability, answer)
    probability[0] = 1 - answer
    stuck = replace(first, predictions=replace(first.predictions, probability=probability))
    found = caveats(replace(record, trials=(stuck, *rest)))["one-label"]
    assert found.severity == "warning"
    assert "One label for at least 99% of the test reviews: lstm seed 7." in found.text


def test_networks_that_tell_reviews_apart_are_not():
    assert "one-label" not in caveats(make_record(["lstm"]))


def test_warnings_come_first():
    severities = [caveat.severity for caveat in analyse(make_record(failed=[("lstm", 7)])).caveats]
    assert severities == sorted(severities, key=lambda severity: severity != "warning")


def test_seconds_of_trials_that_ran_side_by_side_are_not_those_of_a_trial_alone():
    two_at_once = Execution(executor="ray", trials_at_once=2, cpus_per_trial=1)
    found = caveats(replace(make_record(["lstm"]), executions=(Execution(), two_at_once)))["side-by-side"]
    assert found.severity == "warning"
    assert "up to 2 at once by Ray on this machine, with 1 CPU core for each" in found.text
    assert "system metrics were measured while other trials ran" in found.text


@pytest.mark.parametrize(
    "executions", [(), (Execution(),), (Execution(executor="ray", on_cluster=True, cpus_per_trial=1),)]
)
def test_trials_that_ran_one_at_a_time_or_nobody_knows_how_have_no_such_caveat(executions):
    assert "side-by-side" not in caveats(replace(make_record(["lstm"]), executions=executions))


def test_one_trial_alone_ran_beside_no_other():
    as_many_as_fit = Execution(executor="ray", on_cluster=True, trials_at_once=None, cpus_per_trial=1)
    assert "side-by-side" not in caveats(replace(make_record(["lstm"], (7,)), executions=(as_many_as_fit,)))


def test_a_cluster_is_not_told_as_one_machine():
    on_cluster = Execution(executor="ray", on_cluster=True, cpus_per_trial=1)
    text = caveats(replace(make_record(["lstm"]), executions=(on_cluster,)))["one-machine"].text
    assert "measured on the machines of a Ray cluster, such as Some CPU at 2.0 GHz" in text
