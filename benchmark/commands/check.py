"""``check``: the contract of an architecture, tried before training."""

from __future__ import annotations

from benchmark.commands.new import train_step
from benchmark.config import BenchmarkConfig, Choice
from benchmark.errors import UserError
from benchmark.terminal import make_console, print_pairs, say


def check_command(*, specs: tuple[Choice, ...]) -> int:
    """Print each point that was tried.

    Raises
    ------
    UserError
        With what to change, where a point is not met.
    """
    from benchmark.executors import LocalExecutor
    from benchmark.training.check import check_architecture

    console = make_console()
    for choice in specs:
        spec = choice.name
        config = BenchmarkConfig(architectures=(choice,), device="cpu")
        with console.status("Checking"), LocalExecutor(config) as executor:
            points = executor.ask(f"{spec} cannot be checked", check_architecture, spec, config)
        for point, advice in points:
            say(console, f"FAILED  {point}" if advice else f"ok      {point}", "red" if advice else None)
            if advice:
                raise UserError(f"{spec} is not possible: {advice}")
        print_pairs(console, [train_step(spec)])
    return 0
