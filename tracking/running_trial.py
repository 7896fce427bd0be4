"""The run of a trial that is being trained: what is sent to the store for it, in this order, when that answers."""

from __future__ import annotations

import uuid

from benchmark.config import TrialConfig
from benchmark.results import EpochResult, TrialOutcome
from tracking.spool import SpoolLabel, send_outcome
from tracking.store import Store
from tracking.system_metrics import SystemMetrics
from tracking.trial_runs import fail_trial_run, kill_trial_run, log_epoch, start_trial_run


class RunningTrial:
    """A trial run that has not ended; its id is known once the store has created it.

    Every method that writes may be cut short by an outage and called again.

    Attributes
    ----------
    attempt : str
        Names this training of the trial, and no other.
    """

    def __init__(self, store: Store, benchmark_run_id: str, trial: TrialConfig) -> None:
        self.attempt = uuid.uuid4().hex
        self._store = store
        self._benchmark_run_id = benchmark_run_id
        self._trial = trial
        self._run_id: str | None = None
        self._has_ended = False
        self._is_training = True
        self._metrics: SystemMetrics | None = None

    def start(self, sampled: bool) -> None:
        """Create the run; if `sampled`, log this machine's load until `stop_sampling`."""
        self._run_id = start_trial_run(
            self._store.client, self._store.experiment_id, self._benchmark_run_id, self._trial, self.attempt
        )
        if sampled and self._is_training:  # its training may have ended while the store was away
            self._metrics = SystemMetrics(self._run_id, self._store.tracking_uri)

    def stop_sampling(self) -> None:
        """Say that its training is over."""
        self._is_training = False
        if self._metrics is not None:
            self._metrics.stop()
            self._metrics = None

    def log_epoch(self, epoch: EpochResult, timestamp_ms: int) -> None:
        log_epoch(self._store.client, self._known_run_id, epoch, timestamp_ms)

    def send(self, outcome: TrialOutcome, label: SpoolLabel) -> None:
        """End it as finished, with all its files."""
        send_outcome(self._store.client, outcome, label)
        self._has_ended = True

    def fail(self, reason: str, traceback: str) -> None:
        """End it as failed."""
        fail_trial_run(self._store.client, self._known_run_id, reason, traceback)
        self._has_ended = True

    def kill(self) -> None:
        """End it as killed, unless it has ended or was never created."""
        if self._run_id is not None and not self._has_ended:
            kill_trial_run(self._store.client, self._run_id)

    @property
    def _known_run_id(self) -> str:
        assert self._run_id is not None, "the outbox keeps the order: a run is created before it is written to"
        return self._run_id
