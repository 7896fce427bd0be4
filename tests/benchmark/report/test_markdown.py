"""Text of strangers in Markdown and HTML."""

import html
import re
import unicodedata

from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from benchmark.report.markdown import fenced, link
from benchmark.wording import escape, printable

READER = MarkdownIt("commonmark", {"html": True}).enable("table")
READERS = READER, MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])  # GitHub has both
HOSTILE = st.text(st.sampled_from(" ab1.)-+=#*_`~<>&|[]()!\\\n\t\x1b\u202e\u200b'\"{}%"), max_size=30)
ANY = st.one_of(HOSTILE, st.text(st.characters(codec=None), max_size=30))


def visible(page):
    return html.unescape(re.sub(r"<[^>]+>", "", page)).strip()


@given(ANY)
def test_a_text_is_shown_as_it_is_in_a_paragraph_and_a_table(text):
    for reader in READERS:
        paragraph = reader.render(str(escape(text)))
        assert visible(paragraph) == printable(text)
        assert re.findall(r"</?(\w+)", paragraph) in (["p", "p"], [])
    cells = re.findall(r"<td>(.*?)</td>", READER.render(f"| a | b |\n| --- | --- |\n| {escape(text)} | end |\n"))
    assert [html.unescape(cell) for cell in cells] == [printable(text), "end"]


@given(ANY)
def test_nothing_unprintable_is_left(text):
    for character in printable(text):
        unassigned = unicodedata.category(character) == "Cn"
        assert character.isprintable() or character == " " or unassigned or ord(character) >= 0x2070


def test_only_addresses_of_the_web_and_of_mlflow_are_links():
    assert link("here", "https://example.org/#/runs/1?a=b") == "[here](https://example.org/#/runs/1?a=b)"
    assert link("here", "#/experiments/1/runs/2") == "[here](#/experiments/1/runs/2)"
    for url in ("javascript:alert(1)", "mlflow ui", "https://a) [b](c", ""):
        assert link("here", url) == "here"


def test_a_command_cannot_leave_its_block():
    text = "python -m benchmark run --data '```'\n\x1b[31mred"
    page = READER.render(str(fenced(text)))
    assert page.count("<pre>") == 1
    assert "\x1b" not in page
    assert "&lt;" not in visible(page)
    assert "```" in visible(page)
