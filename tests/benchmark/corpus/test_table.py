from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmark.corpus.corpus import Corpus
from benchmark.corpus.load import check_data, load_corpus
from benchmark.corpus.table import draw_test_split

Row = dict[str, object]


def reviews(count: int = 40, **columns) -> list[Row]:
    """Rows of negative and positive reviews in turn; `columns` are functions of the row's number."""
    return [
        {"text": f'Film {i}, "{("bad", "good")[i % 2]}"\nindeed', "label": ("neg", "pos")[i % 2]}
        | {name: value(i) for name, value in columns.items()}
        for i in range(count)
    ]


def write(path: Path, rows: list[Row]) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    table = pd.DataFrame(rows)
    if path.suffix.lower() in (".csv", ".txt"):
        table.to_csv(path, index=False)
    elif path.suffix == ".jsonl":
        table.to_json(path, orient="records", lines=True)
    else:
        table.to_parquet(path)
    return str(path)


def labels_by_text(corpus: Corpus) -> dict[str, int]:
    return {
        text: label
        for split in (corpus.train, corpus.test)
        for text, label in zip(split.raw_texts().values(), split.labels.tolist(), strict=True)
    }


@pytest.fixture(params=[".csv", ".jsonl", ".parquet"])
def path(request, tmp_path) -> Path:
    return tmp_path / f"My reviews{request.param}"


def test_every_row_keeps_its_text_and_label(path):
    rows = reviews()
    write(path, rows)
    if path.suffix != ".parquet":
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())  # a byte-order mark is no part of the first column
    corpus = load_corpus(str(path))
    assert labels_by_text(corpus) == {row["text"]: int(row["label"] == "pos") for row in rows}
    for review_id, text in corpus.test.raw_texts().items():
        assert text == rows[int(review_id.removeprefix("test/")) - 1]["text"]
    facts = corpus.facts
    assert (facts.kind, facts.name, facts.labels, facts.groups) == ("custom", "my-reviews", ("neg", "pos"), None)
    assert (facts.train_reviews, facts.test_reviews) == (30, 10)
    assert f"{path.name}; 25% of the reviews were drawn for testing" in facts.source


@pytest.mark.parametrize("separator", [";", "\t"])
def test_semicolons_and_tabs_separate_columns_too(tmp_path, separator):
    rows = reviews()
    pd.DataFrame(rows).to_csv(tmp_path / "a.csv", sep=separator, index=False)
    assert labels_by_text(load_corpus(str(tmp_path / "a.csv"))).keys() == {row["text"] for row in rows}


def test_split_id_and_group_columns_are_followed(path):
    rows = reviews(split=lambda i: ("Train", "test ")[i >= 30], id=lambda i: f"r{i}", group=lambda i: f"g{i // 5}")
    corpus = load_corpus(write(path, rows))
    assert sorted(corpus.test.review_ids.tolist()) == sorted(f"test/r{i}" for i in range(30, 40))
    assert (corpus.facts.groups, corpus.facts.source) == (2, path.name)
    by_id = dict(zip(corpus.test.review_ids.tolist(), corpus.test.groups.tolist(), strict=True))
    assert by_id["test/r30"] == by_id["test/r34"] != by_id["test/r35"]
    assert load_corpus(write(path.with_name("a.csv"), rows)).facts.digest == corpus.facts.digest


def test_other_columns_and_a_condition(path):
    rows = [{"body": row["text"], "stars": 1 + i % 5} for i, row in enumerate(reviews())]
    corpus = load_corpus(write(path, rows), columns="text=body, label=stars>=4")
    assert corpus.facts.labels == ("stars < 4", "stars >= 4")
    assert labels_by_text(corpus) == {row["body"]: int(row["stars"] >= 4) for row in rows}


@pytest.mark.parametrize(
    ("first", "second", "labels"),
    [
        ("Positive", "negative", ("negative", "Positive")),
        (1.0, 0.0, ("0.0", "1.0")),
        (1, -1, ("-1", "1")),
        (True, False, ("False", "True")),
    ],
)
def test_labels_are_ordered_by_number_or_alphabet(tmp_path, first, second, labels):
    rows = [row | {"label": (first, second)[i % 2]} for i, row in enumerate(reviews())]
    corpus = load_corpus(write(tmp_path / "a.parquet", rows))
    assert corpus.facts.labels == labels
    assert labels_by_text(corpus)[rows[0]["text"]] == 1


def test_a_folder_of_a_train_and_a_test_table(tmp_path):
    for other in ("testimonials.csv", "trainer_notes.csv", "train.csv.txt"):
        write(tmp_path / "mine" / other, reviews())
    write(tmp_path / "mine" / "train.CSV", reviews())
    write(tmp_path / "mine" / "test.jsonl", reviews()[30:])
    corpus = load_corpus(str(tmp_path / "mine"))
    assert (corpus.facts.train_reviews, corpus.facts.test_reviews, corpus.facts.name) == (40, 10, "mine")
    assert sorted(corpus.test.review_ids.tolist()) == sorted(f"test/{i}" for i in range(1, 11))
    assert corpus.facts.test_reviews_in_train == 10


@given(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 30)), min_size=40, max_size=200))
def test_a_drawn_split_keeps_groups_together_and_is_a_quarter(drawn):
    labels, groups = (np.array(values) for values in zip(*drawn, strict=True))
    in_test = draw_test_split(labels, groups)
    assert not set(groups[in_test]) & set(groups[~in_test])
    assert len(set(groups[in_test])) == len(set(groups)) // 4


def test_a_drawn_split_is_stratified_and_always_the_same():
    in_test = draw_test_split(np.arange(24) % 2, np.arange(24))
    assert np.flatnonzero(in_test).tolist() == [7, 12, 13, 18, 22, 23]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"text": " \n"}, "review 8: its text is empty; fill it in or remove the row"),
        ({"label": ""}, "review 8: its label is empty; fill it in or remove the row"),
        ({"label": None}, "review 8: its label is empty; fill it in or remove the row"),
        ({"label": "mixed"}, "a benchmark needs exactly two labels, not 3 ('neg', 'pos', 'mixed')"),
        ({"split": "dev"}, "review 8: its split is 'dev'; possible are train and test"),
        ({"id": "r3"}, "review 8: its id is 'r3'; each may be there once; give another --columns id=…"),
        ({"group": ""}, "review 8: its group is empty"),
    ],
)
def test_a_bad_row_is_named(path, refusal, change, reason):
    rows = reviews(split=lambda i: ("train", "test")[i >= 30], id=lambda i: f"r{i}", group=lambda i: f"g{i}")
    rows[7] |= change
    message = refusal(load_corpus, write(path, rows))
    assert message.startswith("--data: ")
    assert reason in message


@pytest.mark.parametrize(
    ("rows", "columns", "reason"),
    [
        (reviews(10), None, "10 reviews are too few; a benchmark needs at least 20"),
        (reviews(label=lambda i: "pos"), None, "a benchmark needs exactly two labels, not 1 ('pos')"),
        (reviews(split=lambda i: ("train", "test")[i % 2]), None, "the test split has no review with the label 'neg'"),
        (reviews(), "text=text,label=text", "a benchmark needs exactly two labels, not 40 ('Film 0"),
        (reviews(), "label=label>=1", "review 1: its label is 'neg'; --columns asks for a number"),
    ],
)
def test_reviews_that_give_no_benchmark_are_refused(path, refusal, cache, rows, columns, reason):
    assert reason in refusal(load_corpus, write(path, rows), columns=columns)
    assert list((cache / "corpora").iterdir()) == []


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        (None, "has no column 'text', only 'body', 'stars'; name it with --columns text=…"),
        ("text=body", "has no column 'label', only 'body', 'stars'"),
        ("text=body,label=stars,group=film", "has no column 'film'"),
    ],
)
def test_a_missing_column_is_named(path, refusal, columns, reason):
    assert reason in refusal(load_corpus, write(path, [{"body": "a", "stars": 1}]), columns=columns)


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ("body", "'body' is not of the form field=column"),
        ("text=body,text=stars", "'text=stars' is not of the form field=column, each field once"),
        ("review=body", "the fields are text, label, split, id, group"),
        ("", "is not of the form field=column"),
    ],
)
def test_columns_of_another_form_are_refused_before_anything_is_read(tmp_path, refusal, columns, reason):
    (tmp_path / "a.csv").touch()
    assert reason in refusal(check_data, str(tmp_path / "a.csv"), columns)


@pytest.mark.parametrize("suffix", [".csv", ".jsonl"])
@pytest.mark.parametrize("encoding", ["latin-1", "utf-16"])
def test_another_encoding_is_refused(tmp_path, refusal, suffix, encoding):
    path = tmp_path / f"a{suffix}"
    write(path, [row | {"text": f"café {i}"} for i, row in enumerate(reviews())])
    text = path.read_text("utf-8").replace("\\u00e9", "é")
    path.write_bytes(text.encode(encoding))
    assert f"cannot be read as a {suffix} table (UTF-8" in refusal(load_corpus, str(path))


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.csv", "", "No columns to parse from file"),
        ("a.csv", "text|label\na, b, c|1\n", "with commas, semicolons or tabs between the columns of a .csv"),
        ("a.csv", "text,label\na,1\nb,1,2\n", "Expected 2 fields in line 3, saw 3"),
        ("a.csv", "text,label,text,,\na,1,2,,\n", "has several columns 'text'; rename or remove all but one"),
        ("a.jsonl", '{"text": "a", "label": 1}\n{"text"\n', "No ':' found"),
        ("a.jsonl", '{"text": "a", "label": 1}\n{"text": "b", "label": "1"}\n', "'label' are not of one type"),
        ("a.jsonl", '{"text": "a", "label": 1}\n{"text": "b"}\n' * 10, "review 2: its label is empty"),
        ("a.jsonl", '{"text": ["a"], "label": 1}\n', "'text' are not of one type"),
        ("a.parquet", "not parquet", "cannot be read as a .parquet table"),
    ],
)
def test_a_file_that_is_no_table_is_refused(tmp_path, refusal, name, content, reason):
    (tmp_path / name).write_text(content)
    assert reason in refusal(load_corpus, str(tmp_path / name))


def test_a_folder_with_one_table_only_or_with_different_columns_is_refused(tmp_path, refusal):
    write(tmp_path / "train.csv", reviews())
    assert "possible are" in refusal(load_corpus, str(tmp_path))
    write(tmp_path / "test.csv", reviews(group=lambda i: "g"))
    assert "train.csv, review 1: its group is empty; fill it in" in refusal(load_corpus, str(tmp_path))
