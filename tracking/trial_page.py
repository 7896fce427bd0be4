"""The description of a trial, for its run and its model."""

from __future__ import annotations

from functools import partial
from statistics import median
from typing import TYPE_CHECKING

from benchmark.corpus.facts import CorpusFacts
from benchmark.results import Predictions, TrialResult
from benchmark.wording import escape, plural
from tracking.store import ui_page

if TYPE_CHECKING:
    from mlflow.entities import Run

USE = """

```python
import mlflow
model = mlflow.pyfunc.load_model("models:/NAME/VERSION")
model.predict(["A wonderful film."])  # label, probability, known_words

reviews["predicted"] = model.predict(reviews["text"])["label"]  # of a table with the columns text and label
mlflow.models.evaluate(data=reviews, targets="label", predictions="predicted", model_type="classifier")
```"""


def card(run: Run, result: TrialResult, predictions: Predictions, corpus: CorpusFacts) -> str:
    """Return what a reader of the run, or a user of the model, has to know, as Markdown."""
    config, scores = result.config, result.scores
    labels = escape(corpus.labels[0]), escape(corpus.labels[1])
    words = result.hyperparameters.get("words")
    if config.kind == "network":
        seen = f"the {config.vocabulary_size:,} most frequent words and the last {config.max_length} words of a text"
    elif words is None:
        seen = "all words of the training split"
    else:
        seen = f"the {words:,} most frequent words"
    tested_on = plural(len(predictions.label), corpus.test_review)
    run_id, benchmark_run_id = run.info.run_id, run.data.tags["mlflow.parentRunId"]
    page = partial(ui_page, run.info.experiment_id)
    source = corpus.source
    if config.train_reviews:
        source += f"; {config.train_reviews:,} of its training reviews, drawn with seed {config.seed}"
    took = f"{result.train_seconds:.0f} seconds"
    if config.batch_size:
        seconds = median(epoch.train_seconds for epoch in result.epochs)
        took += f", {seconds:.0f} an epoch,"
        speeds = [epoch.reviews_per_second for epoch in result.epochs if epoch.reviews_per_second]
        if speeds:  # the first step is not timed, and may be the only one of an epoch
            took += f" {1000 * config.batch_size / median(speeds):.0f} ms a step,"
    return f"""**{escape(config.title)}**: {scores.accuracy:.2%} of {tested_on} right.

{confusion_matrix(predictions, labels)}

- F1 {scores.f1:.4f}, area under the ROC curve {scores.roc_auc:.4f}
- Trained in {took} on {result.environment.device_name}
- Corpus: {escape(source)} (digest `{corpus.digest[:12]}`)
- It uses {seen}; other words have no effect
- `probability` is that of {labels[1]}, the other label is {labels[0]}
- The run [{config.name}]({page(run_id)}) of the benchmark \
[{benchmark_run_id[:8]}]({page(benchmark_run_id)})
- Train it again: `python -m benchmark reproduce {run_id}`"""


def confusion_matrix(predictions: Predictions, labels: tuple[str, str]) -> str:
    """Count the reviews of each label that were predicted as each label: a Markdown table."""
    predicted = predictions.probability > 0.5
    lines = [f"| reviews | predicted {labels[0]} | predicted {labels[1]} |", "| --- | ---: | ---: |"]
    for value, label in enumerate(labels):
        of_label = predicted[predictions.label == value]
        positive = int(of_label.sum())
        lines.append(f"| {label} | {len(of_label) - positive:,} | {positive:,} |")
    return "\n".join(lines)
