"""What is measured, and how much of it: full size with `--benchmark-enable`, else just enough to see that it runs."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from benchmark.corpus import Corpus, EncodedCorpus, load_corpus
from benchmark.corpus.generated import write_stanford_archive
from tests.support.real_corpus import REAL_CORPUS


@dataclass(frozen=True)
class Sizes:
    generated_reviews: int
    vocabulary_size: int
    review_length: int
    train_batch: int
    evaluation_batch: int
    texts: int
    test_reviews: int
    seeds_of_statistics: int
    seeds_of_report: int


FULL = Sizes(1500, 5000, 500, 64, 512, 1000, 25_000, 5, 3)
TINY = Sizes(20, 5000, 16, 4, 8, 5, 60, 2, 1)


@pytest.fixture(scope="session")
def measuring(pytestconfig: pytest.Config) -> bool:
    return bool(pytestconfig.getoption("benchmark_enable"))


@pytest.fixture(scope="session")
def sizes(measuring: bool) -> Sizes:
    return FULL if measuring else TINY


@pytest.fixture(scope="session")
def archive(measuring: bool, sizes: Sizes, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The real reviews where they are at hand, else generated ones."""
    if measuring and REAL_CORPUS.is_file() and REAL_CORPUS.suffix == ".gz":
        return REAL_CORPUS
    return write_stanford_archive(tmp_path_factory.mktemp("archive") / "generated.tar.gz", sizes.generated_reviews)


@pytest.fixture(scope="session")
def corpus(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    return load_corpus(str(archive), tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="session")
def encoded(corpus: Corpus, sizes: Sizes) -> EncodedCorpus:
    return corpus.encode(sizes.vocabulary_size, sizes.review_length)


@pytest.fixture(scope="session")
def work(corpus: Corpus) -> dict[str, object]:
    """For `extra_info` of what depends on the reviews: timings of other work are not compared."""
    return {"corpus": corpus.facts.digest[:12]}


@pytest.fixture(scope="session")
def work_on_device(measuring: bool, work: dict[str, object]) -> dict[str, object]:
    """The same for what TensorFlow computes, which is set up as in a worker."""
    from benchmark.runtime import prepare_runtime

    environment = prepare_runtime("auto" if measuring else "cpu")
    return {**work, "device": environment.device_name}
