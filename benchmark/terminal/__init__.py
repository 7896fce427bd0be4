"""What a person sees in the terminal: the plan, the progress, the summary."""

from benchmark.terminal.bytes_view import BytesView
from benchmark.terminal.console import make_console, words_for_seconds
from benchmark.terminal.plan_view import show_corpus, show_hint, show_plan, show_resumed, show_trained_again
from benchmark.terminal.summary import show_next_steps, show_summary
from benchmark.terminal.trials_view import TrialsView

__all__ = [
    "BytesView",
    "TrialsView",
    "make_console",
    "show_corpus",
    "show_hint",
    "show_next_steps",
    "show_plan",
    "show_resumed",
    "show_summary",
    "show_trained_again",
    "words_for_seconds",
]
