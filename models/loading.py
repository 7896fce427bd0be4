"""Code of architectures, imported from its files as they are now."""

from __future__ import annotations

import ast
import hashlib
import importlib
import importlib.resources
import importlib.util
import sys
import sysconfig
from collections.abc import Iterable, Mapping, Sequence
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType

HARNESS = ("benchmark", "models", "tracking")
LIBRARY_FOLDERS = {"site-packages", "dist-packages", Path(sysconfig.get_path("stdlib")).name}
MAIN = "architecture_from_a_file"
NOT_HASHED = ("registry", "loading")  # of `models`: what an architecture takes from them is in the fingerprint itself


class _Finder:
    """Finds what one architecture imports from its own folder or package.

    Attributes
    ----------
    folder : Path
        The folder of the architecture's file or of its top-level package; of an installed package the package itself.
    executed : dict
        Name of each module to its file, from the package on, and the source that was executed.
    """

    def __init__(self) -> None:
        self.folder = Path()
        self.executed: dict[str, tuple[str, bytes]] = {}

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Have a module of the architecture's own loaded by `_Loader`; what is installed comes before its folder."""
        spec = PathFinder.find_spec(name, path, target)
        if spec is None and path is None:
            spec = PathFinder.find_spec(name, [str(self.folder)], target)
        if (
            spec
            and spec.origin
            and type(spec.loader) is SourceFileLoader
            and self._is_own(name, Path(spec.origin).resolve())
        ):
            spec.loader = _Loader(name, spec.origin)
        return spec

    def _is_own(self, name: str, file: Path) -> bool:
        if name.partition(".")[0] in HARNESS or not file.is_relative_to(self.folder):
            return False
        return LIBRARY_FOLDERS.isdisjoint(file.relative_to(self.folder).parts)

    def forget(self) -> None:
        """Make the next import read the files again."""
        own = {name.partition(".")[0] for name in self.executed}
        for name in list(sys.modules):
            if name.partition(".")[0] in own:  # a package without __init__.py has executed nothing itself
                del sys.modules[name]
        self.executed.clear()
        importlib.invalidate_caches()
        if self not in sys.meta_path:
            sys.meta_path.insert(sys.meta_path.index(PathFinder), self)


class _Loader(SourceFileLoader):
    """Executes the source, not its bytecode, which may be that of a file edited within the same second."""

    def get_code(self, fullname: str) -> CodeType:
        source = self.get_data(self.path)
        depth = fullname.count(".") + 1
        if Path(self.path).stem == "__init__":
            depth += 1
        _finder.executed[fullname] = ("/".join(Path(self.path).parts[-depth:]), source)
        return self.source_to_code(source, self.path)


_finder = _Finder()


def import_fresh(where: str) -> ModuleType:
    """Import ``/abs/nets.py`` or ``package.module``, and what it imports from its own folder or package.

    What an earlier call had imported is imported again, so that the code is that of the files now and that two
    architectures share no module.
    """
    _finder.forget()
    if "/" not in where:
        _finder.folder = _folder_of_package(where.partition(".")[0])
        return importlib.import_module(where)
    path = Path(where)
    _finder.folder = path.parent
    module = ModuleType(MAIN)
    module.__file__ = where
    sys.modules[MAIN] = module
    exec(_Loader(MAIN, where).get_code(MAIN), module.__dict__)
    return module


def executed_source(module: ModuleType) -> bytes:
    """Return the source of a module as it was executed; of ours as it is on the disk."""
    if module.__name__ in _finder.executed:
        return _finder.executed[module.__name__][1]
    return Path(module.__file__ or "").read_bytes()


def loaded_sources(module: ModuleType) -> dict[str, str]:
    """Return the files that decide what an architecture's module builds, with their SHA-256.

    Of a module from elsewhere: all that has been loaded from its own folder or package since `import_fresh`. And the
    modules of `models` that these import.
    """
    if module.__name__.startswith("models."):
        sources = {f"{module.__name__.replace('.', '/')}.py": executed_source(module)}
    else:
        sources = dict(_finder.executed.values())
    waiting = list(sources.values())
    while waiting:
        for name in _imported_from_models(waiting.pop()):
            file = f"models/{name}.py"
            if name not in NOT_HASHED and f"models.{name}" in sys.modules and file not in sources:
                sources[file] = executed_source(sys.modules[f"models.{name}"])
                waiting.append(sources[file])
    return {file: hashlib.sha256(source).hexdigest() for file, source in sorted(sources.items())}


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


def file_hashes(modules: Iterable[str]) -> dict[str, str]:
    """Return the files of our modules, as they are on the disk, with their SHA-256."""
    hashes = {}
    for name in modules:
        package, _, module = name.rpartition(".")
        source = (importlib.resources.files(package) / f"{module}.py").read_bytes()
        hashes[f"{name.replace('.', '/')}.py"] = hashlib.sha256(source).hexdigest()
    return hashes


def edited_since_import(sources: Mapping[str, str]) -> list[str]:
    """Return which of these files of ours are not on the disk as this process has imported them."""
    edited = []
    for file, digest in sources.items():
        name = file.removesuffix(".py").replace("/", ".")
        if name.partition(".")[0] in HARNESS and file_hashes([name])[file] != digest:
            edited.append(file)
    return edited


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
