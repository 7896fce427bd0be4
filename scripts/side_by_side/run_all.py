"""Run every script of this folder, one after the other, then set their figures into ``docs/performance.md``.

``python -m scripts.side_by_side.run_all --data path/to/aclImdb_v1.tar.gz`` on a machine that does nothing else;
``--quick`` to see that everything runs, with figures that say nothing and a page of its own.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import time

from scripts.side_by_side.measuring import PROJECT, QUICK_RESULTS, RESULTS
from scripts.side_by_side.write_tables import PAGE, SCRIPTS, write_tables


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m scripts.side_by_side.run_all", description=__doc__)
    parser.add_argument("--data", default="auto", help="the corpus: an aclImdb….tar.gz for all of the measurements")
    parser.add_argument("--quick", action="store_true", help="tiny sizes, to see that everything runs")
    parser.add_argument("--only", default="", help="names of scripts, comma-separated")
    parser.add_argument("--environments", default="", help="folder of the PyTorch and JAX environments")
    options = parser.parse_args()
    wanted = options.only.split(",") if options.only else [script.name for script in SCRIPTS]
    unknown = set(wanted) - {script.name for script in SCRIPTS}
    if unknown:
        parser.error(f"--only: there is no {', '.join(unknown)}; possible are {', '.join(s.name for s in SCRIPTS)}")

    failed = []
    for name in wanted:
        command = [sys.executable, "-m", f"scripts.side_by_side.{name}", "--data", options.data]
        command += ["--quick"] if options.quick else []
        if name == "frameworks" and options.environments:
            command += ["--environments", options.environments]
        started = time.perf_counter()
        print(f"== {name}", flush=True)
        if subprocess.run(command, cwd=PROJECT).returncode:
            failed.append(name)
        print(f"== {name}: {time.perf_counter() - started:.0f} s\n", flush=True)

    results, page = (QUICK_RESULTS, QUICK_RESULTS / PAGE.name) if options.quick else (RESULTS, PAGE)
    if options.quick:
        results.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(PAGE, page)
    write_tables(results, page)
    print(f"figures in {results}, page {page}")
    if failed:
        print(f"FAILED: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
