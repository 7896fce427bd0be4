from __future__ import annotations

import multiprocessing
import os

import numpy as np
import pytest

from benchmark.corpus.cache import complete_folder
from benchmark.corpus.corpus import DamagedCorpus, open_corpus
from benchmark.corpus.load import load_corpus


def test_a_corpus_is_kept_as_plain_arrays_mapped_from_disk(archive):
    corpus = load_corpus(str(archive))
    assert isinstance(corpus.train.ids.base, np.memmap)
    for path in corpus.folder.glob("*.npy"):
        np.load(path, allow_pickle=False)


@pytest.mark.parametrize("name", ["train_ids.npy", "test_text.npy", "test_groups.npy", "vocabulary.txt", "facts.json"])
def test_a_cut_file_is_noticed_when_opened_and_replaced_when_loaded(archive, cache, name):
    corpus = load_corpus(str(archive))
    os.truncate(corpus.folder / name, (corpus.folder / name).stat().st_size // 2)
    with pytest.raises(DamagedCorpus, match="complete"):
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


def load(archive: str, digests: multiprocessing.Queue) -> None:
    digests.put(load_corpus(archive).facts.digest)


def test_several_processes_may_load_the_same_corpus_at_once(archive, cache):
    context = multiprocessing.get_context("fork")
    digests = context.Queue()
    processes = [context.Process(target=load, args=(str(archive), digests)) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert len({digests.get(timeout=10) for _ in processes}) == 1
    (folder,) = (cache / "corpora").iterdir()
    assert open_corpus(folder).facts.train_reviews == 20
