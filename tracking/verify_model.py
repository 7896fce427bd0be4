"""Load models back from the store and let them predict again: ``python -m tracking.verify_model JOB``.

A process of its own, since the one that tracks a benchmark does without TensorFlow.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmark.errors import UserError
from benchmark.temporary import temporary_directory
from tracking.outages import is_outage
from tracking.store import PROJECT

if TYPE_CHECKING:
    from numpy.typing import NDArray

EXIT_OUTAGE = 75  # EX_TEMPFAIL of sysexits.h
JOB_FILE, TEXTS_FILE, IDS_FILE, ANSWERS_FILE = "job.json", "texts.json", "ids.npy", "answers.npy"


def predict_again(
    tracking_uri: str, model_uris: Sequence[str], texts: Sequence[str] | None, ids: NDArray[np.int32] | None
) -> NDArray[np.float32]:
    """Load each model in a new process, and give its probabilities, shape (n_models, n_reviews).

    Parameters
    ----------
    texts : sequence of str or None
        Raw reviews; None where the corpus has none.
    ids : array of int32, shape (n_reviews, review_length), or None
        Encoded reviews, asked for where there are no texts.

    Raises
    ------
    RuntimeError
        If a model cannot be loaded or does not predict; the message is the reason.
    ConnectionError
        If the store is away.
    """
    with temporary_directory() as temporary:
        folder = Path(temporary)
        (folder / JOB_FILE).write_text(json.dumps({"tracking_uri": tracking_uri, "model_uris": list(model_uris)}))
        if texts is not None:
            (folder / TEXTS_FILE).write_text(json.dumps(list(texts)), encoding="utf-8")
        else:
            assert ids is not None
            np.save(folder / IDS_FILE, ids)
        process = subprocess.run(
            [sys.executable, "-W", "ignore", "-m", "tracking.verify_model", str(folder)],
            cwd=PROJECT,
            capture_output=True,
            text=True,
            check=False,
        )
        if process.returncode != 0:
            lines = process.stderr.strip().splitlines()
            reason = lines[-1] if lines else f"the process ended with {process.returncode}"
            raise ConnectionError(reason) if process.returncode == EXIT_OUTAGE else RuntimeError(reason)
        return np.load(folder / ANSWERS_FILE, allow_pickle=False)


def answer_job(folder: Path) -> None:
    """Do in this process what `predict_again` asks for."""
    from tracking.store import connect

    job: dict[str, Any] = json.loads((folder / JOB_FILE).read_text())
    connect(job["tracking_uri"])
    import mlflow.pyfunc

    texts_file = folder / TEXTS_FILE
    answers = []
    for uri in job["model_uris"]:
        model = mlflow.pyfunc.load_model(uri)
        if texts_file.exists():
            answers.append(model.predict(json.loads(texts_file.read_text(encoding="utf-8"))).probability.to_numpy())
        else:
            ids = np.load(folder / IDS_FILE, allow_pickle=False)
            answers.append(model.unwrap_python_model().probabilities(ids))
    np.save(folder / ANSWERS_FILE, np.stack(answers))


def main(folder: Path) -> int:
    """Answer a job, and tell an outage of the store by the exit code."""
    try:
        answer_job(folder)
    except Exception as error:
        # a UserError is that the store cannot be reached, which the process that asks uses
        if not isinstance(error, UserError) and not is_outage(error):
            raise
        print(next(iter(str(error).splitlines()), type(error).__name__), file=sys.stderr)
        return EXIT_OUTAGE
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
