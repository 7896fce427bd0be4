from __future__ import annotations

import gzip
import io
import tarfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmark.corpus import archive as module
from benchmark.corpus.archive import read_archive
from benchmark.corpus.generated import generate_corpus, write_stanford_archive
from benchmark.corpus.progress import no_progress
from benchmark.errors import UserError

REVIEWS = {
    "aclImdb/train/neg/0_3.txt": b"bad",
    "aclImdb/train/pos/0_9.txt": b"good",
    "aclImdb/test/neg/0_1.txt": b"worse",
    "aclImdb/test/pos/0_10.txt": b"better",
}


def write_archive(path: Path, members: dict[str, bytes | tarfile.TarInfo]) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for name, content in members.items():
            if isinstance(content, tarfile.TarInfo):
                archive.addfile(content)
            else:
                member = tarfile.TarInfo(name)
                member.size = len(content)
                archive.addfile(member, io.BytesIO(content))
    return path


def member(name: str, kind: bytes, target: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


def refusal(path: Path) -> str:
    with pytest.raises(UserError) as raised:
        read_archive(path, no_progress)
    message = str(raised.value)
    assert "\n" not in message
    assert str(path) in message
    return message


def test_a_written_archive_reads_as_the_reviews_that_it_was_written_from(tmp_path):
    path = write_stanford_archive(tmp_path / "a.tar.gz", reviews_per_half=30)
    assert read_archive(path, no_progress) == generate_corpus(30)


def test_reviews_come_negative_first_by_ascending_id_whatever_the_order_in_the_archive(tmp_path):
    names = ["pos/2_7", "pos/10_7", "neg/10_1", "neg/9_1", "neg/100_4"]
    members = {f"aclImdb/train/{name}.txt": name.encode() for name in names}
    train, _ = read_archive(write_archive(tmp_path / "a.tar.gz", REVIEWS | members), no_progress)
    assert [review.review_id for review in train] == [
        f"train/{name}" for name in ("neg/0", "neg/9", "neg/10", "neg/100", "pos/0", "pos/2", "pos/10")
    ]
    assert [review.label for review in train] == [0, 0, 0, 0, 1, 1, 1]


def test_the_unlabelled_half_and_other_files_are_passed_over(tmp_path):
    others = {
        "aclImdb": member("aclImdb", tarfile.DIRTYPE),
        "aclImdb/README": b"\xff not UTF-8",
        "aclImdb/train/unsup/0_0.txt": b"\xff neither",
        "aclImdb/train/labeledBow.feat": b"9 0:9",
        "aclImdb/train/neg/.DS_Store": b"\xff",
    }
    path = write_archive(tmp_path / "a.tar.gz", others | REVIEWS)
    assert read_archive(path, no_progress) == read_archive(write_archive(tmp_path / "b.tar.gz", REVIEWS), no_progress)


@pytest.mark.parametrize("root", ["", "./", "./aclImdb/", "another/"])
def test_the_outer_folder_may_have_any_name(tmp_path, root):
    members = {name.replace("aclImdb/", root): content for name, content in REVIEWS.items()}
    train, test = read_archive(write_archive(tmp_path / "a.tar.gz", members), no_progress)
    assert [review.text for review in train + test] == [b"bad", b"good", b"worse", b"better"]


def test_progress_ends_with_all_bytes_read(tmp_path):
    path = write_archive(tmp_path / "a.tar.gz", REVIEWS)
    seen = []
    read_archive(path, lambda *progress: seen.append(progress))
    assert seen[-1] == ("reading a.tar.gz", path.stat().st_size, path.stat().st_size)


@pytest.mark.parametrize(
    ("hostile", "reason"),
    [
        ({"../evil.txt": b"x"}, "'../evil.txt' leads out of the archive"),
        ({"aclImdb/../../evil.txt": b"x"}, "leads out of the archive"),
        ({"/etc/evil": b"x"}, "'/etc/evil' leads out of the archive"),
        ({"l": member("aclImdb/train/neg/1_1.txt", tarfile.SYMTYPE, "/etc/passwd")}, "neither a plain file"),
        ({"l": member("aclImdb/train/neg/1_1.txt", tarfile.LNKTYPE, "aclImdb/README")}, "neither a plain file"),
        ({"l": member("aclImdb/pipe", tarfile.FIFOTYPE)}, "neither a plain file"),
        ({"l": member("aclImdb/device", tarfile.CHRTYPE)}, "neither a plain file"),
        ({"aclImdb/train/neg/1_1.txt": bytes(1_000_001)}, "larger than a review"),
        ({"aclImdb/train/neg/00_9.txt": b"again"}, "two reviews train/neg/0"),
        ({"aclImdb/train/neg/review.txt": b"x"}, "not named like a review, train/neg/123_4.txt"),
        ({"aclImdb/train/neg/1_1.txt": b"caf\xe9"}, "review train/neg/1 is not UTF-8 text (byte 3)"),
    ],
)
def test_hostile_and_wrong_members_are_refused_by_name(tmp_path, hostile, reason):
    assert reason in refusal(write_archive(tmp_path / "a.tar.gz", REVIEWS | hostile))


@pytest.mark.parametrize("folder", ["train/neg", "train/pos", "test/neg", "test/pos"])
def test_a_missing_label_folder_is_named(tmp_path, folder):
    members = {name: content for name, content in REVIEWS.items() if folder not in name}
    assert f"has no reviews in {folder};" in refusal(write_archive(tmp_path / "a.tar.gz", members))


def test_an_archive_of_something_else_is_refused(tmp_path):
    path = write_archive(tmp_path / "a.tar.gz", {"photos/cat.jpg": b"meow"})
    assert "no reviews in train/neg, train/pos, test/neg, test/pos" in refusal(path)


def test_a_member_that_claims_ten_gigabytes_is_refused_before_it_is_unpacked(tmp_path):
    bomb = tarfile.TarInfo("aclImdb/train/unsupBow.feat")
    bomb.size = 10_000_000_000
    path = tmp_path / "a.tar.gz"
    path.write_bytes(gzip.compress(bomb.tobuf() + bytes(1000)))
    assert "larger than 100,000,000 bytes" in refusal(path)


@pytest.mark.parametrize("kind", [tarfile.GNUTYPE_LONGNAME, tarfile.XHDTYPE])
def test_a_header_that_claims_a_gigabyte_is_refused_before_it_is_unpacked(tmp_path, kind):
    bomb = member("x", kind)
    bomb.size = 1_000_000_000
    path = tmp_path / "a.tar.gz"
    path.write_bytes(gzip.compress(bomb.tobuf(format=tarfile.GNU_FORMAT) + bytes(1000)))
    assert "holds a header of 1,000,000" in refusal(path)


def test_many_members_and_many_bytes_are_bounded(tmp_path, monkeypatch):
    path = write_archive(tmp_path / "a.tar.gz", REVIEWS)
    monkeypatch.setattr(module, "MOST_MEMBERS", 3)
    assert "one more than the 3 members" in refusal(path)
    monkeypatch.undo()
    monkeypatch.setattr(module, "MOST_BYTES", 2000)
    assert "unpacks to more than 2,000 bytes" in refusal(path)


@pytest.mark.parametrize("kept", [0.0, 0.01, 0.3, 0.9, 0.999])
def test_a_truncated_archive_is_refused(tmp_path, kept):
    path = write_stanford_archive(tmp_path / "a.tar.gz", reviews_per_half=20)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * kept)])
    assert "is not a whole .tar.gz archive" in refusal(path)


@pytest.mark.parametrize("bytes_kept", [512, 1024, 1500, 2048, 4096])
def test_an_archive_that_was_cut_before_it_was_compressed_is_refused(tmp_path, bytes_kept):
    path = write_archive(tmp_path / "a.tar.gz", REVIEWS)
    path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes())[:bytes_kept]))
    refusal(path)


def test_a_damaged_header_in_the_middle_is_not_taken_for_the_end(tmp_path):
    path = write_archive(tmp_path / "a.tar.gz", REVIEWS | {"aclImdb/train/neg/7_1.txt": b"never reached"})
    content = bytearray(gzip.decompress(path.read_bytes()))
    last_header = content.rfind(b"aclImdb/train/neg/7_1.txt")
    content[last_header + 150] ^= 1  # in its checksum
    path.write_bytes(gzip.compress(content))
    assert "damaged or cut short" in refusal(path)


@pytest.mark.parametrize("content", [b"", b"\x1f\x8b", b"hello", gzip.compress(b""), gzip.compress(b"no tar" * 500)])
def test_what_is_no_archive_is_refused(tmp_path, content):
    path = tmp_path / "a.tar.gz"
    path.write_bytes(content)
    assert "is not a whole .tar.gz archive" in refusal(path)


@pytest.fixture(scope="module")
def small_archive(tmp_path_factory) -> Path:
    return write_archive(tmp_path_factory.mktemp("archive") / "a.tar.gz", REVIEWS)


@given(data=st.data())
def test_no_damage_gives_anything_but_the_reviews_or_a_refusal(small_archive, data):
    content = bytearray(small_archive.read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    damaged = small_archive.with_name("damaged.tar.gz")
    damaged.write_bytes(content)
    try:
        reviews = read_archive(damaged, no_progress)
    except UserError:
        return
    assert reviews == read_archive(small_archive, no_progress)


@given(data=st.data())
def test_no_damage_under_the_compression_escapes_as_another_error(small_archive, data):
    content = bytearray(gzip.decompress(small_archive.read_bytes())[:5120])
    for _ in range(data.draw(st.integers(1, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    damaged = small_archive.with_name("damaged.tar.gz")
    damaged.write_bytes(gzip.compress(content, 1))
    try:
        train, test = read_archive(damaged, no_progress)
    except UserError:
        return
    assert train
    assert test


@given(
    st.dictionaries(
        st.tuples(st.sampled_from(["train", "test"]), st.sampled_from(["neg", "pos"]), st.integers(0, 99_999)),
        st.text(st.characters(codec="utf-8")),
        max_size=8,
    )
)
def test_any_text_comes_out_as_it_went_in(tmp_path_factory, drawn):
    texts = {(half, label, 0): "" for half in ("train", "test") for label in ("neg", "pos")} | drawn
    members = {f"aclImdb/{half}/{label}/{number}_5.txt": text.encode() for (half, label, number), text in texts.items()}
    train, test = read_archive(write_archive(tmp_path_factory.mktemp("a") / "a.tar.gz", members), no_progress)
    assert {review.review_id: review.text.decode() for review in train + test} == {
        f"{half}/{label}/{number}": text for (half, label, number), text in texts.items()
    }
