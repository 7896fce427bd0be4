"""Write a comparison: one HTML file, Markdown, JSON, and its charts as pictures."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from benchmark.comparison.comparison_types import Comparison
from benchmark.comparison.compose import compose
from benchmark.report.build import write_document, write_text


@dataclass(frozen=True)
class ComparisonFiles:
    """The files of a comparison, all below `directory`."""

    directory: Path
    html: Path
    markdown: Path
    json: Path


def build_comparison(comparison: Comparison, directory: Path, generated_at: str) -> ComparisonFiles:
    """Write a comparison; the same one gives the same bytes, but for `generated_at`.

    Parameters
    ----------
    directory : Path
        Made where it is missing; files of an older comparison in it are replaced.
    generated_at : str
        The time stamp that it bears.
    """
    write_document(compose(comparison, generated_at), directory, "comparison")
    files = ComparisonFiles(
        directory, directory / "comparison.html", directory / "comparison.md", directory / "comparison.json"
    )
    facts = comparison.model_dump(mode="json") | {"generated_at": generated_at}
    write_text(files.json, json.dumps(facts, indent=1, ensure_ascii=False, allow_nan=False) + "\n")
    return files
