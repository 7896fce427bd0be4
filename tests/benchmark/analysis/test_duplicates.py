"""An architecture with the weights of another is one result, so one hypothesis; the A/A control is none."""

from dataclasses import replace

import pytest

from benchmark.analysis.analyse import analyse
from benchmark.analysis.duplicates import find_duplicates
from benchmark.analysis.evidence import gather_evidence
from benchmark.statistics.paired import holm
from tests.support.records import make_record

ORDER = ("lstm", "lstm_dropout", "cnn_lstm", "cnn_lstm_tensorboard")


def changed_control(record, seed=9):
    """The same benchmark, with other weights for one seed of one architecture of the control."""
    trials = tuple(
        replace(trial, result=trial.result.model_copy(update={"weights_sha256": "e" * 64}))
        if (trial.config.architecture, trial.config.seed) == ("cnn_lstm_tensorboard", seed)
        else trial
        for trial in record.trials
    )
    return replace(record, trials=trials)


@pytest.fixture(scope="module")
def record():
    return make_record(ORDER, reviews=1000)


@pytest.fixture(scope="module")
def analysis(record):
    return analyse(record)


@pytest.fixture(scope="module")
def differing(record):
    return analyse(changed_control(record))


def pairs(analysis):
    return {(one.first, one.second): one for one in analysis.pairwise}


def test_the_architecture_that_comes_first_is_the_original(record):
    assert find_duplicates(gather_evidence(record)) == {"cnn_lstm_tensorboard": "cnn_lstm"}
    turned = make_record(tuple(reversed(ORDER)))
    assert find_duplicates(gather_evidence(turned)) == {"cnn_lstm": "cnn_lstm_tensorboard"}


def test_one_seed_with_other_weights_makes_another_result(record):
    assert find_duplicates(gather_evidence(changed_control(record))) == {}


def test_a_missing_seed_makes_another_result():
    record = make_record(ORDER, failed=[("cnn_lstm_tensorboard", 9)])
    assert find_duplicates(gather_evidence(record)) == {}


def test_only_pairs_of_distinct_results_are_tested(analysis):
    tested = [one for one in analysis.pairwise if one.is_tested]
    assert [(one.first, one.second) for one in tested] == [
        ("lstm", "lstm_dropout"),
        ("lstm", "cnn_lstm"),
        ("lstm_dropout", "cnn_lstm"),
    ]
    assert [one.p_value_holm for one in tested] == pytest.approx(holm([one.p_value for one in tested]))


def test_a_pair_that_repeats_another_takes_its_adjusted_p_value(analysis):
    found = pairs(analysis)
    again = found["lstm", "cnn_lstm_tensorboard"]
    assert (again.is_tested, again.repeats) == (False, ("lstm", "cnn_lstm"))
    assert again.p_value_holm == found["lstm", "cnn_lstm"].p_value_holm


def test_a_pair_that_repeats_one_of_the_other_order_finds_it():
    found = pairs(analyse(make_record(("cnn_lstm", "lstm", "cnn_lstm_tensorboard"))))
    assert found["lstm", "cnn_lstm_tensorboard"].repeats == ("cnn_lstm", "lstm")


@pytest.mark.parametrize("which", ["analysis", "differing"])
def test_the_control_is_no_hypothesis_whether_it_holds_or_not(which, request):
    control = pairs(request.getfixturevalue(which))["cnn_lstm", "cnn_lstm_tensorboard"]
    assert (control.is_control, control.is_tested, control.p_value_holm) == (True, False, None)


def test_the_control_is_known_whatever_the_order():
    (only,) = analyse(changed_control(make_record(("cnn_lstm_tensorboard", "cnn_lstm")))).pairwise
    assert (only.is_control, only.is_tested) == (True, False)


def test_where_the_weights_differ_every_pair_but_the_control_is_tested(differing):
    assert sum(one.is_tested for one in differing.pairwise) == 5
    assert all(one.repeats is None for one in differing.pairwise)
    assert "Of 5 pairs of architectures that are tested" in " ".join(differing.headlines)


def test_a_result_is_tested_against_the_paper_once(analysis, differing):
    adjusted = [one.paper.p_value_holm for one in analysis.architectures]
    once = holm([one.paper.p_value for one in analysis.architectures[:3]])
    assert adjusted == pytest.approx([*once, once[-1]])
    every = [one.paper.p_value for one in differing.architectures]
    assert [one.paper.p_value_holm for one in differing.architectures] == pytest.approx(holm(every))


def test_adjusted_p_values_have_ten_digits_like_every_other_number(analysis):
    """The last bits depend on the machine."""
    for one in analysis.architectures:
        assert one.paper.p_value_holm == float(f"{one.paper.p_value_holm:.10g}")
    assert max(len(str(one.paper.p_value_holm).strip("0.")) for one in analysis.architectures) >= 10


def test_the_sentences_say_what_is_counted(analysis):
    told = " ".join(analysis.headlines)
    assert "Of 3 pairs of architectures that are tested, " in told
    assert "cnn_lstm_tensorboard has the weights of cnn_lstm, and is not counted again" in told
    verdict = analysis.verdicts[-1]
    assert "It ends with the weights of cnn_lstm for every seed: the same result, not a second one." in verdict.remarks


def test_the_control_alone_is_not_counted_in_a_sentence():
    told = analyse(make_record(("cnn_lstm", "cnn_lstm_tensorboard"))).headlines
    assert not any("beyond chance" in sentence for sentence in told)


def test_one_pair_is_not_adjusted_in_words():
    told = " ".join(analyse(make_record(("lstm", "cnn_lstm"))).headlines)
    assert "The one pair of architectures that is tested" in told
    assert "Holm" not in told
