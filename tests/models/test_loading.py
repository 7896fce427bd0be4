"""What an architecture from elsewhere reads is its source, and what runs is what was hashed."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
INSTALLED = "the list of installed packages"

# What a file `nets/net.py` does at its top or inside its function to get VALUE, and the file below the project's folder
# that has it. The file is edited to VALUE = 2, with the same size and time.
FORMS = {
    "a module beside it": ("from helper import VALUE", "", "nets/helper.py"),
    "a module in the root of the project": ("from at_root import VALUE", "", "at_root.py"),
    "a module in a folder put on sys.path": (
        "import sys; sys.path.append('../elsewhere'); from far import VALUE",
        "",
        "../elsewhere/far.py",
    ),
    "an import inside the function": ("", "from late import VALUE", "nets/late.py"),
    "an executed text": ("exec(open('text.py').read())", "", "text.py"),
    "a file as a module": (
        "import importlib.util as u; s = u.spec_from_file_location('m', 'file.py'); m = u.module_from_spec(s); "
        "s.loader.exec_module(m); VALUE = m.VALUE",
        "",
        "file.py",
    ),
    "JSON read by the function": ("", "import json; VALUE = json.load(open('value.json'))", "value.json"),
    "data of a package": (
        "import importlib.resources as r; VALUE = int(r.files('data_of').joinpath('value.txt').read_text())",
        "",
        "nets/data_of/value.txt",
    ),
    "a low-level read": ("import os; VALUE = int(os.read(os.open('value.txt', os.O_RDONLY), 9))", "", "value.txt"),
    "NumPy": ("import numpy; VALUE = int(numpy.fromfile('array.bin', 'S1')[0])", "", "array.bin"),
}
LOOK_UP = """
import json, os, sys
from multiprocessing import get_context
from models import loading
from models.registry import lookup_built
loading.sources()  # what is installed, once for all

def look_up(folder):
    os.chdir(folder)
    architecture = lookup_built(sys.argv[1], 1, 1)
    return dict(architecture.sources), architecture.build(1, 1)

with get_context("fork").Pool(1, maxtasksperchild=1) as pool:
    print(json.dumps(pool.map(look_up, sys.argv[2:], chunksize=1)))
"""


def look_up(folders: list[Path], spec: str = "nets/net.py:net", **variables: str) -> list[tuple[dict[str, str], int]]:
    """Return sources and VALUE in a process of its own for each folder."""
    done = subprocess.run(
        [sys.executable, "-c", LOOK_UP, spec, *map(str, folders)],
        env=os.environ | {"PYTHONPATH": str(PROJECT)} | variables,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def write(path: Path, text: str) -> Path:
    """Write a file, each time of the same second."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    os.utime(path, (1e9, 1e9))
    return path


def write_net(folder: Path, top: str, inside: str = "") -> None:
    write(folder / "nets/net.py", f"{top}\ndef net(v, m):\n    {inside or 'pass'}\n    return VALUE\n")


def edit(path: Path, value: int) -> None:
    write(path, f"VALUE = {value}\n" if path.suffix == ".py" else f"{value}\n")


@pytest.fixture(scope="module")
def before_and_after(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[tuple[dict[str, str], int]]]:
    folders = {form: tmp_path_factory.mktemp("form") / "project" for form in FORMS}
    results = []
    for value in (1, 2):
        for form, (top, inside, file) in FORMS.items():
            write_net(folders[form], top, inside)
            edit(folders[form] / file, value)
        results.append(look_up(list(folders.values())))
    return dict(zip(FORMS, zip(*results, strict=True), strict=True))


@pytest.mark.parametrize("form", FORMS)
def test_an_edit_of_what_a_file_reads_is_seen(before_and_after, form: str) -> None:
    (before, value), (after, edited_value) = before_and_after[form]
    assert (value, edited_value) == (1, 2)
    name = os.path.relpath(FORMS[form][2], "nets")
    assert {file for file in after if after[file] != before[file]} == {name}
    assert before.keys() == after.keys()


def test_a_stale_bytecode_cache_is_not_executed(tmp_path: Path) -> None:
    write_net(tmp_path, "from helper import VALUE")
    edit(tmp_path / "nets/helper.py", 1)
    subprocess.run([sys.executable, "-m", "compileall", "-q", tmp_path], check=True)
    edit(tmp_path / "nets/helper.py", 2)  # as long, and of the same second: Python alone takes the cache
    [(_, value)] = look_up([tmp_path])
    assert value == 2


def test_a_file_that_it_has_made_itself_is_no_source(tmp_path: Path) -> None:
    write_net(tmp_path, "open('made.txt', 'w').close(); open('made.txt').read(); VALUE = 1")
    [(sources, _)] = look_up([tmp_path])
    assert sources.keys() == {"net.py", INSTALLED}


def test_the_versions_of_all_installed_packages_are_a_source(tmp_path: Path) -> None:
    write_net(tmp_path, "VALUE = 1")
    digests = set()
    for version in (1, 2):
        write(tmp_path / "decorators-1.dist-info/METADATA", f"Name: decorators\nVersion: {version}\n")
        [(sources, _)] = look_up([tmp_path], PYTHONPATH=f"{PROJECT}{os.pathsep}{tmp_path}")
        digests.add(sources[INSTALLED])
    assert len(digests) == 2


def test_a_file_with_the_name_of_a_module_that_is_there_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "random.py", "def net(v, m): ...")
    with pytest.raises(AssertionError, match="'random' is the name of another module here; rename the file"):
        look_up([tmp_path], "random.py:net")
