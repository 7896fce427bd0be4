"""How each figure of a comparison is computed, and where the formula comes from."""

from __future__ import annotations

from benchmark.analysis.parts import MethodEntry

METHODS = (
    MethodEntry(
        name="Accuracy, same seeds and same reviews",
        formula="The difference is taken seed by seed and review by review, over the seeds that both have. Seeds and "
        "reviews are crossed random effects; the interval has the uncertainty of both. With one seed it is that of two "
        "trained models, and the p-value is McNemar's exact one.",
        source="Hillis, Statistics in Medicine 26 (2007) 596-619; Cochran, Biometrics 20 (1964) 191-195; McNemar, "
        "Psychometrika 12 (1947) 153-157",
    ),
    MethodEntry(
        name="Accuracy, other seeds or other reviews",
        formula="Welch's interval of the difference of two means over seeds, with the variance that comes from the "
        "test reviews added: on the same reviews that of the difference by review, on other reviews that of each side.",
        source="Welch, Biometrika 34 (1947) 28-35; Cochran, Biometrics 20 (1964) 191-195",
    ),
    MethodEntry(
        name="Loss",
        formula="Over seeds, on these test reviews: Student's t on the differences where seeds and reviews are shared, "
        "else Welch.",
        source="Student, Biometrika 6 (1908) 1-25; Welch, Biometrika 34 (1947) 28-35",
    ),
    MethodEntry(
        name="Seconds per epoch and peak memory",
        formula="Ratio of the geometric means over seeds, with Welch's interval on the logarithms. Not paired: a seed "
        "decides neither. Seconds are those of training, without the first, tracing step and without evaluation.",
        source="Welch, Biometrika 34 (1947) 28-35",
    ),
    MethodEntry(
        name="Several architectures",
        formula="P-values are adjusted for the number of architectures, quantity by quantity. Architectures that end "
        "with equal weights in both benchmarks count once for accuracy and loss. Intervals are not adjusted.",
        source="Holm, Scandinavian Journal of Statistics 6 (1979) 65-70",
    ),
    MethodEntry(
        name="Regression",
        formula="The change of the mean accuracy, or the ratio of the seconds per epoch, as seen, is worse than the "
        "threshold; or an architecture that was planned has no finished trial. Whether chance can be left out is said, "
        "and does not decide.",
        source="",
    ),
)
