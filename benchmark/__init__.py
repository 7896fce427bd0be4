"""The harness: plan trials, run them, evaluate and report."""

__version__ = "0.1.0"
