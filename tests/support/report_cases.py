"""Benchmarks of every shape that a report must cope with."""

from __future__ import annotations

from functools import cache

from benchmark.analysis.analyse import analyse
from benchmark.analysis.analysis_types import Analysis
from benchmark.report.compose import compose
from benchmark.report.document import Document
from benchmark.results import BenchmarkRecord
from tests.support.records import ACCURACIES, make_record

GENERATED_AT = "2026-01-02T05:06:07+00:00"

CASES: dict[str, dict] = {
    "whole": {"accuracies": {("lstm", 8): 0.7844}, "reviews": 300},
    "one seed": {"seeds": [7]},
    "one architecture": {"architectures": ["lstm"]},
    "one trial, one epoch": {"architectures": ["lstm"], "seeds": [0], "epochs": 1, "texts": False},
    "nothing finished": {"seeds": [7], "failed": [(name, 7) for name in ACCURACIES]},
    "some failed": {"failed": [("lstm", 7), ("cnn_lstm", 8), ("cnn_lstm", 9)]},
    "generated": {"corpus_kind": "generated"},
    "custom": {"corpus_kind": "custom"},
    "limited": {"limit": 50},
    "many trials": {"seeds": range(14)},
}


@cache
def case_record(name: str) -> BenchmarkRecord:
    return make_record(**{"reviews": 120, **CASES[name]})


@cache
def case_analysis(name: str) -> Analysis:
    return analyse(case_record(name))


@cache
def case_document(name: str) -> Document:
    return compose(case_analysis(name), GENERATED_AT)
