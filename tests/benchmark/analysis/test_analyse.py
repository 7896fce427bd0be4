import json
from dataclasses import replace

import numpy as np
import pytest

from benchmark.analysis.analyse import analyse
from benchmark.analysis.analysis_types import Analysis
from benchmark.analysis.evidence import gather_evidence
from benchmark.errors import UserError
from benchmark.results import Predictions
from tests.support.records import make_record


def shuffled(predictions: Predictions) -> Predictions:
    order = np.random.default_rng(0).permutation(len(predictions.label))
    return Predictions(*(getattr(predictions, name)[order] for name in ("review_id", "label", "probability", "words")))


def test_the_same_record_always_gives_the_same_analysis():
    record = make_record()
    assert analyse(record).model_dump_json() == analyse(record).model_dump_json()


def test_an_analysis_survives_json_unchanged_and_has_no_number_that_json_lacks():
    analysis = analyse(make_record(failed=[("lstm", 8)]))
    text = analysis.model_dump_json()
    assert Analysis.model_validate_json(text) == analysis
    json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} in JSON"))


def test_the_schema_describes_every_field_that_needs_words():
    schema = Analysis.model_json_schema()
    assert schema["properties"]["verdicts"]["description"].startswith("Of every planned architecture")
    assert schema["additionalProperties"] is False


def test_the_order_in_which_a_trial_saved_its_reviews_does_not_matter():
    record = make_record(["lstm", "cnn_lstm"])
    first, *rest = record.trials
    moved = replace(record, trials=(*rest[:1], replace(first, predictions=shuffled(first.predictions)), *rest[1:]))
    before, after = analyse(record), analyse(moved)
    assert before.pairwise == after.pairwise
    assert before.architectures == after.architectures
    assert before.hard_reviews == after.hard_reviews


def test_arrays_that_trials_share_are_not_compared_element_by_element(monkeypatch):
    record = make_record(["lstm"])
    shared = record.trials[0].predictions
    trials = [
        replace(trial, predictions=replace(shared, probability=trial.predictions.probability))
        for trial in record.trials
    ]
    monkeypatch.setattr(np, "array_equal", lambda *arrays: pytest.fail("compared"))
    assert len(gather_evidence(replace(record, trials=tuple(trials))).trials) == 3


def test_trials_on_different_reviews_are_refused():
    record = make_record(["lstm"])
    first, *rest = record.trials
    other = replace(first.predictions, label=1 - first.predictions.label)
    with pytest.raises(UserError, match="not tested on the same reviews"):
        analyse(replace(record, trials=(*rest, replace(first, predictions=other))))


def test_nothing_finished_is_still_an_analysis():
    record = make_record(["lstm"], (7, 8), failed=[("lstm", 7), ("lstm", 8)])
    analysis = analyse(record)
    assert analysis.architectures == ()
    assert [one.kind for one in analysis.verdicts] == [None]
    assert "no trial of it finished" in analysis.verdicts[0].sentence
    assert analysis.headlines[0].startswith("No trial finished")
    assert (analysis.trials_finished, analysis.trials_planned) == (0, 2)
    assert len(analysis.trials) == 2
    assert analysis.cost.training_share is None


def test_nothing_is_computed_from_a_trial_whose_predictions_are_gone():
    record = make_record(["lstm"])
    first, *rest = record.trials
    analysis = analyse(replace(record, trials=(replace(first, predictions=None), *rest)))
    assert analysis.architectures[0].seeds == (8, 9)
    assert analysis.trials[0].test_accuracy is None
    assert analysis.trials[0].status == "finished"
    assert any("predictions are not in the store" in caveat.text for caveat in analysis.caveats)


def test_a_corpus_of_one_label_has_no_roc_auc():
    record = make_record(["lstm"], reviews=40)
    one_label = tuple(
        replace(trial, predictions=replace(trial.predictions, label=np.ones(40, dtype=np.int8)))
        for trial in record.trials
    )
    analysis = analyse(replace(record, trials=one_label))
    assert analysis.architectures[0].roc_auc is None
    assert analysis.trials[0].test_roc_auc is None


def test_method_entries_all_name_a_source():
    assert all(entry.source and entry.formula for entry in analyse(make_record(["lstm"])).methods)
