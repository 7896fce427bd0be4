import re
from dataclasses import replace

import pytest

from benchmark.analysis.analyse import analyse
from benchmark.report.compose import compose
from benchmark.report.markdown import _text, render_markdown
from benchmark.results import HardReview
from tests.support.records import make_record
from tests.support.report_cases import CASES, GENERATED_AT, case_document


def markdown(case):
    return render_markdown(case_document(case))


@pytest.mark.parametrize("case", CASES)
def test_every_row_of_a_table_has_as_many_cells_as_its_head(case):
    tables = re.findall(r"(?:^\|.*\n)+", markdown(case), re.MULTILINE)
    assert len(tables) >= 4
    for table in tables:
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}) == 1
        assert re.fullmatch(r"\|( -+:? \|)+", table.splitlines()[1])


def test_the_folder_of_a_sqlite_store_is_said_to_be_left_out_and_no_place_is_made_up():
    (line,) = re.findall(r"^\| Tracking store \|.*$", markdown("whole"), re.MULTILINE)
    assert line == "| Tracking store | the SQLite file mlflow.db (its folder is left out) |"


def test_pictures_are_the_files_beside_it():
    pictures = re.findall(r"\]\((charts/[a-z-]+\.png)\)", markdown("whole"))
    assert pictures == [f"charts/{figure.name}.png" for figure in case_document("whole").figures]


def test_a_banner_stands_above_everything_else():
    lines = markdown("generated").splitlines()
    assert lines[4] == "> **Generated reviews: no verdict.** " + lines[4].split("** ", 1)[1]


def test_the_text_of_a_review_cannot_become_markup():
    hostile = "# big\n- item\n1. first\n<script>alert(1)</script> *a* _b_ `c` [d](e) | f & g\\"
    record = make_record(["lstm"], reviews=120)
    hard = analyse(record).hard_reviews[0]
    record = replace(record, hard_reviews=(HardReview(hard.review_id, hostile),))
    text = render_markdown(compose(analyse(record), GENERATED_AT))
    assert (
        "> \\# big\n> \\- item\n> 1\\. first\n"
        "> \\<script\\>alert(1)\\</script\\> \\*a\\* \\_b\\_ \\`c\\` \\[d\\](e) \\| f &amp; g\\\\" in text
    )


def test_web_addresses_stay_whole():
    assert "https://aclanthology.org/P11-1015/" in markdown("whole")


@pytest.mark.parametrize(
    ("text", "written"),
    [("84.25% on average", "84.25% on average"), ("12. A list?", r"12\. A list?"), ("- A list?", r"\- A list?")],
)
def test_a_figure_at_the_start_of_a_line_stays_and_a_list_is_none(text, written):
    assert _text(text) == written


def test_where_an_epoch_is_one_step_which_is_timed_apart_the_speed_is_unknown_and_not_nothing():
    record = make_record(("lstm",), (7,), reviews=60)
    (trial,) = record.trials
    untimed = [
        epoch.model_copy(update={"train_seconds": 0.0, "reviews_per_second": 0.0}) for epoch in trial.result.epochs
    ]
    trial = replace(trial, result=trial.result.model_copy(update={"epochs": tuple(untimed)}))
    page = render_markdown(compose(analyse(replace(record, trials=(trial,))), GENERATED_AT))
    cells = []
    for head, row in re.findall(r"^(\|.*[Ss]econds per epoch.*\|)\n\|.*\n(.*)$", page, re.MULTILINE):
        cells += [
            cell.strip()
            for heading, cell in zip(head.split("|"), row.split("|"), strict=True)
            if re.search("seconds per epoch|reviews per second", heading, re.IGNORECASE)
        ]
    assert cells == ["unknown"] * 5
