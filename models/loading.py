"""The import of one source from elsewhere, and all that it reads."""

from __future__ import annotations

import functools
import hashlib
import importlib
import importlib.metadata
import importlib.resources
import os
import site
import sys
import sysconfig
from types import ModuleType
from typing import Any

INSTALLED = "the list of installed packages"
OURS = ("benchmark", "models")
HARNESS = ("benchmark/", "models/registry.py", "models/loading.py")  # a traceback reads them, to show their lines
# a trial has Keras's own defaults, and Keras may import matplotlib, which draws nothing
SETTINGS_OF_LIBRARIES = ("/.keras/keras.json", "/matplotlib/fontlist-", "/matplotlib/matplotlibrc")
SYSTEM_FOLDERS = ("/dev", "/etc", "/proc", "/sys", "/usr/share")

_is_recording = False
_read: set[str] = set()  # paths of the files that were read
_written: set[str] = set()  # files that this process made itself
_folder = ""  # of the source's own file


def import_source(source: str) -> ModuleType:
    """Import ``/abs/nets.py``, with its folder first on the path, or ``package.module``.

    The process serves nothing else, so that what the source patches, sets or imports ends with it. Python started it
    with ``-c``, so that the folder that the user is in is on the path.
    """
    global _folder
    name = source
    if "/" in source:
        folder, file = os.path.split(source)
        sys.path.insert(0, folder)
        name = file.removesuffix(".py")
    module = importlib.import_module(name)
    path = os.path.abspath(module.__file__ or "")
    if "/" in source and path != source:
        raise ImportError(f"{name!r} is the name of another module here; rename the file")
    _folder = os.path.dirname(path)
    return module


def record() -> None:
    """From now on record all that is read, and once `sources` was asked for only code."""
    global _is_recording
    _watch()
    _is_recording = True


def sources() -> dict[str, str]:
    """Return the files that the source has read so far, with their SHA-256, and a digest of what is installed."""
    global _is_recording
    _is_recording = False
    named = {}
    for path in list(_read):
        try:
            digest = _sha256(path)
        except OSError:  # it was looked for, or is a folder
            continue
        name = os.path.relpath(path, _folder)
        for folder in _folders_of_ours():
            if path.startswith(folder):
                name = os.path.relpath(path, os.path.join(folder, os.pardir))
        if not name.startswith(HARNESS):
            named[name] = digest
    return dict(sorted(named.items())) | {INSTALLED: _installed_packages()}


@functools.cache
def _watch() -> None:
    """Compile our modules and the source's from their code, not from a cache, and see what is opened."""
    sys.dont_write_bytecode = True
    sys.addaudithook(_on_event)


def _on_event(event: str, arguments: tuple[Any, ...]) -> None:
    """Record a file that is opened."""
    if event != "open":
        return
    path, _, flags = arguments
    if not isinstance(path, str | bytes | os.PathLike):
        return
    path = os.path.abspath(os.fsdecode(path))
    if path.startswith(_library_folders()) or any(name in path for name in SETTINGS_OF_LIBRARIES):
        return
    if flags & (os.O_WRONLY | os.O_CREAT):
        _written.add(path)
    elif f"{os.sep}__pycache__{os.sep}" in path:
        raise FileNotFoundError(path)  # it may not belong to the code; Python then compiles that
    elif path not in _written:
        is_late_import = path.endswith(".py") and not path.startswith(_folders_of_ours())
        if _is_recording or is_late_import:
            _read.add(path)


@functools.cache
def _sha256(path: str) -> str:
    """Return the digest of what a file had when it was asked for first."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@functools.cache
def _library_folders() -> tuple[str, ...]:
    """Return the folders of the standard library, of the installed packages and of the system, each with a slash."""
    folders = {sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib"), *SYSTEM_FOLDERS}
    folders |= {*site.getsitepackages(), site.getusersitepackages()}
    folders |= {os.path.realpath(folder) for folder in folders}
    return tuple(os.path.join(folder, "") for folder in folders)


@functools.cache
def _folders_of_ours() -> tuple[str, ...]:
    """Return the folders of the harness's packages, each with a slash."""
    return tuple(f"{importlib.resources.files(package)}/" for package in OURS)


@functools.cache
def _installed_packages() -> str:
    """Return a SHA-256 of the names and versions of all installed packages."""
    lines = {f"{package.name}=={package.version}" for package in importlib.metadata.distributions()}
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()
