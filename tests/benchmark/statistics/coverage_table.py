"""How often the nominal 95% interval of a mean holds the truth, for each number of seeds and share of their variance.

``python -m tests.benchmark.statistics.coverage_table`` prints the table of ``docs/statistics.md``.
"""

import numpy as np
from scipy import stats

from benchmark.statistics.crossed import critical_value

SEED_COUNTS = (2, 3, 5, 10)
SHARES = (0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0)
REPEATS = 200_000
NODES = 300


def simulated_means(seeds, share, repeats=REPEATS):
    """Errors of means of variance 1, of which `share` comes from normal seeds, and the estimates of that part."""
    generator = np.random.default_rng([seeds, int(100 * share)])
    error = generator.normal(size=repeats)
    estimate = share * generator.chisquare(seeds - 1, repeats) / (seeds - 1)
    return error, estimate


def half_width(estimate, known, seeds, level=0.95):
    """Of the interval that the benchmark uses."""
    total = estimate + known
    return critical_value(estimate / total, seeds, level) * np.sqrt(total)


def satterthwaite_half_width(estimate, known, seeds, level=0.95):
    """Of the interval with Satterthwaite's degrees of freedom, for comparison."""
    total = estimate + known
    freedom = np.minimum((seeds - 1) * (total / np.maximum(estimate, 1e-12)) ** 2, 1e9)
    return stats.t.ppf(0.5 + level / 2, freedom) * np.sqrt(total)


def coverage(seeds, share, width=half_width):
    """Chance that an interval holds the truth, by an integral over the estimate of the seeds' part.

    The mean of a normal sample does not depend on its variance, so given the estimate it is just normal.
    """
    node, weight = np.polynomial.legendre.leggauss(NODES)
    place = (node + 1) / 2
    quantile = place**2 * (3 - 2 * place)  # many nodes at both ends, where the estimate changes fast
    estimate = share * stats.chi2.ppf(quantile, seeds - 1) / (seeds - 1)
    held = 2 * stats.norm.cdf(width(estimate, 1 - share, seeds)) - 1
    return float(np.sum(weight * 3 * place * (1 - place) * held))


def simulated_coverage(seeds, share, width=half_width, repeats=REPEATS):
    """The same as the share of simulated intervals that hold the truth."""
    error, estimate = simulated_means(seeds, share, repeats)
    return float(np.mean(np.abs(error) <= width(estimate, 1 - share, seeds)))


def coverage_where_seeds_collapse(seeds, chance=0.2, fall=0.08, spread=0.005, repeats=REPEATS):
    """The same over seeds alone, where some fall far below the others, as the plain LSTM does."""
    generator = np.random.default_rng([seeds, 20])
    values = spread * generator.normal(size=(repeats, seeds)) - fall * (generator.random((repeats, seeds)) < chance)
    half = half_width(values.var(axis=1, ddof=1) / seeds, 0.0, seeds)
    return float(np.mean(np.abs(values.mean(axis=1) + chance * fall) <= half))


def main():
    for name, width in (("used here", half_width), ("Satterthwaite", satterthwaite_half_width)):
        print(f"| {name} | " + " | ".join(f"{share:.0%}" for share in SHARES) + " |")
        print("| --- " * (1 + len(SHARES)) + "|")
        for seeds in SEED_COUNTS:
            cells = (f"{100 * coverage(seeds, share, width):.1f}" for share in SHARES)
            print(f"| {seeds} seeds | " + " | ".join(cells) + " |")
        print()
    for seeds in (*SEED_COUNTS, 20, 50):
        print(f"one seed in five collapses, {seeds} seeds: {100 * coverage_where_seeds_collapse(seeds):.0f}%")


if __name__ == "__main__":
    main()
