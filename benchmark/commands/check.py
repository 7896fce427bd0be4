"""``check``: the contract of an architecture, tried before training."""

from __future__ import annotations

from benchmark.terminal import make_console, say

EXIT_REFUSED_ARCHITECTURE = 1


def check_command(*, specs: tuple[str, ...]) -> int:
    """Print each point that was tried and, where it failed, what to change."""
    from benchmark.executors import check_spec

    console = make_console()
    failed = False
    for spec in specs:
        for check in check_spec(spec):
            failed |= not check.ok
            say(console, f"ok      {check.name}" if check.ok else f"FAILED  {check.name}", None if check.ok else "red")
            if check.advice:
                say(console, check.advice)
        if not failed:
            say(console, f"Train it: python -m benchmark run --architectures {spec}", "bold")
    return EXIT_REFUSED_ARCHITECTURE if failed else 0
