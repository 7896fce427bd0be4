"""What the plan of a benchmark costs before anything is trained."""

import subprocess
import sys


def test_the_modules_that_show_a_plan_import_no_library_of_training_statistics_or_charts():
    heavy = {"tensorflow", "keras", "mlflow", "scipy", "statsmodels", "altair", "sklearn"}
    code = f"import sys, benchmark.commands.run; print(sorted({heavy!r} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
