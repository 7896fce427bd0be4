"""The README's table is what the published report says."""

import json
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
REPORT = ROOT / "docs" / "results" / "imdb-2-cpu-cores"


def test_the_readme_quotes_the_published_report():
    report = json.loads((REPORT / "report.json").read_text())
    by_seed = {
        summary["architecture"]: [
            f"{100 * trial['test_accuracy']:.2f}"
            for trial in report["trials"]
            if trial["architecture"] == summary["architecture"]
        ]
        for summary in report["architectures"]
    }
    verdicts = {verdict["architecture"]: verdict["kind"] for verdict in report["verdicts"]}
    rows = re.findall(r"^\| `(\w+)` \| (.+) \|$", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert len(rows) == len(report["architectures"]) == 4
    for summary, (name, cells) in zip(report["architectures"], rows, strict=True):
        assert name == summary["architecture"]
        assert cells.split(" | ") == [
            f"{100 * summary['accuracy']['mean']:.2f}%",
            f"{100 * summary['interval']['low']:.2f} to {100 * summary['interval']['high']:.2f}",
            ", ".join(by_seed[name]),
            f"{100 * summary['tutorial']['accuracy']:.2f}%",
            verdicts[name],
        ]


def test_the_same_network_has_the_same_published_weights():
    trials = json.loads((REPORT / "report.json").read_text())["trials"]
    weights = {(trial["architecture"], trial["seed"]): trial["weights_sha256"] for trial in trials}
    for seed in (7, 8, 9):
        assert weights["cnn_lstm", seed] == weights["cnn_lstm_tensorboard", seed]
