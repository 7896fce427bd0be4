"""The command line: ``python -m benchmark COMMAND``. Each command is one small function; its work is elsewhere."""

from __future__ import annotations

import errno
import sys
from collections.abc import Callable
from typing import Any

import click
from click.exceptions import NoArgsIsHelpError

from benchmark import __version__
from benchmark.errors import UserError

EXIT_REFUSED = 2
TRACKING_URI_HELP = "MLflow tracking URI. [default: $MLFLOW_TRACKING_URI, or mlflow.db beside MLproject]"
DISK_ERRORS = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES}


class _Option(click.Option):
    """An empty value counts as not given: `mlflow run` passes an empty text for a parameter left empty."""

    def process_value(self, ctx: click.Context, value: Any) -> Any:
        return super().process_value(ctx, None if value == "" else value)


def _option(*names: str, **settings: Any) -> Callable[[Any], Any]:
    return click.option(*names, cls=_Option, show_default=settings.get("default") is not None, **settings)


def _switch(name: str, **settings: Any) -> Callable[[Any], Any]:
    """Make an option that needs no value and may have one: `mlflow run` has to give true or false."""
    return _option(name, default="false", type=bool, is_flag=False, flag_value="true", **settings)


def _tracking_options(command: Callable[..., Any]) -> Callable[..., Any]:
    for decorate in (
        _option("--tracking-uri", help=TRACKING_URI_HELP),
        _option(
            "--experiment-name", help="MLflow experiment. [default: the one given by mlflow run, or imdb-benchmark]"
        ),
    ):
        command = decorate(command)
    return command


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="benchmark")
def cli() -> None:
    """Train the tutorial's sequence models on the IMDB reviews, track them in MLflow, and report how they compare."""


@cli.command()
@_option("--architectures", help="Comma-separated names. [default: the tutorial's four]")
@_option("--seeds", default="7,8,9", help="Comma-separated seeds or a range: 7,8,9 or 0-4.")
@_option("--epochs", default="3", help="Passes over the training half.")
@_option("--batch-size", default="64", help="Reviews in a training step.")
@_option("--data", default="auto", help="auto, imdb, generated, or a path: imdb.npz, aclImdb….tar.gz, aclImdb folder.")
@_option("--device", default="auto", help="auto, cpu or gpu.")
@_option("--limit", help="Train and test on the first N reviews of each half, for trying out.")
@_option("--vocabulary-size", default="5000", help="Ids known to the embedding.")
@_option("--review-length", default="500", help="Ids in a review, cut and padded at the front.")
@_option(
    "--equivalence-margin-points",
    default="1.0",
    help="Margin of the equivalence test against the paper, set before the run.",
)
@_option("--max-minutes-per-trial", help="Stop a trial that takes longer, as failed.")
@_option("--resume", help="latest, or the id of a benchmark run: finish it instead of starting anew.")
@_switch("--force", help="With --resume: train the finished trials again, too.")
@_option("--retry-failed", default="0", help="How many more times a failed trial is trained, after all others.")
@_option("--executor", help="local or ray. [default: ray where an option below needs it]")
@_option("--workers", help="Trials at once; more than 1 needs Ray. [default: 1; with Ray as many as fit]")
@_option("--ray-address", help="A Ray cluster: auto or HOST:PORT.")
@_option("--cpus-per-trial", help="With Ray: cores of a trial. [default: 1; on this machine an equal share]")
@_option("--gpus-per-trial", help="With Ray: GPUs of a trial; 0.25 lets four share one. [default: 1 if there are any]")
@_option("--output", default="reports", help="Folder for the report.")
@click.option("--dry-run", is_flag=True, help="Show the plan, and stop.")
@_tracking_options
def run(**options: Any) -> int:
    """Train every architecture with every seed, track and report."""
    from benchmark.commands.run import run_command

    return run_command(**options)


@cli.command()
@_option("--run-id", default="latest", help="A benchmark run's id, or latest.")
@_option("--output", default="reports", help="Folder for the report.")
@_tracking_options
def report(**options: Any) -> int:
    """Build the report of a benchmark again, from what MLflow stores."""
    from benchmark.commands.report import report_command

    return report_command(**options)


@cli.command()
@_option("--data", help="Archive of the real reviews, aclImdb….tar.gz. [default: $IMDB_DATA, or generated reviews]")
@_option("--only", help="Those with this in their name, such as training_step.")
@_option("--compare", help="latest, or the id of an earlier run of the microbenchmarks: print ratios to it.")
@_option(
    "--threshold",
    default="1.2",
    help="With --compare: a larger ratio, beyond the noise, is a regression (exit code 1).",
)
@_tracking_options
def microbenchmarks(**options: Any) -> int:
    """Measure the parts on their own, track the timings, and compare them with earlier ones."""
    from benchmark.commands.microbenchmarks import microbenchmarks_command

    return microbenchmarks_command(**options)


@cli.command()
@click.argument("texts", nargs=-1)
@_option("--model", default="models:/imdb-sentiment@champion", help="models:/NAME@ALIAS or models:/NAME/VERSION.")
@_option("--input", help="A file of texts, one a line; - is standard input.")
@_option("--output", help="A file for the result instead of standard output; with --explain a page.")
@_option("--format", default="table", type=click.Choice(["table", "csv", "jsonl"]), help="Format of the result.")
@_option("--batch-size", default="2048", help="Texts held at once.")
@click.option("--explain", is_flag=True, help="Show which words moved the probability of a text.")
@_option("--tracking-uri", help=TRACKING_URI_HELP)
def predict(**options: Any) -> int:
    """Classify raw TEXTS with a registered model."""
    from benchmark.commands.predict import predict_command

    return predict_command(**options)


@cli.command()
@_option("--run-id", default="latest", help="A trial run's id; or a benchmark run's, or latest: its median trials.")
@_option("--data", help="Another place of the corpus. [default: as it was, from the cache where it is there]")
@_option("--device", help="auto, cpu or gpu. [default: as it was]")
@_option("--tolerance-points", default="0.5", help="Accuracies this close are the same; 0 insists on the same bits.")
@_tracking_options
def reproduce(**options: Any) -> int:
    """Train a trial again from what its run logged, and say whether it comes out the same, bit for bit."""
    from benchmark.commands.reproduce import reproduce_command

    return reproduce_command(**options)


@cli.command()
@_option("--baseline", default="previous", help="A benchmark run's id; previous is the one before the candidate.")
@_option("--candidate", default="latest", help="A benchmark run's id, or latest.")
@_option("--max-accuracy-drop-points", default="1.0", help="A mean accuracy that falls by more is a regression.")
@_option("--max-slowdown", default="1.25", help="An epoch that takes more times as long is a regression.")
@_switch("--certain-only", help="Count no regression that may be chance (Holm-adjusted p of 5% or more).")
@_option("--output", default="reports", help="Folder for the comparison.")
@_tracking_options
def compare(**options: Any) -> int:
    """Compare two benchmarks; the exit code is 1 where the candidate is worse than allowed."""
    from benchmark.commands.compare import compare_command

    return compare_command(**options)


@cli.command()
@_switch("--fix", help="Mend what can be mended.")
@_option("--lost-host", help="A machine that is gone for good: what ran there counts as killed.")
@_option("--tracking-uri", help=TRACKING_URI_HELP)
def doctor(**options: Any) -> int:
    """Look at the store and this machine, and say what is wrong and how to mend it; the exit code is 1 then."""
    from benchmark.commands.doctor import doctor_command

    return doctor_command(**options)


def main() -> int:
    """Run the command line; a refusal is one line and exit code 2."""
    try:
        return int(cli.main(prog_name="python -m benchmark", standalone_mode=False) or 0)
    except UserError as refusal:
        click.echo(f"error: {refusal}", err=True)
    except NoArgsIsHelpError as nothing_given:
        click.echo(nothing_given.format_message(), err=True)
    except click.ClickException as refusal:
        click.echo(f"error: {refusal.format_message()}", err=True)
    except click.Abort:
        return 130
    except OSError as error:
        if error.errno not in DISK_ERRORS:
            raise
        click.echo(f"error: {error.strerror}{f': {error.filename}' if error.filename else ''}", err=True)
    return EXIT_REFUSED


if __name__ == "__main__":
    sys.exit(main())
