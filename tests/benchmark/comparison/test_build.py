import html
import json
import re

import pytest

from benchmark.comparison import Comparison, Thresholds, compare
from benchmark.comparison.build import build_comparison
from benchmark.comparison.compose import compose
from benchmark.report.document import TableBlock
from tests.support.changed_records import slower, worse
from tests.support.records import make_record

WHEN = "2026-01-02T03:04:05+00:00"
BASE = make_record(("lstm", "cnn_lstm"))
WORSE = compare(BASE, worse(BASE, 3), Thresholds())


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return build_comparison(WORSE, tmp_path_factory.mktemp("comparison"), WHEN)


def _tables(comparison):
    blocks = [block for section in compose(comparison, WHEN).sections for block in section.blocks]
    return {block.table.name: block.table for block in blocks if isinstance(block, TableBlock)}


def _page(files):
    return html.unescape(files.html.read_text(encoding="utf-8"))


def test_the_page_needs_nothing_but_itself(files):
    page = re.sub(r"<script.*?</script>", "<script>", _page(files), flags=re.DOTALL)
    assert not re.search(r"<(?:script|link|img|iframe)[^>]+(?:src|href)=", page)
    assert "default-src 'none'" in page
    assert files.html.stat().st_size < 3_000_000


def test_html_and_markdown_say_every_cell_of_every_table(files):
    page = _page(files)
    markdown = re.sub(r"\\(.)", r"\1", html.unescape(files.markdown.read_text(encoding="utf-8")))
    for table in _tables(WORSE).values():
        for row in table.rows:
            for cell in row:
                assert cell.text in page
                assert cell.text in markdown


def test_the_regression_and_its_architecture_are_in_the_answer(files):
    page = _page(files)
    assert WORSE.headline in page
    assert WORSE.regressions[0].sentence in page
    (labels,) = [{one.title: one.label for one in compose(WORSE, WHEN).answers}]
    assert labels == {"LSTM": "same weights", "Conv1D + LSTM": "regression"}


def test_the_json_is_the_comparison_with_its_time_stamp(files):
    facts = json.loads(files.json.read_text(encoding="utf-8"))
    assert facts.pop("generated_at") == WHEN
    assert Comparison.model_validate(facts) == WORSE


def test_the_charts_lie_beside_it(files):
    charts = {path.name for path in (files.directory / "charts").iterdir()}
    assert charts == {"changes.svg", "changes.png", "epochs.svg", "epochs.png"}
    assert "charts/changes.png" in files.markdown.read_text(encoding="utf-8")


def test_the_same_comparison_gives_the_same_bytes(files, tmp_path):
    again = build_comparison(WORSE, tmp_path, WHEN)
    for path in files.directory.rglob("*.*"):
        if path.is_file():
            assert path.read_bytes() == (again.directory / path.relative_to(files.directory)).read_bytes(), path.name


def test_a_comparison_without_any_difference_says_so():
    same = compose(compare(BASE, BASE, Thresholds()), WHEN)
    assert "Settings, corpus, environment and source of the architectures are the same." in str(same.sections)
    assert {one.label for one in same.answers} == {"same weights"}


def test_the_command_to_compare_again_has_the_thresholds():
    thresholds = Thresholds(max_accuracy_drop_points=2.5, max_slowdown=3, certain_only=True)
    again = str(compose(compare(BASE, slower(BASE, 2), thresholds), WHEN).sections)
    assert f"--baseline {BASE.run_id} --candidate {'c' * 32}" in again
    assert "--max-accuracy-drop-points 2.5 --max-slowdown 3 --certain-only true" in again


def test_with_one_seed_what_is_unknown_is_called_unknown():
    one_seed = make_record(("lstm",), (7,))
    tables = _tables(compare(one_seed, slower(one_seed, 2), Thresholds()))
    assert [cell.text for cell in tables["seconds-per-epoch"].rows[0]][-3:] == ["unknown (one seed)"] * 3


def test_intervals_that_reach_far_do_not_flatten_the_chart():
    one, other = (
        make_record(("lstm",), (7, 8), accuracies={("lstm", 7): low, ("lstm", 8): 0.86}) for low in (0.85, 0.60)
    )
    document = compose(compare(one, other, Thresholds()), WHEN)
    low, high = document.hero.panels[0].chart.to_dict()["layer"][0]["encoding"]["x"]["scale"]["domain"]
    assert high - low < 60


def test_a_method_without_a_source_leaves_no_empty_emphasis(files):
    assert "does not decide.\n" in files.markdown.read_text(encoding="utf-8")
    assert "<cite></cite>" not in files.html.read_text(encoding="utf-8")
