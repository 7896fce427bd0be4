"""What the commands print: plan, progress, summary and tables."""

from benchmark.terminal.console import clean, make_console, print_command, print_pairs, print_table, say
from benchmark.terminal.plan import show_plan
from benchmark.terminal.progress import Progress
from benchmark.terminal.summary import show_comparison, show_ladder_so_far, show_summary

__all__ = [
    "Progress",
    "clean",
    "make_console",
    "print_command",
    "print_pairs",
    "print_table",
    "say",
    "show_comparison",
    "show_ladder_so_far",
    "show_plan",
    "show_summary",
]
