"""Where the numbers come from: machine, versions, corpus, command; and what differs between trials."""

from __future__ import annotations

from benchmark.analysis.evidence import Evidence
from benchmark.analysis.parts import Provenance


def provenance(evidence: Evidence) -> Provenance:
    """Facts of the benchmark, and the facts of the environment that are not the same for all its trials."""
    record, corpus = evidence.record, evidence.record.corpus
    trials = evidence.trials
    return Provenance(
        run_id=record.run_id,
        experiment_id=record.experiment_id,
        benchmark_name=record.name,
        benchmark_status=record.status,
        started_at=record.started_at,
        command=record.command,
        tracking_uri=record.tracking_uri,
        corpus_kind=corpus.kind,
        corpus_source=corpus.source,
        corpus_digest=corpus.digest,
        corpus_train_reviews=corpus.train_reviews,
        corpus_test_reviews=corpus.test_reviews,
        vocabulary_words=corpus.vocabulary_words,
        environment=record.environment or (trials[0].result.environment if trials else None),
        environments_differ=differing_facts([trial.result.environment.model_dump() for trial in trials]),
        executions=record.executions,
    )


def differing_facts(environments: list[dict[str, object]]) -> tuple[str, ...]:
    """Names of the facts that are not equal in all environments; of versions, which package's."""
    differing = []
    for name in environments[0] if environments else ():
        values = [environment[name] for environment in environments]
        if all(value == values[0] for value in values):
            continue
        if name == "versions":
            packages = sorted({package for versions in values if isinstance(versions, dict) for package in versions})
            differing += [
                f"version of {package}"
                for package in packages
                if len({versions.get(package) for versions in values if isinstance(versions, dict)}) > 1
            ]
        else:
            differing.append(name.replace("_", " "))
    return tuple(differing)
