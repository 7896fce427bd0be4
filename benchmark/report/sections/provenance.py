"""Where the numbers come from, how to get them again, how they are computed, and what limits them."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import PurePosixPath

from benchmark import numbers as n
from benchmark.analysis.analysis_types import Analysis
from benchmark.analysis.execution import execution_words
from benchmark.report.document import Block, Callouts, Code, Definitions, Paragraph, Section, Subheading, TableBlock
from benchmark.report.sections.trials import run_url
from benchmark.report.table import Cell, Table, make_table


def provenance_section(analysis: Analysis) -> Section:
    """Benchmark, corpus, machine, versions, settings."""
    facts = analysis.provenance
    blocks: list[Block] = [TableBlock(_benchmark(analysis)), TableBlock(_corpus(analysis))]
    if facts.environment is None:
        blocks.append(Paragraph("The machine and its versions are unknown: no trial got far enough to log them."))
    else:
        blocks.append(TableBlock(_machine(analysis)))
    if facts.environments_differ:
        blocks.append(
            Callouts((("warning", f"Not the same for all trials: {n.listing(list(facts.environments_differ))}."),))
        )
    blocks.append(TableBlock(_settings(analysis)))
    return Section("provenance", "Environment and provenance", tuple(blocks))


def rebuild_section(analysis: Analysis) -> Section:
    """Commands that build the report, or train a trial, again."""
    facts = analysis.provenance
    where = "" if facts.tracking_uri.startswith("sqlite:") else f" --tracking-uri {shlex.quote(facts.tracking_uri)}"
    blocks: list[Block] = [
        Paragraph("From the tracking store alone, byte for byte the same but for the time stamp:"),
        Code("Build this report again", (f"python -m benchmark report --run-id {facts.run_id}{where}",)),
    ]
    if facts.command:
        blocks.append(Code("The command that ran this benchmark", (facts.command,)))
    medians = {one.architecture: one.median_seed for one in analysis.architectures}
    again = [trial for trial in analysis.trials if trial.rebuild and medians.get(trial.architecture) == trial.seed]
    if again:
        blocks.append(Subheading("Train a trial again"))
        about = "The trial of median accuracy of each architecture; report.json has the lines for every trial."
        blocks.append(Paragraph(about))
        blocks += [Code(f"{trial.title}, seed {trial.seed}", trial.rebuild) for trial in again]
    return Section("rebuild", "Do it again", tuple(blocks))


def method_section(analysis: Analysis) -> Section:
    """Every formula with its source."""
    return Section(
        "method",
        "Method",
        (
            Paragraph("Every score is computed from the saved prediction for each test review, not taken from a log."),
            Definitions(tuple((method.name, method.formula, method.source) for method in analysis.methods)),
        ),
    )


def caveats_section(analysis: Analysis) -> Section:
    """What limits this very benchmark."""
    if not analysis.caveats:
        return Section("caveats", "Caveats", (Paragraph("No caveat was found for this benchmark."),))
    return Section("caveats", "Caveats", (Callouts(tuple((one.severity, one.text) for one in analysis.caveats)),))


def _benchmark(analysis: Analysis) -> Table:
    facts = analysis.provenance
    return _facts(
        "benchmark",
        "Benchmark",
        {
            "Name": facts.benchmark_name,
            "Status": facts.benchmark_status,
            "Started": n.moment(facts.started_at),
            "Run": Cell(facts.run_id, code=True, href=run_url(facts, facts.run_id)),
            "Experiment": Cell(facts.experiment_id, code=True),
            "Tracking store": _store(facts.tracking_uri),
        },
    )


def _store(tracking_uri: str) -> Cell | str:
    if tracking_uri.startswith("sqlite:"):
        return f"the SQLite file {PurePosixPath(tracking_uri).name} (its folder is left out)"
    return Cell(tracking_uri, code=True)


def _corpus(analysis: Analysis) -> Table:
    facts = analysis.provenance
    limit = analysis.settings.get("limit")
    return _facts(
        "corpus",
        "Corpus",
        {
            "Kind": facts.corpus_kind,
            "Source": facts.corpus_source,
            "Training half": n.plural(facts.corpus_train_reviews, "review"),
            "Test half": n.plural(facts.corpus_test_reviews, "review"),
            "Limit": f"the first {n.count(limit)} of each half" if limit else "none",
            "Vocabulary": f"{n.count(facts.vocabulary_words)} words in the training half",
            "Digest (SHA-256)": Cell(facts.corpus_digest, code=True),
        },
    )


def _machine(analysis: Analysis) -> Table:
    environment = analysis.provenance.environment
    assert environment is not None
    commit = environment.git_commit or n.UNKNOWN
    dirty = " with uncommitted changes" if environment.git_dirty else ""
    return _facts(
        "machine",
        "Machine and versions",
        {
            "Device": f"{environment.device_name} ({environment.device_kind.upper()})",
            "Processor": f"{environment.cpu_model}, {n.plural(environment.cpu_cores, 'core')}",
            "Vector instructions": environment.cpu_instructions or n.UNKNOWN,
            "Threads in one operation": n.count(environment.threads),
            "Trials ran": "; ".join(map(execution_words, analysis.provenance.executions)) or n.UNKNOWN,
            "Memory": f"{n.decimal(1)(environment.memory_gb)} GB",
            "System": environment.platform,
            "Code": Cell(commit + dirty, code=True),
            **{
                name: Cell(value, code=True)
                for name, value in {**environment.numeric_variables, **environment.versions}.items()
            },
        },
    )


def _settings(analysis: Analysis) -> Table:
    def told(value: object) -> str:
        if isinstance(value, list | tuple):
            shown = ", ".join(map(str, value[:20]))
            return shown + (f" … ({n.count(len(value))})" if len(value) > 20 else "")
        return "none" if value is None else str(value)

    settings = {name.replace("_", " ").capitalize(): told(value) for name, value in analysis.settings.items()}
    return _facts("settings", "Settings", settings)


def _facts(name: str, caption: str, facts: Mapping[str, Cell | str]) -> Table:
    return make_table(name, caption, ["Fact", "Value"], facts.items(), words=("Value",), facts=True)
