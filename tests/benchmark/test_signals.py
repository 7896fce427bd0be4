"""What a signal does to a small process."""

import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
WAITS = """
import sys, time
from benchmark.signals import Interrupted, defer_signals, interruptible
with interruptible():
    try:
        if "deferred" in sys.argv:
            with defer_signals():
                with defer_signals():
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
    process = subprocess.Popen(
        [*before, sys.executable, "-c", WAITS, *words],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
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


def test_a_second_sigint_forces_the_exit_and_other_signals_do_not() -> None:
    process = start("slowly")
    process.send_signal(signal.SIGINT)
    assert process.stdout.readline() == "interrupted\n"
    send_without_effect(process, signal.SIGTERM)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    assert process.returncode == 130


def test_a_deferred_signal_interrupts_at_the_end_of_the_outer_block_and_a_second_sigint_at_once() -> None:
    process, in_a_hurry = start("deferred"), start("deferred")
    for one in (process, in_a_hurry):
        send_without_effect(one, signal.SIGINT)
    assert process.communicate("go on\n", timeout=30)[0] == "done\ninterrupted\n"
    in_a_hurry.send_signal(signal.SIGINT)
    assert in_a_hurry.communicate(timeout=30)[0] == ""
    assert process.returncode == in_a_hurry.returncode == 130


def test_a_closed_terminal_interrupts_a_command_that_writes_to_it() -> None:
    pid, terminal = pty.fork()
    if not pid:
        os.chdir(PROJECT)
        os.execv(sys.executable, [sys.executable, "-c", WAITS])
    assert b"ready" in os.read(terminal, 100)
    os.close(terminal)
    _, status = os.waitpid(pid, 0)
    assert os.waitstatus_to_exitcode(status) == 128 + signal.SIGHUP


def test_under_nohup_a_closed_terminal_ends_nothing() -> None:
    process = start(before=("nohup",))
    send_without_effect(process, signal.SIGHUP)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=30)
    assert process.returncode == 143
