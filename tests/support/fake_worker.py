"""Workers for the executor's tests: the seed says what becomes of the trial."""

import os
import signal
import sys
import time

from benchmark.events import StepsDone, TrialFailed
from benchmark.executors.worker import WorkerRefused
from benchmark.results import Environment

FAILS, IS_KILLED, EXITS, HANGS, CRASHES = range(5)

ENVIRONMENT = Environment(
    device_kind="cpu",
    device_name="a CPU",
    cpu_model="a CPU",
    cpu_cores=2,
    memory_gb=1.0,
    threads=2,
    platform="Linux",
    versions={"tensorflow": "2.21.0"},
)


def serve(connection, device, log_file):
    connection.send(ENVIRONMENT.model_copy(update={"device_name": f"process {os.getpid()}"}))
    while (task := connection.recv()) is not None:
        trial = task.trial
        connection.send(StepsDone(trial, 1, 1, 2))
        match trial.seed:
            case seed if seed == IS_KILLED:
                os.kill(os.getpid(), signal.SIGKILL)
            case seed if seed == EXITS:
                log_file.write_text("last words")
                os._exit(3)
            case seed if seed == HANGS:
                time.sleep(600)
            case seed if seed == CRASHES:
                os.kill(os.getpid(), signal.SIGSEGV)
        connection.send(TrialFailed(trial, "it failed", "a traceback"))


def refuse(connection, device, log_file):
    connection.send(WorkerRefused(f"--device {device}: there is none"))


def die_at_start(connection, device, log_file):
    log_file.write_text("no such library")
    sys.exit(1)
