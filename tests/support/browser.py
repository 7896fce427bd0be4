"""A page in a real browser, as its readers open it."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

LOOK = Path(__file__).with_name("look_at_report.mjs")
MODULES = ("axe-core@4", "playwright-core@1")


def look_at(page: str, folder: Path, cache: pytest.Cache) -> dict:
    """What `look_at_report.mjs` sees of a page of HTML; skips where there is no browser.

    Parameters
    ----------
    folder : Path
        For the page, its screenshots and its PDF.
    cache : pytest.Cache
        Keeps the two packages from npm.
    """
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("Chromium is not installed")
    modules = _modules(cache)
    file = folder / "page.html"
    file.write_text(page, encoding="utf-8")
    subprocess.run(["node", LOOK, chromium, modules, file, folder], check=True, timeout=300)
    return json.loads((folder / "seen.json").read_text(encoding="utf-8"))


def foreign_requests(seen: dict) -> list[str]:
    """Addresses that the page asked for, beyond itself."""
    looks = [*seen["looks"], seen["frame"], seen["without_scripts"], seen["print"]]
    requests = [url for look in looks for url in look["requests"]]
    return [url for url in requests if not url.startswith(("file:", "data:", "blob:"))]


def complaints(seen: dict) -> list[str]:
    """Errors and warnings on the console."""
    return [text for look in [*seen["looks"], seen["frame"], seen["print"]] for text in look["complaints"]]


def _modules(cache: pytest.Cache) -> Path:
    if shutil.which("npm") is None:
        pytest.skip("npm is not installed")
    folder = cache.mkdir("browser")
    if not all((folder / "node_modules" / module.split("@")[0]).is_dir() for module in MODULES):
        command = ["npm", "install", "--prefix", str(folder), "--no-audit", "--no-fund", "--loglevel=error", *MODULES]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
        if done.returncode:
            pytest.skip(f"npm cannot install {' and '.join(MODULES)}: {done.stderr.strip().splitlines()[-1:]}")
    return folder
