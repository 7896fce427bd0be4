"""Set the measured figures into ``docs/performance.md``: no number there is typed by hand.

``python -m scripts.side_by_side.write_tables`` replaces what stands between ``<!-- NAME -->`` and ``<!-- /NAME -->`` by
what the script of that name makes of its JSON, and draws the chart of growth beside the JSON.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path

from scripts.side_by_side import (
    corpus_encoding,
    frameworks,
    growth,
    inference,
    microbenchmarks,
    plain_against_trial,
    tracking_overhead,
    where_time_goes,
)
from scripts.side_by_side.measuring import PROJECT, RESULTS, Script, section

PAGE = PROJECT / "docs" / "performance.md"
SCRIPTS: tuple[Script, ...] = tuple(
    module.SCRIPT
    for module in (
        plain_against_trial,
        frameworks,
        tracking_overhead,
        inference,
        corpus_encoding,
        where_time_goes,
        growth,
        microbenchmarks,
    )
)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m scripts.side_by_side.write_tables", description=__doc__)
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder of the JSON files")
    parser.add_argument("--page", type=Path, default=PAGE, help="the page to write into")
    options = parser.parse_args()
    write_tables(options.results, options.page)


def write_tables(results_directory: Path, page_file: Path) -> None:
    """Fill the page from every JSON file that is there; the others' places stay as they are."""
    page = page_file.read_text("utf-8")
    for script in SCRIPTS:
        file = results_directory / f"{script.name}.json"
        if not file.exists():
            print(f"{script.name}: not measured, left as it is", file=sys.stderr)
            continue
        results = json.loads(file.read_text("utf-8"))
        page = fill(page, script.name, section(script, results))
        if script is growth.SCRIPT:
            growth.chart(results["data"]).save(str(results_directory / "growth.svg"))
    page_file.write_text(page, "utf-8")


def fill(page: str, name: str, content: str) -> str:
    """Replace what stands between a name's two marks.

    Raises
    ------
    ValueError
        If the page has not exactly one such pair.
    """
    marks = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
    filled, pairs = marks.subn(lambda found: f"{found[1]}\n{content}\n\n{found[2]}", page)
    if pairs != 1:
        raise ValueError(f"the page has {pairs} places marked <!-- {name} --> … <!-- /{name} -->, not one")
    return filled


if __name__ == "__main__":
    main()
