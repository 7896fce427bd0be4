"""What a benchmark will do, as one immutable value."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import itemgetter
from statistics import median, stdev

from pydantic import ConfigDict

from benchmark.config import LOOKS, BenchmarkConfig, Choice, Settings, TrialConfig
from benchmark.corpus.facts import CorpusFacts
from benchmark.results import Environment, PlannedTrial
from benchmark.training.fingerprint import fingerprint, plan_trial
from models.registry import Architecture

TRAINING = {"epochs", "batch_size", "learning_rate"}
SAME_SETTINGS = {"architecture", "vocabulary_size", "max_length", "max_reviews", *TRAINING}


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

    def look_up(self, trials: Iterable[PlannedTrial], environment: Environment) -> tuple[PlannedTrial, ...]:
        """Mark what need not be trained again: the store has the same trial on the same kind of processor."""
        run_ids: dict[tuple[str, str], str] = {}
        for past_trial in self.trials:
            run_ids.setdefault((past_trial.fingerprint, past_trial.processor), past_trial.run_id)
        marked = []
        for trial in trials:
            key = trial.fingerprint, environment.processor(trial.config.kind)
            marked.append(replace(trial, stored_as=run_ids.get(key)))
        return tuple(marked)

    def typical_seconds(self, plan: Plan) -> dict[str, float]:
        """Return by architecture the median seconds of trials with the plan's settings on this machine."""
        seconds: dict[str, list[float]] = defaultdict(list)
        for trial in self._with_settings_of(plan):
            if trial.machine == plan.environment.machine:
                seconds[trial.config.architecture].append(trial.seconds)
        return {name: median(values) for name, values in seconds.items()}

    def spreads(self, plan: Plan) -> dict[str, float]:
        """Return by architecture the standard deviation of the accuracy over two or more different trials."""
        accuracies: dict[str, dict[str, float]] = defaultdict(dict)
        for trial in self._with_settings_of(plan):
            accuracies[trial.config.architecture][trial.fingerprint] = trial.accuracy
        return {name: stdev(values.values()) for name, values in accuracies.items() if len(values) > 1}

    def _with_settings_of(self, plan: Plan) -> Iterator[PastTrial]:
        settings = [trial.config.model_dump(include=SAME_SETTINGS) for trial in plan.planned]
        for trial in self.trials:
            if trial.config.model_dump(include=SAME_SETTINGS) in settings:
                yield trial


class Plan(Settings):
    """All that a benchmark is, except its trials' results: stored as ``benchmark.json``.

    Attributes
    ----------
    looks : tuple of int
        Numbers of seeds at which the results were looked at before more were added.
    """

    model_config = ConfigDict(extra="ignore")  # earlier versions stored more

    config: BenchmarkConfig
    planned: tuple[PlannedTrial, ...]
    corpus: CorpusFacts
    environment: Environment
    command: str
    looks: tuple[int, ...] = ()

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
        trials = []
        for name, seeds in added.items():
            trials.append([_with_seed(first[name], seed) for seed in seeds])
        planned = self.planned + past.look_up(in_turns(trials), self.environment)
        most_seeds = max(len(self.seeds_of(name)) for name in first)
        return self.model_copy(update={"planned": planned}).looked_at(most_seeds)

    def looked_at(self, seeds: int) -> Plan:
        """Record that the results were looked at with so many seeds."""
        looks = dict.fromkeys((*self.looks, seeds))
        return self.model_copy(update={"looks": tuple(looks)})


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
    trials = []
    for choice, architecture in zip(config.architectures, architectures, strict=True):
        digest = corpus.digest_with(architecture.unlabelled)
        own = []
        for seed in _seeds(config, choice, architecture, before):
            trial = trial_config(config, architecture, seed)
            own.append(plan_trial(trial, architecture, digest, environment))
        trials.append(own)
    plan = Plan(
        config=config,
        planned=past.look_up(in_turns(trials), environment),
        corpus=corpus,
        environment=environment,
        command=config.command_line(),
        looks=before.looks if before else (),
    )
    if before is not None and plan.to_train != plan.planned:
        grown = []
        for architecture in architectures:
            seeds = len(before.seeds_of(architecture.name))
            if 0 < seeds < len(plan.seeds_of(architecture.name)):
                grown.append(seeds)
        if grown:
            return plan.looked_at(max(grown))
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


def in_turns(trials: Iterable[Sequence[PlannedTrial]]) -> list[PlannedTrial]:
    """Return the first trial of every architecture, then every second one, and so on."""
    turns: list[tuple[int, PlannedTrial]] = []
    for own in trials:
        turns += enumerate(own)
    return [trial for _, trial in sorted(turns, key=itemgetter(0))]


def _seeds(
    config: BenchmarkConfig, choice: Choice, architecture: Architecture, before: Plan | None
) -> Sequence[int | None]:
    if architecture.deterministic:
        return [None]
    earlier = before.seeds_of(architecture.name) if before else []
    seeds = list(dict.fromkeys((*earlier, *(choice.seeds or config.seeds))))
    if config.until_decided:
        seeds += seeds_to_look(seeds, LOOKS[0])
    return seeds


def _with_seed(trial: PlannedTrial, seed: int) -> PlannedTrial:
    parts = {**trial.fingerprint_parts, "seed": seed}
    return PlannedTrial(trial.config.model_copy(update={"seed": seed}), parts, fingerprint(parts))
