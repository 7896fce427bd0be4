"""CPU, memory, disk, network and GPU use of this machine while a trial runs, logged to its run by MLflow's monitor.

They are of the whole machine: where trials run side by side on it, of all of them together.
"""

from __future__ import annotations

import logging
import os


class SystemMetrics:
    """Samples every ten seconds until stopped; does nothing where ``MLFLOW_ENABLE_SYSTEM_METRICS_LOGGING`` is false."""

    def __init__(self, run_id: str, tracking_uri: str) -> None:
        self._monitor = None
        if os.environ.get("MLFLOW_ENABLE_SYSTEM_METRICS_LOGGING", "true").lower() in ("false", "0"):
            return
        from mlflow.system_metrics.system_metrics_monitor import SystemMetricsMonitor

        logging.getLogger("mlflow.system_metrics.system_metrics_monitor").setLevel(logging.ERROR)
        self._monitor = SystemMetricsMonitor(run_id, tracking_uri=tracking_uri)
        self._monitor.start()

    def stop(self) -> None:
        """Log the last sample, and end the thread."""
        if self._monitor is not None:
            self._monitor.finish()
