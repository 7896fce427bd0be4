"""What a signal does, told by a small process, so that no benchmark has to be started for it."""

import signal
import subprocess
import sys

import pytest

from tracking.store import PROJECT

WAITS = """
import sys, time
from benchmark.interruption import Interrupted, interruptible, whole
with interruptible():
    try:
        if "whole" in sys.argv:
            with whole():
                print("ready", flush=True)
                sys.stdin.readline()
                print("done", flush=True)
        else:
            print("ready", flush=True)
        time.sleep(60)
    except Interrupted as interrupted:
        print("interrupted", flush=True)
        if "slowly" in sys.argv:
            time.sleep(60)
        sys.exit(interrupted.exit_code)
"""


def start(*words: str, before: tuple[str, ...] = ()) -> subprocess.Popen[str]:
    command = [*before, sys.executable, "-c", WAITS, *words]
    process = subprocess.Popen(
        command,
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL),  # the tests may run under nohup themselves
    )
    assert process.stdout.readline() == "ready\n"
    return process


def send_without_effect(process: subprocess.Popen[str], number: signal.Signals) -> None:
    process.send_signal(number)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(0.3)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_the_first_signal_interrupts_and_its_number_makes_the_exit_code(number: signal.Signals) -> None:
    process = start()
    process.send_signal(number)
    assert process.communicate(timeout=30)[0] == "interrupted\n"
    assert process.returncode == 128 + number


def test_a_second_ctrl_c_ends_at_once_and_other_signals_hasten_nothing() -> None:
    process = start("slowly")
    process.send_signal(signal.SIGINT)
    assert process.stdout.readline() == "interrupted\n"
    send_without_effect(process, signal.SIGTERM)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    assert process.returncode == 130


def test_what_must_not_be_cut_in_two_ends_before_the_signal_is_heard() -> None:
    process = start("whole")
    send_without_effect(process, signal.SIGTERM)
    assert process.communicate("go on\n", timeout=30)[0] == "done\ninterrupted\n"
    assert process.returncode == 143


def test_a_second_ctrl_c_ends_even_that_at_once() -> None:
    process = start("whole")
    send_without_effect(process, signal.SIGINT)
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=30)[0] == ""
    assert process.returncode == 130


def test_under_nohup_a_closed_terminal_ends_nothing() -> None:
    process = start(before=("nohup",))
    send_without_effect(process, signal.SIGHUP)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=30)
    assert process.returncode == 143
