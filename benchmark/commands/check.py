"""``check``: the contract of an architecture, tried before training."""

from __future__ import annotations

from benchmark.commands.new import train_step
from benchmark.config import BenchmarkConfig
from benchmark.terminal import make_console, print_pairs, say


def check_command(*, specs: tuple[str, ...]) -> int:
    """Check each as `run` does; UserError with what to change where one is not possible."""
    from benchmark.executors import LocalExecutor

    console = make_console()
    for spec in specs:
        config = BenchmarkConfig(architectures=(spec,), device="cpu")
        with console.status("Checking"), LocalExecutor(config) as executor:
            [architecture] = executor.describe(config.names)
        say(console, f"{spec} is a {architecture.kind} that trains, repeats with the same seed, and loads")
        print_pairs(console, [train_step(spec)])
    return 0
