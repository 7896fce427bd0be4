"""What a benchmark will do, as one immutable value."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median, stdev
from typing import TypeVar

from pydantic import AwareDatetime

from benchmark.config import LOOKS, BenchmarkConfig, Choice, Settings, TrialConfig
from benchmark.corpus.facts import CorpusFacts
from benchmark.results import Environment, PlannedTrial
from benchmark.training.fingerprint import fingerprint, plan_trial
from models.registry import Architecture

Seed = TypeVar("Seed", int, int | None)
SAME_SETTINGS = ("epochs", "batch_size", "learning_rate", "vocabulary_size", "max_length", "max_reviews")


@dataclass(frozen=True)
class PastTrial:
    """A finished trial of the store, with its model; `machine` is what its seconds depend on."""

    run_id: str
    benchmark_run_id: str
    fingerprint: str
    processor: str
    machine: tuple[str, ...]
    config: TrialConfig
    seconds: float
    accuracy: float


@dataclass(frozen=True)
class Past:
    """The finished trials of the store on this corpus, the newest first; none where there is no store."""

    trials: tuple[PastTrial, ...] = ()

    def of_benchmark(self, run_id: str | None) -> Past:
        """Return only what was trained in one benchmark."""
        return Past(tuple(trial for trial in self.trials if trial.benchmark_run_id == run_id))

    def run_of(self, planned: PlannedTrial, environment: Environment) -> str | None:
        """Return the run of the same trial on the same kind of processor, which need not be trained again."""
        processor = environment.processor(planned.config.kind)
        for trial in self.trials:
            if (trial.fingerprint, trial.processor) == (planned.fingerprint, processor):
                return trial.run_id
        return None

    def typical_seconds(self, plan: Plan) -> dict[str, float]:
        """Return by architecture the median seconds of trials with the plan's settings on this machine."""
        seconds: dict[str, list[float]] = defaultdict(list)
        for trial in self._with_settings_of(plan):
            if plan.environment and trial.machine == plan.environment.machine:
                seconds[trial.config.architecture].append(trial.seconds)
        return {name: median(values) for name, values in seconds.items()}

    def spreads(self, plan: Plan) -> dict[str, float]:
        """Return by architecture the standard deviation of the accuracy over two or more different trials."""
        accuracies: dict[str, dict[str, float]] = defaultdict(dict)
        for trial in self._with_settings_of(plan):
            accuracies[trial.config.architecture][trial.fingerprint] = trial.accuracy
        return {name: stdev(values.values()) for name, values in accuracies.items() if len(values) > 1}

    def _with_settings_of(self, plan: Plan) -> Iterator[PastTrial]:
        settings = {trial.config.architecture: _settings(trial.config) for trial in plan.planned}
        for trial in self.trials:
            if settings.get(trial.config.architecture) == _settings(trial.config):
                yield trial


class Plan(Settings):
    """All that a benchmark is, except its trials' results: stored as ``benchmark.json``.

    Attributes
    ----------
    looks : tuple of int
        Numbers of seeds at which the results were looked at before more were added.
    started_at : datetime or None
        Of an imported benchmark, which trains nothing here.
    """

    config: BenchmarkConfig
    planned: tuple[PlannedTrial, ...]
    corpus: CorpusFacts
    environment: Environment | None = None
    command: str
    looks: tuple[int, ...] = ()
    started_at: AwareDatetime | None = None

    @property
    def to_train(self) -> tuple[PlannedTrial, ...]:
        """The trials that the store does not have."""
        return tuple(trial for trial in self.planned if trial.stored_as is None)

    def seeds_of(self, architecture: str) -> list[int]:
        """Return the planned seeds of an architecture; none of one without randomness."""
        seeds = []
        for trial in self.planned:
            if trial.config.architecture == architecture and trial.config.seed is not None:
                seeds.append(trial.config.seed)
        return seeds

    def extended(self, added: Mapping[str, Sequence[int]], past: Past) -> Plan:
        """Add seeds of planned architectures, after a look at the results with those that were planned."""
        first = {trial.config.architecture: trial for trial in reversed(self.planned)}
        new = []
        for name, seed in in_turns(added):
            new.append(_with_seed(first[name], seed))
        look = max(len(self.seeds_of(name)) for name in first)
        return self.model_copy(
            update={"planned": self.planned + self._looked_up(new, past), "looks": _with_look(self.looks, look)}
        )

    def looked_up_in(self, past: Past) -> Plan:
        """Mark the trials that the store has."""
        return self.model_copy(update={"planned": self._looked_up(self.planned, past)})

    def _looked_up(self, trials: Sequence[PlannedTrial], past: Past) -> tuple[PlannedTrial, ...]:
        assert self.environment is not None
        return tuple(replace(trial, stored_as=past.run_of(trial, self.environment)) for trial in trials)


def make_plan(
    config: BenchmarkConfig,
    architectures: Sequence[Architecture],
    corpus: CorpusFacts,
    environment: Environment,
    past: Past,
    before: Plan | None = None,
) -> Plan:
    """Plan a benchmark, new or resumed.

    The first seed of every architecture comes first, then every second one: a stop leaves each equally often.

    Parameters
    ----------
    architectures : sequence of Architecture
        Those of ``config.architectures``, in the same order.
    past : Past
        Trials that are not trained again.
    before : Plan or None
        Of the resumed benchmark; all its trials stay planned.
    """
    seeds: dict[str, list[int | None]] = {}
    described = {}
    for choice, architecture in zip(config.architectures, architectures, strict=True):
        described[architecture.name] = architecture
        seeds[architecture.name] = [None]
        if not architecture.deterministic:
            seeds[architecture.name] = [*_seeds(config, choice, architecture.name, before)]
    planned = []
    for name, seed in in_turns(seeds):
        trial = trial_config(config, described[name], seed)
        digest = corpus.digest_with(described[name].unlabelled)
        planned.append(plan_trial(trial, described[name], digest, environment))
    plan = Plan(
        config=config,
        planned=tuple(planned),
        corpus=corpus,
        environment=environment,
        command=config.command_line(),
        looks=before.looks if before else (),
    )
    plan = plan.looked_up_in(past)
    seeds_were_added = before is not None and len(config.seeds) > len(before.config.seeds)
    if before and seeds_were_added and len(plan.to_train) < len(planned):
        plan = plan.model_copy(update={"looks": _with_look(plan.looks, len(before.config.seeds))})
    return plan


def trial_config(config: BenchmarkConfig, architecture: Architecture, seed: int | None) -> TrialConfig:
    """Combine the benchmark's settings with the architecture's own."""
    training: dict[str, float | None] = {"epochs": None, "batch_size": None, "learning_rate": None}
    if architecture.kind == "network":
        training = {
            "epochs": config.epochs or architecture.epochs,
            "batch_size": config.batch_size or architecture.batch_size,
            "learning_rate": architecture.learning_rate,
        }
    return TrialConfig(
        architecture=architecture.name,
        title=architecture.title,
        kind=architecture.kind,
        spec=architecture.spec,
        seed=seed,
        vocabulary_size=config.vocabulary_size,
        max_length=config.max_length,
        max_reviews=config.max_reviews,
        device=config.device,
        **training,
    )


def seeds_to_look(seeds: Sequence[int], look: int) -> list[int]:
    """Return the numbers after the largest seed that make them so many."""
    first = max(seeds) + 1
    return list(range(first, first + look - len(seeds)))


def in_turns(seeds: Mapping[str, Sequence[Seed]]) -> Iterator[tuple[str, Seed]]:
    """Yield the first seed of every architecture, then every second one, and so on."""
    for turn in range(max(map(len, seeds.values()), default=0)):
        for name, own in seeds.items():
            if turn < len(own):
                yield name, own[turn]


def _seeds(config: BenchmarkConfig, choice: Choice, name: str, before: Plan | None) -> list[int]:
    earlier = before.seeds_of(name) if before else []
    seeds = list(dict.fromkeys((*earlier, *(choice.seeds or config.seeds))))
    if config.until_decided:
        seeds += seeds_to_look(seeds, LOOKS[0])
    return seeds


def _with_seed(trial: PlannedTrial, seed: int) -> PlannedTrial:
    parts = {**trial.fingerprint_parts, "seed": seed}
    return PlannedTrial(trial.config.model_copy(update={"seed": seed}), parts, fingerprint(parts))


def _with_look(looks: tuple[int, ...], look: int) -> tuple[int, ...]:
    return looks if look in looks else (*looks, look)


def _settings(trial: TrialConfig) -> tuple[object, ...]:
    return tuple(getattr(trial, name) for name in SAME_SETTINGS)
