"""``doctor``: look at the store and this machine, say what is wrong, and mend what can be mended."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from benchmark.corpus import default_cache_directory
from benchmark.doctor.finding import Finding, Outcome
from benchmark.doctor.leftovers import corpus_findings, temporary_findings
from benchmark.doctor.machine import gpu_findings, pin_findings
from benchmark.errors import UserError
from benchmark.terminal import make_console
from benchmark.terminal.doctor_view import DoctorView
from tracking.doctor import artifact_findings, run_findings, spool_findings
from tracking.sqlite_file import sqlite_path
from tracking.store import PROJECT, connect, resolve_tracking_uri

EXIT_WELL = 0
EXIT_WRONG = 1

Check = tuple[str, Callable[[], list[Finding]]]


def doctor_command(*, fix: bool | None, lost_host: str | None, tracking_uri: str | None) -> int:
    """Look at everything; the exit code is 1 where something is wrong and was not mended."""
    wrong = 0
    with DoctorView(make_console()) as view:
        for name, look in _checks(tracking_uri, lost_host):
            view.begin(name)
            outcomes = [_treat(finding, bool(fix)) for finding in look()]
            wrong += sum(outcome.is_wrong for outcome in outcomes)
            view.end(name, outcomes)
    view.conclude(wrong, bool(fix))
    return EXIT_WRONG if wrong else EXIT_WELL


def _checks(tracking_uri: str | None, lost_host: str | None) -> Iterator[Check]:
    cache_directory = default_cache_directory()
    yield "unsent trials", partial(spool_findings, cache_directory)  # first: a run whose results are sent is not dead
    yield from _checks_of_the_store(resolve_tracking_uri(tracking_uri), lost_host)
    yield "corpus cache", partial(corpus_findings, cache_directory)
    yield "temporary files", partial(temporary_findings, cache_directory)
    yield "GPU", gpu_findings
    yield "versions", partial(pin_findings, PROJECT / "requirements.txt")


def _checks_of_the_store(tracking_uri: str, lost_host: str | None) -> Iterator[Check]:
    path = sqlite_path(tracking_uri)
    if path is not None and not path.exists():
        note = Finding(f"there is none yet at {path}", "the first benchmark makes it", is_note=True)
        yield "tracking store", lambda: [note]
        return
    try:
        client = connect(tracking_uri)
    except UserError as error:
        unreachable = Finding(str(error), "see there")
        yield "tracking store", lambda: [unreachable]
        return
    yield "runs", partial(run_findings, client, () if lost_host is None else (lost_host,))
    yield "stored files", partial(artifact_findings, client)


def _treat(finding: Finding, fix: bool) -> Outcome:
    if not fix or finding.mend is None:
        return Outcome(finding)
    try:
        finding.mend()
    except (UserError, OSError) as error:
        return Outcome(finding, failure=str(error).splitlines()[0])
    return Outcome(finding, is_mended=True)
