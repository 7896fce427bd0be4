"""What limits this very comparison: each caveat looks at the facts and speaks only where it applies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from benchmark import numbers as n
from benchmark.analysis.evidence import Evidence
from benchmark.analysis.execution import execution_words
from benchmark.analysis.parts import Caveat
from benchmark.comparison.comparison_types import ArchitectureComparison

FEW_SEEDS = 5
SETTINGS_OF_AN_EPOCH = ("batch_size", "vocabulary_size", "review_length", "limit")


def collect_caveats(
    baseline: Evidence, candidate: Evidence, architectures: Sequence[ArchitectureComparison], same_reviews: bool
) -> tuple[Caveat, ...]:
    """All caveats that apply, warnings first."""
    found = [
        *_corpora(baseline, candidate, same_reviews),
        *_trials(baseline, candidate),
        *_seeds(architectures),
        *_cost(baseline, candidate),
        *_unexplained(baseline, candidate, architectures),
    ]
    return tuple(sorted(found, key=lambda caveat: caveat.severity != "warning"))


def _caveat(code: str, text: str, severity: Literal["note", "warning"] = "note") -> Caveat:
    return Caveat(code=code, severity=severity, text=text)


def _corpora(baseline: Evidence, candidate: Evidence, same_reviews: bool) -> Iterator[Caveat]:
    before, now = baseline.record, candidate.record
    if before.corpus.digest != now.corpus.digest:
        text = (
            "The two benchmarks ran on different corpora, so a difference in accuracy may be one between the corpora, "
            "not between what was trained."
        )
        yield _caveat("different-corpora", text, "warning")
    elif not same_reviews:
        text = "The two benchmarks were tested on different parts of the corpus; the intervals count both as samples."
        yield _caveat("different-reviews", text, "warning")
    if "generated" in (before.corpus.kind, now.corpus.kind):
        text = "Generated reviews are made from a grammar: accuracies on them say nothing about film reviews."
        yield _caveat("generated-corpus", text, "warning")


def _trials(baseline: Evidence, candidate: Evidence) -> Iterator[Caveat]:
    for side, evidence in (("baseline", baseline), ("candidate", candidate)):
        planned = len(evidence.record.config.architectures) * len(evidence.record.config.seeds)
        if len(evidence.trials) < planned:
            finished = len(evidence.trials)
            text = f"Of the {side}, {finished} of {planned} trials finished; nothing is computed from the others."
            yield _caveat(f"{side}-incomplete", text, "warning")


def _seeds(architectures: Sequence[ArchitectureComparison]) -> Iterator[Caveat]:
    unpaired = [one.title for one in architectures if one.pairing != "seeds and reviews"]
    if unpaired:
        text = f"{n.listing(unpaired)}: not compared seed by seed, so the intervals are wider than they could be."
        yield _caveat("not-paired", text)
    fewest = min(min(one.accuracy.baseline.n, one.accuracy.candidate.n) for one in architectures)
    if fewest == 1:
        text = (
            "With one seed on a side, how much results differ between seeds is unknown: an interval of accuracies is "
            "then one of two trained models, and time and memory have none."
        )
        yield _caveat("one-seed", text, "warning")
    elif fewest < FEW_SEEDS:
        text = f"{fewest} seeds are few: intervals are wide, and a difference that they do not show may well be there."
        yield _caveat("few-seeds", text)
    for one in architectures:
        wild = [row.seed for row in one.seeds if row.is_outlier]
        if wild:
            text = (
                f"{one.title}, far from the median of the same side: {n.seed_names(wild)}. Means and intervals hang on "
                "such a seed; look at the seeds one by one."
            )
            yield _caveat("outlier", text, "warning")


def _cost(baseline: Evidence, candidate: Evidence) -> Iterator[Caveat]:
    machines = [_machines(evidence) for evidence in (baseline, candidate)]
    if machines[0] != machines[1]:
        text = f"Time and memory compare machines too: {n.listing(machines[0])} before, {n.listing(machines[1])} now."
        yield _caveat("different-machines", text)
    ways = [side.record.executions for side in (baseline, candidate)]
    if ways[0] != ways[1] and any(execution.side_by_side for execution in (*ways[0], *ways[1])):
        before, now = ("; ".join(map(execution_words, way)) or "not recorded" for way in ways)
        text = f"Trials ran side by side and not alike ({before} before, {now} now); time and memory compare that too."
        yield _caveat("run-otherwise", text, "warning")
    changed = [
        name.replace("_", " ")
        for name in SETTINGS_OF_AN_EPOCH
        if getattr(baseline.record.config, name) != getattr(candidate.record.config, name)
    ]
    if changed or baseline.record.corpus.train_reviews != candidate.record.corpus.train_reviews:
        text = f"An epoch is not the same work on both sides ({n.listing(changed) or 'another corpus'})."
        yield _caveat("different-work", text, "warning")


def _unexplained(
    baseline: Evidence, candidate: Evidence, architectures: Sequence[ArchitectureComparison]
) -> Iterator[Caveat]:
    """Equal fingerprints promise equal weights on one kind of machine."""
    for one in architectures:
        before, now = baseline.scored[one.architecture], candidate.scored[one.architecture]
        seeds = [
            seed
            for seed in before
            if seed in now
            and before[seed].result.fingerprint == now[seed].result.fingerprint
            and before[seed].result.weights_sha256 != now[seed].result.weights_sha256
        ]
        if seeds:
            text = (
                f"{one.title}: the fingerprints of {n.seed_names(seeds)} are equal on both sides, but the weights "
                "are not. Nothing that is known to decide the result differs; another processor can be the reason."
            )
            yield _caveat("same-fingerprint-other-weights", text, "warning")


def _machines(evidence: Evidence) -> list[str]:
    environments = [trial.result.environment for trial in evidence.trials]
    return sorted({f"{one.device_name} with {n.plural(one.threads, 'thread')}" for one in environments})
