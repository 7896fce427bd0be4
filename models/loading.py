"""Code of architectures, imported from its files as they are now."""

from __future__ import annotations

import ast
import hashlib
import importlib
import importlib.resources
import importlib.util
import os
import sys
import sysconfig
from collections.abc import Iterable, Mapping, Sequence
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType

HARNESS = ("benchmark", "models", "tracking")
LIBRARY_FOLDERS = {"site-packages", "dist-packages", Path(sysconfig.get_path("stdlib")).name}
MAIN = "architecture_from_a_file"
NOT_HASHED = ("registry", "loading")  # of `models`: what an architecture takes from them is in the fingerprint itself


class _FinderBeside:
    """Finds modules beside the architecture that was imported last, where no installed one has the name."""

    folder = Path()  # of its file or its top-level package; of an installed package the package itself

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if path is not None:
            return None
        return PathFinder.find_spec(name, [str(self.folder)], target)


_beside = _FinderBeside()
_others: set[str] = set()  # modules that were there before it
_own: dict[str, tuple[str, bytes]] = {}  # its modules: the file of each, from the package on, and its source


def import_fresh(where: str) -> ModuleType:
    """Import ``/abs/nets.py`` or ``package.module``, and what it imports from its own folder or package.

    What an earlier call had imported is imported again, so that the code is that of the files now and that two
    architectures share no module.
    """
    packages = {name.partition(".")[0] for name in _own}
    for name in list(sys.modules):
        if name.partition(".")[0] in packages:  # also a package without __init__.py
            del sys.modules[name]
    _own.clear()
    _others.clear()
    _others.update(sys.modules)
    importlib.invalidate_caches()
    sys.dont_write_bytecode = True  # it would be taken for that of a file edited within the same second
    if _beside not in sys.meta_path:
        sys.meta_path.append(_beside)
    try:
        if "/" not in where:
            _beside.folder = _folder_of_package(where.partition(".")[0])
            return importlib.import_module(where)
        path = Path(where)
        _beside.folder = path.parent
        module = ModuleType(MAIN)
        module.__file__ = where
        sys.modules[MAIN] = module
        exec(compile(path.read_bytes(), where, "exec"), module.__dict__)
        return module
    finally:
        _record_own()


def source_of(module: str) -> bytes:
    """Return the source of a module as it was when it was imported; of ours as it is on the disk."""
    if module in _own:
        return _own[module][1]
    return Path(sys.modules[module].__file__ or "").read_bytes()


def loaded_sources(module: str) -> dict[str, str]:
    """Return the files that decide what an architecture's module builds, with their SHA-256.

    Of a module from elsewhere: all that has been loaded from its own folder or package since `import_fresh`. And the
    modules of `models` that these import.
    """
    if module.startswith("models."):
        sources = {f"{module.replace('.', '/')}.py": source_of(module)}
    else:
        _record_own()
        sources = dict(_own.values())
    waiting = list(sources.values())
    while waiting:
        for name in _imported_from_models(waiting.pop()):
            file = f"models/{name}.py"
            if name not in NOT_HASHED and f"models.{name}" in sys.modules and file not in sources:
                sources[file] = source_of(f"models.{name}")
                waiting.append(sources[file])
    return {file: hashlib.sha256(source).hexdigest() for file, source in sorted(sources.items())}


def file_hashes(files: Iterable[str]) -> dict[str, str]:
    """Return files of ours, as they are on the disk, with their SHA-256."""
    hashes = {}
    for file in files:
        package, _, path = file.partition("/")  # on a Ray cluster each package is in a folder of its own
        source = (importlib.resources.files(package) / path).read_bytes()
        hashes[file] = hashlib.sha256(source).hexdigest()
    return hashes


def edited_since_import(sources: Mapping[str, str]) -> list[str]:
    """Return which of these files of ours are not on the disk as this process has imported them."""
    files = [file for file in sources if file.partition("/")[0] in HARNESS]
    return [file for file, digest in file_hashes(files).items() if digest != sources[file]]


def _record_own() -> None:
    """Keep the source of each module that has been loaded from the architecture's folder or package."""
    folder = os.path.realpath(_beside.folder)
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if name in _others or name in _own or not file or name.partition(".")[0] in HARNESS:
            continue
        path = Path(os.path.realpath(file))
        if path.suffix != ".py" or not path.is_relative_to(folder):
            continue
        if LIBRARY_FOLDERS.isdisjoint(path.relative_to(folder).parts):
            depth = name.count(".") + 1
            if path.stem == "__init__":
                depth += 1
            _own[name] = "/".join(path.parts[-depth:]), path.read_bytes()


def _imported_from_models(source: bytes) -> set[str]:
    """Return the names that follow ``models.``, ``from models import`` and ``from . import`` in a source."""
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name.removeprefix("models.").partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            module = (node.module or "").removeprefix("models").removeprefix(".")
            names |= {module.partition(".")[0]} if module else {alias.name for alias in node.names}
    return names


def _folder_of_package(package: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None:
        return Path()
    place = Path(spec.origin or "")
    if spec.submodule_search_locations:
        place = Path(next(iter(spec.submodule_search_locations)))
    if LIBRARY_FOLDERS.isdisjoint(place.parts):
        return place.parent
    return place
