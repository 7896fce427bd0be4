"""How each figure is computed, and where the formula comes from."""

from __future__ import annotations

from benchmark.analysis.parts import MethodEntry

METHODS = (
    MethodEntry(
        name="Scores",
        formula="From the saved probability of each test review: accuracy with a probability above 0.5 as positive, "
        "F1, precision, recall, ROC AUC and Brier score (mean squared distance of probability and label), and the "
        "binary cross-entropy. The model of the last epoch counts; no epoch is chosen by its test accuracy.",
        source="scikit-learn; the threshold is that of Keras's binary accuracy",
    ),
    MethodEntry(
        name="Interval of the mean accuracy",
        formula="Every seed is tested on the same reviews, so seeds and reviews are two crossed random effects. "
        "The variance of the mean is (MS of seeds + max(MS of reviews - MS of their interaction, 0)) / (seeds x "
        "reviews). The critical value is the mean of Student's quantile with (seeds - 1) degrees of freedom and the "
        "normal quantile, weighted by the share of the variance that comes from seeds and from reviews.",
        source="Hillis, Statistics in Medicine 26 (2007) 596-619 for the variance; Cochran, Biometrics 20 (1964) "
        "191-195 for the critical value",
    ),
    MethodEntry(
        name="Interval over seeds alone",
        formula="Mean ± Student's quantile x standard deviation / square root of the number of seeds: on these very "
        "test reviews. Unknown with one seed.",
        source="Student, Biometrika 6 (1908) 1-25",
    ),
    MethodEntry(
        name="Interval of one trial",
        formula="Wilson's interval of a proportion: of this one trained model, over reviews like these.",
        source="Wilson, JASA 22 (1927) 209-212; statsmodels",
    ),
    MethodEntry(
        name="Difference to the paper",
        formula="Mean accuracy minus the paper's figure, with the interval of the mean; once with the paper's figure "
        "as exact, once with its own binomial variance p(1 - p) / reviews added. The verdict goes by the second, "
        "wider one.",
        source="Maas et al., ACL 2011, for the figure",
    ),
    MethodEntry(
        name="Verdict",
        formula="Equivalent: two one-sided tests at 5% show that the difference lies within the margin that was set in "
        "advance. Otherwise above or below: the 95% interval of the difference leaves zero out. Otherwise undecided. "
        "Undecided is no evidence of equality. One seed is always undecided.",
        source="Schuirmann, J. Pharmacokinetics and Biopharmaceutics 15 (1987) 657-680",
    ),
    MethodEntry(
        name="Seeds needed",
        formula="The fewest seeds at which the test above has a power of 80%, if the true difference and the true "
        "spread are those seen; the statistic is taken as noncentral t with Satterthwaite's degrees of freedom.",
        source="Johnson and Welch, Biometrika 31 (1940) 362-389; Satterthwaite, Biometrics Bulletin 2 (1946) 110-114",
    ),
    MethodEntry(
        name="Against the tutorial",
        formula="The tutorial's figure is one run. It is placed in the range where one more seed of ours would lie: "
        "mean ± Student's quantile x standard deviation x square root of (1 + 1/seeds).",
        source="Hahn and Meeker, Statistical Intervals (1991), section 4.7",
    ),
    MethodEntry(
        name="Between architectures",
        formula="The differences of right and wrong, seed by seed and review by review, are treated as the accuracies "
        "above. The probability of improvement is the share of all pairs of seeds in which the first is better, ties "
        "half. Where there is one common seed: McNemar's exact test.",
        source="Agarwal et al., NeurIPS 2021 (rliable); McNemar, Psychometrika 12 (1947) 153-157; statsmodels",
    ),
    MethodEntry(
        name="Several tests",
        formula="p-values are adjusted for the number of tests: those against the paper for the number of "
        "architectures, those between architectures for the number of pairs. An architecture that ends with the "
        "weights of an earlier one for every seed is the same result: its tests are not counted again and take the "
        "adjusted p-value of that one. The A/A control is not counted, since its two architectures are equal by "
        "design. Intervals and verdicts are not adjusted.",
        source="Holm, Scandinavian J. of Statistics 6 (1979) 65-70",
    ),
    MethodEntry(
        name="Outliers",
        formula="A seed away from the median by more than the equivalence margin, and by more median absolute "
        "deviations (scaled by 1.4826) than the farthest of as many normal values in 90% of samples: 10.8 with 3 "
        "seeds, 5.4 with 5, 3.8 with 10. It stays in every figure; the median and the worst seed stand beside the "
        "mean.",
        source="Leys et al., J. Experimental Social Psychology 49 (2013) 764-766",
    ),
    MethodEntry(
        name="Calibration",
        formula="Ten equally wide bins of the probability, over all seeds: mean probability against the share of "
        "positive reviews; the expected calibration error is the mean gap, weighted by predictions.",
        source="Guo et al., ICML 2017",
    ),
)
