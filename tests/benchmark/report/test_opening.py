import pytest

from tests.support.report_cases import CASES, case_analysis, case_document

opened = case_document


def test_a_whole_benchmark_on_imdb_opens_with_the_answer_and_no_banner():
    document = opened("whole")
    assert document.banners == ()
    assert "88.89%" in document.headlines[0]
    assert document.hero is not None
    assert document.hero.name == "accuracy"


@pytest.mark.parametrize(
    ("case", "title"),
    [
        ("generated", "Generated reviews: no verdict"),
        ("custom", "Not the IMDB corpus: no verdict"),
        ("limited", "Not the whole corpus: no verdict"),
    ],
)
def test_another_corpus_is_said_on_top_and_gets_no_verdict(case, title):
    document = opened(case)
    assert document.banners[0].title == title
    assert {answer.label for answer in document.answers} == {"no verdict"}
    assert "88.89%" not in document.title


def test_missing_trials_are_said_on_top_with_their_number():
    banner = opened("some failed").banners[0]
    assert banner.title == "9 of 12 trials"
    assert "3 failed" in banner.text
    assert "finished trials alone" in banner.text


def test_with_no_trial_finished_there_are_no_figures_and_it_says_so():
    document = opened("nothing finished")
    assert document.banners[0].title == "0 of 4 trials"
    assert document.figures == ()
    assert {answer.accuracy for answer in document.answers} == {"no result"}


@pytest.mark.parametrize("case", CASES)
def test_every_planned_architecture_gets_an_answer_and_every_section_has_something(case):
    document = opened(case)
    assert len(document.answers) == len(case_analysis(case).settings["architectures"])
    assert all(section.blocks for section in document.sections)


def test_the_papers_figure_is_called_a_reference_and_not_something_to_replicate():
    paper = next(section for section in opened("whole").sections if section.name == "paper")
    assert "linear" in paper.blocks[0].text
    assert "unlabelled" in paper.blocks[0].text
    assert "not something that an LSTM replicates" in paper.blocks[0].text


def test_one_seed_is_unknown_and_not_certain():
    results = next(section for section in opened("one seed").sections if section.name == "results")
    assert [row[4].text for row in results.blocks[0].table.rows] == ["unknown (one seed)"] * 4


def test_many_trials_are_cut_to_those_that_need_a_look():
    sections = {section.name: section for section in opened("many trials").sections}
    trials = sections["trials"].blocks[0]
    shown = len(trials.table.rows) if hasattr(trials, "table") else 0
    assert shown < 10
    text = trials.table.note if shown else trials.text
    assert "trials.csv" in text
    assert [block.kind for block in sections["control"].blocks] == ["paragraph", "paragraph"]
