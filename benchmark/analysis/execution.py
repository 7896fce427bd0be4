"""How trials were run, in words."""

from __future__ import annotations

from benchmark import numbers as n
from benchmark.results import Execution


def execution_words(execution: Execution) -> str:
    """For example ``up to 4 at once by Ray on this machine, with 2 CPU cores for each``."""
    if execution.trials_at_once is None:
        at_once = "as many at once as fit"
    elif execution.trials_at_once == 1:
        at_once = "one at a time"
    else:
        at_once = f"up to {execution.trials_at_once} at once"
    if execution.executor == "local":
        return f"{at_once}, on the whole machine"
    where = "a cluster" if execution.on_cluster else "this machine"
    share = n.plural(execution.cpus_per_trial or 1, "CPU core")
    if execution.gpus_per_trial:
        share += f" and {execution.gpus_per_trial:g} GPU"
    return f"{at_once} by Ray on {where}, with {share} for each"
