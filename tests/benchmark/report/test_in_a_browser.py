"""The page as a browser lays it out."""

import re
import shutil
import subprocess

import pytest

from benchmark.report import collect_trials, render_reviews, summarize
from tests.support.report_records import complete_record

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
MEASURE = """<script>
  const table = document.querySelector(".scroll");
  const letters = [...document.querySelectorAll(".chart text")].map((text) =>
    parseFloat(getComputedStyle(text).fontSize) * text.getScreenCTM().a);
  parent.postMessage([document.body.scrollWidth, document.documentElement.scrollHeight,
                      table.scrollWidth - table.clientWidth, Math.min(...letters)], "*")
</script>"""
# a window of its own is at least 500 pixels wide
FRAME = (
    '<iframe src="measured.html" width="{width}" height="{height}" style="border: 0"></iframe>'
    "<script>onmessage = (event) => document.title = event.data</script>"
)

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.skipif(BROWSER is None, reason="no Chromium here")]


@pytest.fixture(scope="module")
def pages(folder, tmp_path_factory):
    """The report, and its page with a script that measures it."""
    pages = tmp_path_factory.mktemp("pages")
    shutil.copytree(folder, pages, dirs_exist_ok=True)
    page = (folder / "report.html").read_text(encoding="utf-8")
    page = re.sub(r"<meta http-equiv.*?>", "", page).replace("</body>", f"{MEASURE}</body>")
    (pages / "measured.html").write_text(page, encoding="utf-8")
    return pages


def browse(folder, *options):
    words = "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    words += f" --disable-component-update --disable-sync --hide-scrollbars --user-data-dir={folder / 'profile'}"
    run = subprocess.run([BROWSER, *words.split(), *options], capture_output=True, text=True, timeout=120, check=True)
    return run.stdout


@pytest.mark.parametrize(
    ("width", "height", "screens", "pixels"), [(1280, 800, 9, 11), (500, 844, 10, 10), (390, 844, 12, 9)]
)
def test_it_fits_the_screen_is_not_long_and_its_charts_can_be_read(pages, width, height, screens, pixels):
    frame = pages / "frame.html"
    frame.write_text(FRAME.format(width=width, height=height), encoding="utf-8")
    page = browse(pages, "--virtual-time-budget=3000", "--dump-dom", f"file://{frame}")
    title = re.search(r"<title>(.*?)</title>", page)
    measured_width, measured_height, beyond_the_ladder, smallest_letter = map(float, title[1].split(","))
    assert measured_width <= width
    assert beyond_the_ladder == 0  # nothing is reached by a scroll only
    assert measured_height <= screens * height
    assert smallest_letter >= pixels


@pytest.fixture(scope="module")
def pdf(pages):
    browse(pages, f"--print-to-pdf={pages / 'report.pdf'}", f"file://{pages / 'report.html'}")
    return pages / "report.pdf"


def test_it_prints_on_eight_pages(pdf):
    assert 1 <= len(re.findall(rb"/Type\s*/Page\b", pdf.read_bytes())) <= 8


@pytest.mark.skipif(not shutil.which("pdftotext"), reason="no pdftotext here")
def test_what_is_folded_is_printed_open(pdf):
    text = subprocess.run(["pdftotext", pdf, "-"], capture_output=True, text=True, check=True).stdout
    assert all(words in " ".join(text.split()) for words in ("The training split is fixed", "Planned questions"))


def test_every_review_is_listed_the_hardest_first(tmp_path):
    record = complete_record()
    architectures = collect_trials(record)
    report = summarize(record, architectures)
    texts = dict.fromkeys(record.trials[0].predictions.review_id.tolist(), "A <b>wonderful</b> film.")
    render_reviews(report, architectures, texts, tmp_path)
    page = browse(tmp_path, "--virtual-time-budget=5000", "--dump-dom", f"file://{tmp_path / 'reviews.html'}")
    first = re.search(r'<div class="tabulator-row .*?</div></div></div></div>', page)[0]
    assert "A &lt;b&gt;wonderful&lt;/b&gt; film." in first
    assert re.search(r">0<", first)  # no trial is right
    assert page.count('class="tabulator-row ') < 100  # only what is visible is drawn
