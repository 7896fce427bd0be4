"""``check``: the contract of an architecture, tried before training."""

from __future__ import annotations

from benchmark.terminal import make_console, say

EXIT_REFUSED_ARCHITECTURE = 1


def check_command(*, specs: tuple[str, ...]) -> int:
    """Print each point that was tried and, where it failed, what to change."""
    from benchmark.config import BenchmarkConfig
    from benchmark.executors import LocalExecutor

    console = make_console()
    failed = False
    for spec in specs:
        with LocalExecutor(BenchmarkConfig(architectures=(spec,), device="cpu"), tensorflow=False) as executor:
            points = executor.check(spec)
        for point, advice in points:
            failed |= bool(advice)
            say(console, f"FAILED  {point}" if advice else f"ok      {point}", "red" if advice else None)
            if advice:
                say(console, advice)
        if not failed:
            say(console, f"Train it: python -m benchmark run --architectures {spec}", "bold")
    return EXIT_REFUSED_ARCHITECTURE if failed else 0
