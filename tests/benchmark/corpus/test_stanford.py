from __future__ import annotations

import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmark.corpus.stanford import FOLDERS, read_archive, read_folder
from benchmark.corpus.synthetic import synthetic_corpus

REVIEWS = {
    "aclImdb/train/neg/0_3.txt": b"bad",
    "aclImdb/train/pos/0_9.txt": b"good",
    "aclImdb/test/neg/0_1.txt": b"worse",
    "aclImdb/test/pos/0_10.txt": b"better",
}


@pytest.fixture
def unpack(tmp_path) -> Callable[[Path], Path]:
    def unpack(archive: Path) -> Path:
        shutil.unpack_archive(archive, tmp_path, filter="data")
        return tmp_path / "aclImdb"

    return unpack


def test_an_unpacked_archive_reads_as_the_archive(archive, unpack):
    reviews = synthetic_corpus(20)
    for raw in (read_archive(archive), read_folder(unpack(archive))):
        assert (raw.train, raw.test) == (reviews.train, reviews.test)


def test_reviews_come_negative_first_by_ascending_number_whatever_the_order_in_the_archive(write_archive):
    names = ["pos/2_7", "pos/10_7", "neg/10_1", "neg/9_1", "neg/100_4"]
    train = read_archive(write_archive(REVIEWS | {f"aclImdb/train/{n}.txt": n.encode() for n in names})).train
    in_order = ("neg/0", "neg/9", "neg/10", "neg/100", "pos/0", "pos/2", "pos/10")
    assert [review.review_id for review in train] == [f"train/{name}" for name in in_order]
    assert [review.label for review in train] == [0, 0, 0, 0, 1, 1, 1]


def test_what_is_no_review_is_skipped(write_archive):
    others = {"aclImdb/README": b"\xff not UTF-8", "aclImdb/train/neg/.DS_Store": b"\xff", "../../evil.txt": b"outside"}
    for name, kind in {"1_1": tarfile.SYMTYPE, "2_1": tarfile.LNKTYPE, "3_1": tarfile.CHRTYPE}.items():
        member = tarfile.TarInfo(f"aclImdb/train/neg/{name}.txt")
        member.type, member.linkname = kind, "aclImdb/README"
        others[member.name] = member
    expected = read_archive(write_archive(REVIEWS))
    assert read_archive(write_archive(others | REVIEWS)) == expected


def test_line_i_of_a_list_of_addresses_is_the_film_of_review_i(write_archive, unpack):
    more = {"aclImdb/train/neg/2_1.txt": b"dull"}
    for split, label in (name.split("/") for name in FOLDERS):
        more[f"aclImdb/{split}/urls_{label}.txt"] = b"http://a\nhttp://b\nhttp://c\n"
    archive = write_archive(REVIEWS | more)
    for raw in (read_archive(archive), read_folder(unpack(archive))):
        assert [review.group for review in raw.train] == [b"http://a", b"http://c", b"http://a"]
    more["aclImdb/train/urls_neg.txt"] = b"http://a\n"
    assert read_archive(write_archive(REVIEWS | more)).train[0].group is None


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"aclImdb/train/neg/00_9.txt": b"again"}, "two reviews train/neg/0"),
        ({"aclImdb/train/neg/review.txt": b"x"}, "'review.txt' is not named like a review, train/neg/123_4.txt"),
        ({"aclImdb/train/neg/1_1.txt": b"caf\xe9"}, "train/neg/1_1.txt is not UTF-8 text (byte 3)"),
        ({"aclImdb/train/neg/1_1.txt": b" \n"}, "train/neg/1_1.txt is empty; remove it"),
    ],
)
def test_a_wrong_review_is_refused_by_name(write_archive, unpack, refusal, more, reason):
    archive = write_archive(REVIEWS | more)
    assert reason in refusal(read_archive, archive)
    assert reason in refusal(read_folder, unpack(archive))


def test_a_missing_label_folder_is_named(write_archive, refusal):
    archive = write_archive({name: text for name, text in REVIEWS.items() if "train/pos" not in name})
    assert "has no reviews in train/pos;" in refusal(read_archive, archive)


@pytest.mark.parametrize("kept", [0.3, 0.999])
def test_a_truncated_archive_is_refused(archive, refusal, kept):
    compressed = archive.read_bytes()
    archive.write_bytes(compressed[: int(len(compressed) * kept)])
    assert "is not a complete .tar.gz archive" in refusal(read_archive, archive)
