"""Code of architectures, imported from its files as they are now."""

from __future__ import annotations

import ast
import hashlib
import importlib
import importlib.util
import sys
import sysconfig
from collections.abc import Iterable, Mapping, Sequence
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType

HARNESS = ("benchmark", "models", "tracking")
STANDARD_LIBRARY = Path(sysconfig.get_path("stdlib"))
LIBRARIES = {"site-packages", "dist-packages"}  # names of their folders
NOT_HASHED = ("registry", "loading")  # of `models`: what an architecture takes from them is in the fingerprint itself


class _Finder:
    """Finds what one architecture imports from its own folder or package.

    Attributes
    ----------
    folder : Path or None
        The architecture's own folder; None for an installed package.
    package : str
        Its top-level package; empty for a file.
    executed : dict
        Name of each module to its file, from the package on, and the source that was executed.
    """

    folder: Path | None = None
    package = ""
    executed: dict[str, tuple[str, bytes]]

    def __init__(self) -> None:
        self.executed = {}

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Have a module of the architecture's own loaded by `_Loader`; what is installed comes before its folder."""
        spec = PathFinder.find_spec(name, path, target)
        if spec is None and path is None and self.folder:
            spec = PathFinder.find_spec(name, [str(self.folder)], target)
        if spec and spec.origin and type(spec.loader) is SourceFileLoader and self._is_own(name, Path(spec.origin)):
            spec.loader = _Loader(name, spec.origin)
        return spec

    def _is_own(self, name: str, file: Path) -> bool:
        top = name.partition(".")[0]
        if top in HARNESS:
            return False
        if top == self.package:
            return True
        if self.folder is None or _is_in_library(file):
            return False
        return file.is_relative_to(self.folder) or file.resolve().is_relative_to(self.folder)

    def forget(self) -> None:
        """Make the next import read the files again."""
        own = {name.partition(".")[0] for name in self.executed}
        for name in list(sys.modules):
            if name.partition(".")[0] in own:  # a package without __init__.py has executed nothing itself
                del sys.modules[name]
        self.executed.clear()
        importlib.invalidate_caches()


class _Loader(SourceFileLoader):
    """Executes the source, not its bytecode, which may be that of a file edited within the same second."""

    def get_code(self, fullname: str) -> CodeType:
        source = self.get_data(self.path)
        depth = fullname.count(".") + 1
        if Path(self.path).stem == "__init__":
            depth += 1
        file = "/".join(Path(self.path).parts[-depth:])
        _finder.executed[fullname] = (file, source)
        return self.source_to_code(source, self.path)


_finder = _Finder()


def import_fresh(where: str) -> ModuleType:
    """Import ``/abs/nets.py`` or ``package.module``, and what it imports from its own folder or package.

    What an earlier call had imported is imported again, so that the code is that of the files now and that two
    architectures share no module.
    """
    _finder.forget()
    if _finder not in sys.meta_path:
        sys.meta_path.insert(sys.meta_path.index(PathFinder), _finder)
    if "/" not in where:
        _finder.package = where.partition(".")[0]
        _finder.folder = _folder_of_package(_finder.package)
        return importlib.import_module(where)

    path = Path(where)
    _finder.package, _finder.folder = "", path.parent
    name = module_name(path)
    loader = _Loader(name, str(path))
    spec = importlib.util.spec_from_file_location(name, path, loader=loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    loader.exec_module(module)
    return module


def module_name(path: Path) -> str:
    """Return the name of the module that is made of a file."""
    return f"architecture_{hashlib.sha256(str(path).encode()).hexdigest()[:12]}"


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
        for name in _imported_models(waiting.pop()):
            file = f"models/{name.removeprefix('models.')}.py"
            if file not in sources:
                sources[file] = executed_source(sys.modules[name])
                waiting.append(sources[file])
    return {file: hashlib.sha256(source).hexdigest() for file, source in sorted(sources.items())}


def file_hashes(modules: Iterable[str]) -> dict[str, str]:
    """Return the files of our modules, as they are on the disk, with their SHA-256."""
    hashes = {}
    for name in modules:
        spec = importlib.util.find_spec(name)
        assert spec is not None
        assert spec.origin is not None
        hashes[f"{name.replace('.', '/')}.py"] = hashlib.sha256(Path(spec.origin).read_bytes()).hexdigest()
    return hashes


def edited_since_import(sources: Mapping[str, str]) -> list[str]:
    """Return which of these files of ours are not on the disk as this process has imported them."""
    edited = []
    for file, digest in sources.items():
        name = file.removesuffix(".py").replace("/", ".")
        if name.partition(".")[0] in HARNESS and file_hashes([name])[file] != digest:
            edited.append(file)
    return edited


def _folder_of_package(package: str) -> Path | None:
    """Return the folder that has the package; None where that is a folder of libraries."""
    spec = importlib.util.find_spec(package)
    if spec is None:
        return None
    places = list(spec.submodule_search_locations or [])
    if not places and spec.origin:
        places = [spec.origin]
    if not places:
        return None
    folder = Path(places[0]).resolve().parent
    return None if _is_in_library(folder) else folder


def _is_in_library(file: Path) -> bool:
    return bool(LIBRARIES & set(file.parts)) or file.is_relative_to(STANDARD_LIBRARY)


def _imported_models(source: bytes) -> set[str]:
    """Return the modules of `models` that this source imports anywhere."""
    words = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and (node.level or (node.module or "").partition(".")[0] == "models"):
            words |= {(node.module or "").rpartition(".")[2], *(alias.name for alias in node.names)}
        if isinstance(node, ast.Import):
            words |= {alias.name.removeprefix("models.") for alias in node.names}
    return {f"models.{word}" for word in words if word not in NOT_HASHED and f"models.{word}" in sys.modules}
