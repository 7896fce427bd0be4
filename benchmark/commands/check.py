"""``check``: the contract of an architecture, tried before training."""

from __future__ import annotations

from benchmark.commands.new import train_step
from benchmark.errors import UserError
from benchmark.terminal import make_console, print_pairs, say


def check_command(*, specs: tuple[str, ...]) -> int:
    """Print each point that was tried.

    Raises
    ------
    UserError
        With what to change, where a point is not met.
    """
    from benchmark.config import BenchmarkConfig, name_and_seeds
    from benchmark.executors import LocalExecutor

    console = make_console()
    for typed in specs:
        spec, _ = name_and_seeds(typed)
        with (
            console.status("Checking"),
            LocalExecutor(BenchmarkConfig(architectures=(spec,), device="cpu"), tensorflow=False) as executor,
        ):
            points = executor.check(spec)
        for point, advice in points:
            say(console, f"FAILED  {point}" if advice else f"ok      {point}", "red" if advice else None)
            if advice:
                raise UserError(f"{spec} is not possible: {advice}")
        print_pairs(console, [train_step(spec)])
    return 0
