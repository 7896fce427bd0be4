"""The searches of docs/models.md find what they say, as they stand there."""

import ast
import re

import mlflow

from tests.support.records import trial_config
from tracking.reader import child_runs
from tracking.store import PROJECT, open_store

PAGE = (PROJECT / "docs" / "models.md").read_text(encoding="utf-8")


def test_the_searches_work_as_they_stand_on_the_page(run_benchmark, store) -> None:
    store = open_store(store.uri, create=True)  # in the experiment that the page names
    trials = [trial_config("cnn_lstm", 7), trial_config("bag_of_words_svm")]
    run_id = run_benchmark(trials, [0.95, 0.9], into=store)
    network = next(run for run in child_runs(store, run_id) if run.info.run_name == "cnn_lstm seed 7")
    names = {"mlflow": mlflow}
    search = PAGE[PAGE.index("## Search") :].replace("RUN_ID", network.info.run_id)
    blocks = re.findall(r"```python\n(.*?)```", search, re.DOTALL)
    answers = []
    for block in blocks:
        *statements, answer = ast.parse(block).body
        exec(compile(ast.Module(statements, []), "docs/models.md", "exec"), names)
        answers.append(eval(compile(ast.Expression(answer.value), "docs/models.md", "eval"), names))
    best, models, predictions = answers
    assert best["tags.mlflow.runName"].tolist() == ["cnn_lstm seed 7", "bag_of_words_svm"]
    assert sorted(model.name for model in models) == ["bag_of_words_svm", "cnn_lstm"]
    assert len(predictions) == 400
