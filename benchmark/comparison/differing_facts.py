"""What is not the same in two benchmarks' settings, corpora, environments and architectures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from benchmark import numbers as n
from benchmark.comparison.comparison_types import Difference, DifferenceGroup
from benchmark.results import BenchmarkRecord, TrialResult

ABSENT = "none"
DIGITS = 12  # of a hash: enough to see that two differ


def differing_facts(baseline: BenchmarkRecord, candidate: BenchmarkRecord) -> tuple[Difference, ...]:
    """List every fact that differs, with both values."""
    facts: Sequence[tuple[DifferenceGroup, Callable[[BenchmarkRecord], dict[str, str]]]] = (
        ("settings", _settings),
        ("corpus", _corpus),
        ("environment", _environment),
        ("architecture", _sources),
    )
    return tuple(
        difference
        for group, gather in facts
        for difference in _differences(group, gather(baseline), gather(candidate))
        if group != "architecture" or ABSENT not in (difference.baseline, difference.candidate)
    )


def _differences(
    group: DifferenceGroup, baseline: Mapping[str, str], candidate: Mapping[str, str]
) -> Iterable[Difference]:
    for name in [*baseline, *(name for name in candidate if name not in baseline)]:
        before, now = baseline.get(name, ABSENT), candidate.get(name, ABSENT)
        if before != now:
            yield Difference(group=group, name=name, baseline=before, candidate=now)


def _settings(record: BenchmarkRecord) -> dict[str, str]:
    return {name.replace("_", " "): _text(value) for name, value in record.config.model_dump().items()}


def _corpus(record: BenchmarkRecord) -> dict[str, str]:
    facts = record.corpus.model_dump() | {"digest": record.corpus.digest[:DIGITS]}
    return {name.replace("_", " "): _text(value) for name, value in facts.items()}


def _environment(record: BenchmarkRecord) -> dict[str, str]:
    """Each fact over all finished trials: a benchmark that was resumed elsewhere has more than one value."""

    def facts(result: TrialResult) -> dict[str, Any]:
        environment = result.environment.model_dump()
        versions, variables = environment.pop("versions"), environment.pop("numeric_variables")
        return environment | variables | {f"{package} version": version for package, version in versions.items()}

    return _joined(facts(result) for result in _results(record))


def _sources(record: BenchmarkRecord) -> dict[str, str]:
    return _joined(
        {f"source of {result.config.architecture}": str(result.fingerprint_parts.get("architecture source"))[:DIGITS]}
        for result in _results(record)
    )


def _results(record: BenchmarkRecord) -> list[TrialResult]:
    return [trial.result for trial in record.finished if trial.result is not None]


def _joined(facts: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Every value that a fact has, in the order of appearance."""
    values: dict[str, list[str]] = {}
    for one in facts:
        for name, value in one.items():
            known = values.setdefault(name.replace("_", " "), [])
            text = _text(value)
            if text not in known:
                known.append(text)
    return {name: n.listing(known) for name, known in values.items()}


def _text(value: Any) -> str:
    if value is None:
        return ABSENT
    if isinstance(value, tuple | list):
        return ", ".join(map(str, value))
    return str(value)
