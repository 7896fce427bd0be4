"""What a benchmark will do, as one immutable value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import zip_longest

from benchmark.config import LOOKS, BenchmarkConfig, Settings, TrialConfig, split_seeds
from benchmark.corpus.facts import CorpusFacts
from benchmark.errors import UserError
from benchmark.results import Environment, PlannedTrial, with_most_reviews
from benchmark.training.fingerprint import fingerprint, plan_trial
from models.registry import Architecture, control_of


class Plan(Settings):
    """All that a benchmark is, except its trials' results: stored as ``benchmark.json``.

    Attributes
    ----------
    looks : tuple of int
        Numbers of seeds at which the results were looked at before more were added.
    """

    config: BenchmarkConfig
    planned: tuple[PlannedTrial, ...]
    corpus: CorpusFacts
    environment: Environment
    looks: tuple[int, ...] = ()

    @property
    def to_train(self) -> tuple[PlannedTrial, ...]:
        """The trials that the store does not have."""
        return tuple(trial for trial in self.planned if trial.stored_as is None)

    @property
    def architectures(self) -> tuple[str, ...]:
        """The names of the planned architectures."""
        return tuple(dict.fromkeys(trial.config.architecture for trial in self.planned))

    def by_seed(self, architecture: str) -> dict[int, PlannedTrial]:
        """Return the trials of an architecture in the ladder by their seed; none of one without randomness."""
        trials = {}
        for trial in with_most_reviews(self.planned):
            config = trial.config
            if config.architecture == architecture and config.seed is not None:
                trials[config.seed] = trial
        return trials

    def with_stored(self, run_ids: Mapping[str, str], seen: Sequence[Plan] = ()) -> Plan:
        """Mark what is not trained again, and record that the results of these trials were seen.

        From now on ``environment.trials_at_once`` is that of the trials to train, which may be fewer than the workers.

        Parameters
        ----------
        run_ids : mapping of str to str
            By its fingerprint, the run of each trial that the store has.
        seen : sequence of Plan
            Of the benchmarks of these trials whose results were reported.
        """
        planned = tuple(replace(trial, stored_as=run_ids.get(trial.fingerprint)) for trial in self.planned)
        plan = self.model_copy(update={"planned": planned})
        if plan.to_train:
            at_once = min(self.environment.trials_at_once, len(plan.to_train))
            environment = self.environment.model_copy(update={"trials_at_once": at_once})
            plan = plan.model_copy(update={"environment": environment})
        return plan.after_looks_at(seen)

    def extended(self, added: Mapping[str, Sequence[int]]) -> Plan:
        """Add seeds of planned architectures, after a look at the results of those that were planned."""
        trials = []
        for name, seeds in added.items():
            first, *_ = self.by_seed(name).values()
            trials.append([_with_seed(first, seed) for seed in seeds])
        planned = (*self.planned, *in_turns(trials))
        return self.model_copy(update={"planned": planned}).after_looks_at([self])

    def after_looks_at(self, seen: Sequence[Plan]) -> Plan:
        """Record the looks at the results of other plans: with how many of the seeds, where this plan has more."""
        looks = set(self.looks)
        for plan in seen:
            fingerprints = {trial.fingerprint for trial in plan.planned}
            for name in self.architectures:
                seeds = self.by_seed(name).values()
                in_both = sum(trial.fingerprint in fingerprints for trial in seeds)
                looks.update(look for look in (*plan.looks, in_both) if 0 < look < len(seeds))
        return self.model_copy(update={"looks": tuple(sorted(looks))})


def make_plan(
    config: BenchmarkConfig,
    architectures: Sequence[Architecture],
    corpus: CorpusFacts,
    environment: Environment,
    resumed: Plan | None = None,
) -> Plan:
    """Plan a benchmark, new or resumed; all of it is still to be trained.

    Baselines come first, since they take seconds. Then come the first seeds of all networks, then the second ones: a
    stop leaves each equally often. What learns from unlabelled reviews is left out where the corpus lacks some of them.

    Parameters
    ----------
    architectures : sequence of Architecture
        Those of ``config.architectures``, in the same order.
    resumed : Plan or None
        Of the benchmark that is resumed; all its trials stay planned.

    Raises
    ------
    UserError
        If the corpus has fewer training reviews.
    """
    # A limit above all reviews would change fingerprints
    if config.max_reviews and config.max_reviews >= max(corpus.train_reviews, corpus.test_reviews):
        config = config.model_copy(update={"max_reviews": None})

    has_unlabelled = corpus.unlabelled_digest is not None and not (config.max_reviews or config.train_reviews)
    trials = []
    for typed, architecture in zip(config.architectures, architectures, strict=True):
        if architecture.unlabelled and not has_unlabelled:
            continue
        digest = corpus.digest_with(architecture.unlabelled)
        _, own_seeds = split_seeds(typed)
        own = []
        for reviews in _numbers_of_reviews(config, corpus):
            for seed in _seeds(config, own_seeds, architecture, resumed, reviews):
                trial = trial_config(config, architecture, seed, reviews)
                own.append(plan_trial(trial, architecture, digest, environment))
        trials.append(own)
    trials.sort(key=lambda own: own[0].config.kind == "network")
    return Plan(
        config=config,
        planned=tuple(in_turns(trials)),
        corpus=corpus,
        environment=environment,
        looks=resumed.looks if resumed else (),
    )


def trial_config(
    config: BenchmarkConfig, architecture: Architecture, seed: int | None, train_reviews: int | None = None
) -> TrialConfig:
    """Combine the benchmark's settings with the architecture's own."""
    training: dict[str, float | None] = {}
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
        train_reviews=train_reviews,
        device=config.device,
        **training,
    )


def seeds_to_look(seeds: Sequence[int], look: int) -> list[int]:
    """Return the numbers after the largest seed that make them `look`."""
    first = max(seeds) + 1
    return list(range(first, first + look - len(seeds)))


def in_turns(trials: Iterable[Sequence[PlannedTrial]]) -> list[PlannedTrial]:
    """Return the first trial of every architecture, then every second one, and so on."""
    in_order: list[PlannedTrial] = []
    for turn in zip_longest(*trials):
        in_order += filter(None, turn)
    return in_order


def _numbers_of_reviews(config: BenchmarkConfig, corpus: CorpusFacts) -> list[int | None]:
    """Return how many training reviews are drawn, the most first; None: all of them."""
    numbers: list[int | None] = []
    for reviews in reversed(config.train_reviews or ()):
        if reviews > corpus.train_reviews:
            raise UserError(
                f"--train-reviews: {reviews:,} is too large; there are {corpus.train_reviews:,} to train on"
            )
        numbers.append(None if reviews == corpus.train_reviews else reviews)
    return numbers or [None]


def _seeds(
    config: BenchmarkConfig,
    own_seeds: Sequence[int],
    architecture: Architecture,
    resumed: Plan | None,
    reviews: int | None,
) -> Sequence[int | None]:
    if architecture.deterministic and reviews is None:
        return [None]
    kept = resumed.by_seed(architecture.name) if resumed else ()
    is_control = control_of(architecture.name) is not None and not own_seeds
    asked = own_seeds or config.seeds
    if is_control:  # more show nothing more
        asked = asked[:1]
    seeds = list(dict.fromkeys((*kept, *asked)))
    if config.until_decided and not is_control:
        seeds += seeds_to_look(seeds, LOOKS[0])
    return seeds


def _with_seed(trial: PlannedTrial, seed: int) -> PlannedTrial:
    parts = {**trial.fingerprint_parts, "seed": seed}
    return PlannedTrial(trial.config.model_copy(update={"seed": seed}), parts, fingerprint(parts))
