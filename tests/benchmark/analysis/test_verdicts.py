import pytest

from benchmark.analysis.analyse import analyse
from tests.support.records import make_record

SEEDS = (7, 8, 9, 10, 11)


def accuracies(*values, architecture="cnn_lstm"):
    return {(architecture, seed): value for seed, value in zip(SEEDS, values, strict=False)}


def analysed(values, *, reviews=8000, **settings):
    seeds = SEEDS[: len(values)]
    return analyse(make_record(["cnn_lstm"], seeds, accuracies=accuracies(*values), reviews=reviews, **settings))


@pytest.mark.parametrize(
    ("values", "kind", "words"),
    [
        ((0.95, 0.951, 0.949), "above", "cnn_lstm is above the paper's 88.89%: 95.00% on average over 3 seeds"),
        ((0.82, 0.821, 0.819), "below", "cnn_lstm is below the paper's 88.89%: 82.00% on average over 3 seeds"),
        ((0.889, 0.8885, 0.8895), "equivalent", "within the margin of ±1 point that was set in advance"),
        ((0.88, 0.90, 0.87), "undecided", "That is no evidence that they are equal."),
        ((0.95,), "undecided", "how much seeds differ is unknown, so one seed decides nothing"),
    ],
)
def test_each_verdict_is_a_sentence(values, kind, words):
    verdict = analysed(values).verdicts[0]
    assert verdict.kind == kind
    assert words in verdict.sentence


def test_the_margin_is_an_option():
    assert analysed((0.889, 0.8885, 0.8895), equivalence_margin_points=0.1).verdicts[0].kind == "undecided"


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"corpus_kind": "generated"}, "the generated corpus, not on IMDB"),
        ({"corpus_kind": "custom"}, "not known to be the whole of IMDB"),
        ({"limit": 100}, "limited to the first 100 reviews"),
    ],
)
def test_what_is_not_the_whole_of_imdb_gets_no_verdict_and_no_comparison(settings, reason):
    analysis = analysed((0.95, 0.951, 0.949), reviews=400, **settings)
    assert not analysis.comparable_to_paper
    assert reason in analysis.not_comparable_reason
    assert analysis.verdicts[0].kind is None
    assert reason in analysis.headlines[0]
    assert analysis.verdicts[0].sentence == "cnn_lstm: 95.00% on average over 3 seeds."
    summary = analysis.architectures[0]
    assert (summary.paper, summary.tutorial, summary.seeds_needed) == (None, None, None)
    assert analysis.tutorial_curves == ()


def test_a_verdict_that_hangs_on_the_worst_seed_says_so():
    analysis = analysed((0.95, 0.951, 0.70))
    assert analysis.verdicts[0].kind == "undecided"
    assert analysis.architectures[0].paper.verdict_without_worst_seed == "above"
    assert any("One seed decides" in remark for remark in analysis.verdicts[0].remarks)
    assert any(caveat.code == "worst-seed-decides" for caveat in analysis.caveats)


def test_an_outlier_is_named_beside_the_verdict():
    analysis = analysed((0.8735, 0.7844, 0.869))
    assert analysis.architectures[0].outlier_seeds == (8,)
    assert any("Seed 8 lies far from the median of 86.90%" in remark for remark in analysis.verdicts[0].remarks)


def test_missing_seeds_are_named_beside_the_verdict():
    record = make_record(["cnn_lstm"], accuracies=accuracies(0.95, 0.951, 0.949), failed=[("cnn_lstm", 9)])
    verdict = analyse(record).verdicts[0]
    assert "on average over 2 seeds" in verdict.sentence
    assert any("Only 2 of 3 seeds finished" in remark for remark in verdict.remarks)


def test_a_verdict_that_hangs_on_the_papers_own_error_says_so():
    values = (0.8932, 0.8931, 0.8933, 0.8932, 0.8932)
    analysis = analysed(values, reviews=25_000, equivalence_margin_points=0.2)
    paper = analysis.architectures[0].paper
    assert (paper.verdict_exact, paper.verdict) == ("above", "undecided")
    assert any("taken as exact the verdict would be 'above'" in remark for remark in analysis.verdicts[0].remarks)


def test_a_small_real_difference_within_the_margin_is_equivalent_and_said_to_be_real():
    values = (0.8950, 0.8951, 0.8949, 0.8950, 0.8950)
    verdict = analysed(values, reviews=25_000, equivalence_margin_points=2).verdicts[0]
    assert verdict.kind == "equivalent"
    assert "the difference itself is real" in verdict.sentence


def test_the_first_headline_answers_the_question():
    values = accuracies(0.95, 0.951, 0.949) | accuracies(0.82, 0.821, 0.819, architecture="lstm")
    record = make_record(["lstm", "cnn_lstm"], accuracies=values, reviews=8000)
    first, second, *_ = analyse(record).headlines
    assert first == "Against the paper's 88.89% (Maas et al. 2011): cnn_lstm is above; lstm is below."
    assert second.startswith("The highest mean accuracy is 95.00%, by cnn_lstm, over 3 seeds")


def test_a_benchmark_with_failed_trials_says_how_many_finished():
    record = make_record(failed=[("lstm", 7), ("lstm", 8), ("lstm", 9)])
    assert "9 of 12 trials finished; every figure is computed from those alone." in analyse(record).headlines
