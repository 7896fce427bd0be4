from __future__ import annotations

import numpy as np
import pytest

from benchmark.corpus.cache import complete_folder
from benchmark.corpus.corpus import open_corpus
from benchmark.corpus.load import load_corpus


def test_a_corpus_is_kept_as_plain_arrays_mapped_from_disk(archive):
    corpus = load_corpus(str(archive))
    assert isinstance(corpus.train.ids.base, np.memmap)
    for path in corpus.folder.glob("*.npy"):
        np.load(path, allow_pickle=False)


@pytest.mark.parametrize("name", ["train_ids.npy", "test_text.npy", "test_groups.npy", "vocabulary.txt", "facts.json"])
def test_one_changed_bit_is_noticed_when_opened_and_replaced_when_loaded(archive, cache, name):
    corpus = load_corpus(str(archive))
    content = (corpus.folder / name).read_bytes()
    (corpus.folder / name).write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(ValueError, match=r"is not the corpus|Invalid JSON"):
        open_corpus(corpus.folder)
    assert load_corpus(str(archive)).facts == corpus.facts
    assert list((cache / "corpora").iterdir()) == [corpus.folder]


def test_what_another_process_completed_first_stays(tmp_path):
    with complete_folder(tmp_path / "a") as new:
        (new / "who").write_text("second")
        (tmp_path / "a").mkdir()
        (tmp_path / "a" / "who").write_text("first")
    assert (tmp_path / "a" / "who").read_text() == "first"
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_a_cache_that_cannot_be_written_is_refused(archive, cache, refusal):
    cache.write_text("a file")
    message = refusal(load_corpus, str(archive))
    assert "cannot be written" in message
    assert "$IMDB_BENCHMARK_CACHE" in message
