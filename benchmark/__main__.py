"""The command line: ``python -m benchmark COMMAND``."""

from __future__ import annotations

import errno
import os
import sys
import traceback
from functools import partial
from pathlib import Path
from typing import Any

import click
from click import option
from click.core import ParameterSource
from click.exceptions import NoArgsIsHelpError

from benchmark.commands.options import (
    Commands,
    Number,
    WholeNumber,
    architectures,
    review_numbers,
    seeds,
    store_options,
    tracking_uri,
)
from benchmark.errors import UserError

EXIT_REFUSED = 2
DISK_ERRORS = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.ENOTDIR, errno.ENAMETOOLONG}
FOLDER = click.Path(file_okay=False, writable=True, path_type=Path)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path, allow_dash=True)
DEVICE = click.Choice(["auto", "cpu", "gpu"])
FORMAT = click.Choice(["table", "json"])
KIND = click.Choice(["benchmarks", "architectures", "models"])

switch = partial(option, is_flag=True)
report_folder = option("--output", type=FOLDER, default="reports", help="Folder for the report.")
columns = option("--columns", metavar="NAMES", help="Columns of a table: 'text=body,label=stars>=4'.")
benchmark_argument = click.argument("run", default="latest")


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80, "show_default": True},
    epilog="""\b
    Examples:
      python -m benchmark run
      python -m benchmark report --open
      python -m benchmark predict "a wonderful film"
      python -m benchmark COMMAND --help""",
)
def cli() -> None:
    """Train text classifiers on the IMDB reviews, track them in MLflow, and compare them with published results."""


@cli.command(
    epilog="""\b
    Examples:
      python -m benchmark run
      python -m benchmark run --dry-run
      python -m benchmark run --architectures networks --seeds 0-9 --workers 2
      python -m benchmark run --architectures 'lstm[lstm_units=50,100,200]'
      python -m benchmark run --architectures nets.py:my_net --max-reviews 2000
      python -m benchmark run --data reviews.csv --columns text=body,label=class
      python -m benchmark run --resume latest"""
)
@option(
    "--architectures",
    metavar="NAMES",
    type=architectures,
    default="tutorial,baselines",
    help="Names, groups (tutorial, baselines, classics, networks, all), FILE.py:FUNCTION or MODULE:FUNCTION, "
    "with commas; NAME[dropout=0.2,0.5,epochs=8] has other settings, several values are a grid; NAME@0-9 own seeds.",
)
@option("--seeds", type=seeds, default="7-11", help="Seeds like 7,8,9 or a range like 0-4.")
@option("--data", metavar="SOURCE", default="auto", help="auto, imdb, synthetic, or a path (see docs/corpus.md).")
@option("--max-reviews", type=WholeNumber(2), help="Use the first N reviews of each split. [default: all]")
@option(
    "--train-reviews",
    metavar="NUMBERS",
    type=review_numbers,
    help="Train on each of these numbers of reviews, such as 1000,5000,25000; test on all.",
)
@switch("--held-out", help="Test on a fifth of the films of the training split, to choose settings.")
@option("--resume", metavar="RUN", help="Finish this benchmark: its id, the first characters, or latest.")
@switch("--until-decided", help="Add seeds, up to 5, 10 or 20, until each verdict is decided.")
@switch("--fresh", help="Train all, also what the store has finished already.")
@switch("--dry-run", help="Show the plan and stop.")
@report_folder
@option("--epochs", type=WholeNumber(1, 1000), help="[default: 3, or as registered]")
@option("--batch-size", type=WholeNumber(1, 100_000), help="[default: 64, or as registered]")
@option("--device", type=DEVICE, default="auto", help="Where to train.")
@option("--max-minutes-per-trial", type=Number(0, 10_080, min_open=True), help="A trial that takes longer fails.")
@option("--vocabulary-size", type=WholeNumber(4, 1_000_000), default=5000, help="The most frequent words, as ids.")
@option("--max-length", type=WholeNumber(4, 100_000), default=500, help="Word ids of a review: its last ones.")
@columns
@option(
    "--equivalence-margin-points",
    type=Number(0, 50, min_open=True),
    default=1.0,
    help="A difference below it counts as none.",
)
@option(
    "--workers",
    type=WholeNumber(1, 1024),
    help="Trials trained side by side. [default: one a core, as memory allows; one on a GPU]",
)
@option("--threads-per-worker", type=WholeNumber(1, 1024), default=1, help="Threads of a network on the CPU.")
@option("--ray-address", metavar="ADDRESS", help="A Ray cluster: auto or HOST:PORT.")
@option("--gpus-per-trial", type=Number(0, 64), help="With Ray; 0.25 lets four trials share a GPU.")
@store_options
@click.pass_context
def run(ctx: click.Context, **options: Any) -> int:
    """Train architectures with several seeds, and write the report.

    Every trial is logged to MLflow as soon as it is finished.
    """
    from benchmark.commands.run import run_command
    from benchmark.config import BenchmarkConfig

    settings = {name: options.pop(name) for name in BenchmarkConfig.model_fields}
    given = [name for name in settings if ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE]
    return run_command(BenchmarkConfig(**settings), given=given, **options)


@cli.command(
    name="list",
    epilog="""\b
    Examples:
      python -m benchmark list
      python -m benchmark list architectures
      python -m benchmark list models""",
)
@click.argument("what", type=KIND, default="benchmarks")
@store_options
def list_(**options: Any) -> int:
    """List benchmarks, architectures or registered models.

    Other commands take the ids in the first column, or their first characters.
    """
    from benchmark.commands.list import list_command

    return list_command(**options)


@cli.command(
    epilog="""\b
    Examples:
      python -m benchmark report --open
      python -m benchmark report 3f2a91"""
)
@benchmark_argument
@switch("--open", "open_browser", help="Open the page in the browser.")
@report_folder
@store_options
def report(**options: Any) -> int:
    """Write the report of a benchmark again, from the store alone.

    RUN is the benchmark's id, its first characters, or latest (the default).
    """
    from benchmark.commands.report import report_command

    return report_command(**options)


@cli.command(
    epilog="""\b
    Examples:
      python -m benchmark predict "a wonderful film"
      python -m benchmark predict --explain "a waste of time"
      python -m benchmark predict --model imdb-lstm --input reviews.csv"""
)
@click.argument("texts", nargs=-1)
@option("--model", default="models:/imdb-sentiment@champion", help="NAME, models:/NAME/VERSION or models:/NAME@ALIAS.")
@option("--input", "input_file", type=FILE, help="Texts: .csv or .jsonl with a column text, or one a line; - is stdin.")
@option("--format", "output_format", type=FORMAT, default="table", help="A table, or one JSON object a line.")
@switch("--explain", help="Show which words decided.")
@tracking_uri
def predict(**options: Any) -> int:
    """Classify texts, each in quotes, with a registered model."""
    from benchmark.commands.predict import predict_command

    return predict_command(**options)


@cli.command(
    epilog="""\b
    Examples:
      python -m benchmark evaluate --data other.csv
      python -m benchmark evaluate imdb-lstm --data a.csv --columns "label=x>=4"
      python -m benchmark evaluate 3f2a91 --data contrast_set.csv"""
)
@click.argument("models", nargs=-1, metavar="[BENCHMARK|MODEL]...")
@option("--data", metavar="SOURCE", required=True, help="The reviews: as for run (see docs/corpus.md).")
@columns
@report_folder
@store_options
def evaluate(**options: Any) -> int:
    """Score stored models on other reviews, without training.

    A benchmark stands for all its models. [default: latest] Where the source has a test split, it alone is scored.
    """
    from benchmark.commands.evaluate import evaluate_command

    return evaluate_command(**options)


@cli.command(
    epilog="""\b
    Examples:
      python -m benchmark compare
      python -m benchmark compare 3f2a91 latest --max-accuracy-drop-points 0.5"""
)
@click.argument("first", default="previous")
@click.argument("second", default="latest")
@option("--max-accuracy-drop-points", type=Number(0, 100), default=1.0, help="Allowed drop, besides chance.")
@report_folder
@store_options
def compare(**options: Any) -> int:
    """Compare the mean accuracies of two benchmarks.

    FIRST and SECOND are ids or their first characters. [default: previous latest] The exit code is 1 on a regression,
    and 3 where there are too few seeds to see a loss of five points (or of twice the allowed drop, where this is more).
    """
    from benchmark.commands.compare import compare_command

    return compare_command(**options)


@cli.command(
    epilog="""\b
    Examples:
      python -m benchmark reproduce 81c0d2
      python -m benchmark reproduce latest --data aclImdb_v1.tar.gz"""
)
@benchmark_argument
@option("--data", metavar="SOURCE", help="Where the corpus is. [default: as before]")
@option("--device", type=DEVICE, help="Where to train. [default: as before]")
@store_options
def reproduce(**options: Any) -> int:
    """Train a stored trial again, and compare the results.

    RUN is a trial's run id or its first characters. A benchmark's id, or latest (the default), takes the median
    trial of its best architecture. On the same kind of processor the weights must be equal bit for bit. The exit code
    is 1 where the result differs.
    """
    from benchmark.commands.reproduce import reproduce_command

    return reproduce_command(**options)


@cli.command(
    epilog="""\b
    Examples:
      python -m benchmark new my_net
      python -m benchmark new my_words --baseline"""
)
@click.argument("name")
@switch("--baseline", help="A scikit-learn pipeline instead of a network.")
def new(**options: Any) -> int:
    """Write a file with an architecture of your own. NAME.py runs as it stands, and has comments."""
    from benchmark.commands.new import new_command

    return new_command(**options)


@cli.command(
    epilog="""\b
    Examples:
      python -m benchmark check my_net.py:my_net
      python -m benchmark check my_package.nets:my_net"""
)
@click.argument("specs", type=architectures, metavar="FILE.py:FUNCTION")
def check(**options: Any) -> int:
    """Try an architecture of your own on a few synthetic reviews.

    It takes less than a minute. The exit code is 2 where `run` would refuse it. MODULE:FUNCTION is possible too.
    """
    from benchmark.commands.check import check_command

    return check_command(**options)


def main(args: list[str] | None = None) -> int:
    """Run the command line; a refusal is one line and exit code 2, an error of this program a traceback and 70."""
    try:
        return int(cli.main(args, prog_name="python -m benchmark", standalone_mode=False) or 0)
    except NoArgsIsHelpError as nothing_given:
        click.echo(nothing_given.format_message(), err=True)
    except click.Abort as abort:
        return getattr(abort.__cause__, "exit_code", 130)  # of `Interrupted`
    except Exception as error:
        refusal = _refusal(error)
        if refusal is None:
            traceback.print_exc()
            return os.EX_SOFTWARE
        from benchmark.terminal import make_console, say

        say(make_console(stderr=True), f"error: {refusal}")
    return EXIT_REFUSED


def _refusal(error: Exception) -> str | None:
    """Return in one line what a user can correct; None of any other error."""
    from models.registry import ArchitectureError

    message = str(error)
    if isinstance(error, click.ClickException):
        message = error.format_message()
        if isinstance(error, click.UsageError) and error.ctx:
            message = f"{message.removesuffix('.')}; see {error.ctx.command_path} --help"
    elif isinstance(error, OSError) and error.errno in DISK_ERRORS:
        message = f"{error.strerror}: {error.filename}" if error.filename else str(error.strerror)
    elif type(error).__module__ == "mlflow.exceptions":
        from tracking.store import first_line

        message = f"the MLflow store cannot be used: {first_line(error)}"
    elif not isinstance(error, UserError | ArchitectureError):
        return None
    return " ".join(message.split())


if __name__ == "__main__":
    sys.exit(main())
