"""The settings of ``run``, from what was typed to what its corpus and its disk allow."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmark.config import BenchmarkConfig, parse_list, parse_seeds
from benchmark.errors import UserError
from benchmark.results import CorpusFacts


def config_from_options(options: dict[str, Any]) -> BenchmarkConfig:
    """Validate what was typed; options that were not given take their defaults."""
    given = {name: value for name, value in options.items() if value is not None}
    if "architectures" in given:
        given["architectures"] = parse_list("architectures", given["architectures"])
    if "seeds" in given:
        given["seeds"] = parse_seeds(given["seeds"])
    return BenchmarkConfig.from_options(**given)


def check_output(output: Path) -> None:
    """Find out before hours of training whether the report can be written.

    Raises
    ------
    UserError
        If not.
    """
    there = next(folder for folder in (output.absolute(), *output.absolute().parents) if folder.exists())
    try:
        TemporaryDirectory(prefix=".benchmark-", dir=there).cleanup()  # root may write where nothing can be written
    except OSError:
        raise UserError(
            f"--output: the report cannot be written to {output}: {there} is no folder that can be written"
        ) from None


def limit_within(config: BenchmarkConfig, corpus: CorpusFacts) -> BenchmarkConfig:
    """Leave out a limit that the corpus does not reach: it is the same benchmark as without, and may be compared."""
    if config.limit is None or config.limit < max(corpus.train_reviews, corpus.test_reviews):
        return config
    return config.model_copy(update={"limit": None})
