"""The statistics behind the scores: intervals, calibration, ranking, confusions."""

import numpy as np

from model.evaluation.report import Reliability
from model.nn.base import Array

BINS = 15  # of a reliability diagram, as Guo et al. have them
Z_95 = 1.959964  # the normal distribution has 95 % within so many standard deviations


def wilson_interval(successes: int, count: int) -> tuple[float, float]:
    """Return the 95 % interval of a share that was found as `successes` of `count`.

    Wilson 1927, "Probable inference, the law of succession, and statistical inference"; it holds
    where the share is near 0 or 1, too. For a count of 0 it is 0 to 1.
    """
    if count == 0:
        return 0.0, 1.0
    share = successes / count
    centre = (share + Z_95**2 / (2 * count)) / (1 + Z_95**2 / count)
    variance = share * (1 - share) / count + Z_95**2 / (4 * count**2)
    half = Z_95 * variance**0.5 / (1 + Z_95**2 / count)
    return max(0.0, centre - half), min(1.0, centre + half)


def reliability(probabilities: Array, outcomes: Array, weights: Array | None = None) -> Reliability:
    """Compare probabilities with what came true, in 15 bins.

    Naeini, Cooper and Hauskrecht 2015, "Obtaining well calibrated probabilities using Bayesian
    binning"; Guo et al. 2017, "On calibration of modern neural networks".

    Args:
        probabilities: (N,), 0..1; at least one.
        outcomes: (N,), 1 for what came true and 0 for what did not.
        weights: (N,), how much each prediction counts; all the same if left out.
    """
    weights = np.ones(len(probabilities)) if weights is None else weights
    bins = np.minimum((probabilities * BINS).astype(int), BINS - 1)
    total = np.bincount(bins, weights, BINS)
    with np.errstate(invalid="ignore"):  # 0 / 0 in an empty bin is NaN
        predicted = np.bincount(bins, weights * probabilities, BINS) / total
        observed = np.bincount(bins, weights * outcomes, BINS) / total
    share = total / total.sum()
    return Reliability(
        error=float(np.nansum(share * np.abs(predicted - observed))),
        share=tuple(share.tolist()),
        predicted=_without_nan(predicted),
        observed=_without_nan(observed),
    )


def error_by_chance(probabilities: Array) -> float:
    """Return the calibration error that `reliability` finds if every probability is exact.

    What comes true varies, so it is not 0: what lies near it says nothing against the
    probabilities. It is the mean over 200 draws of outcomes, the "consistency resampling" of
    Bröcker and Smith 2007, "Increasing the reliability of reliability diagrams".

    Args:
        probabilities: (N,), 0..1; at least one.
    """
    rng = np.random.default_rng(0)
    draws = (rng.random(len(probabilities)) < probabilities for _ in range(200))
    return float(np.mean([reliability(probabilities, outcomes).error for outcomes in draws]))


def _without_nan(values: Array) -> tuple[float | None, ...]:
    return tuple(None if np.isnan(value) else value for value in values.tolist())


def auroc(positives: Array, negatives: Array) -> float:
    """Return the area under the ROC curve: how often a positive scores above a negative.

    A tie counts one half. Mann and Whitney 1947, "On a test of whether one of two random
    variables is stochastically larger than the other".

    Args:
        positives, negatives: scores, (N,) and (M,), not empty.
    """
    ordered = np.sort(negatives)
    below = np.searchsorted(ordered, positives, side="left")
    not_above = np.searchsorted(ordered, positives, side="right")
    return float(((below + not_above) / 2).mean() / len(ordered))


def confusion_matrix(labels: Array, digits: Array, classes: int = 10) -> Array:
    """Return counts, int64 (classes, classes), rows by label and columns by what was read.

    Args:
        labels: integers (N,), 0 to classes - 1.
        digits: integers (N,), likewise; drawings with one below 0 were not read and do not count.
    """
    matrix = np.zeros((classes, classes), np.int64)
    read = digits >= 0
    np.add.at(matrix, (labels[read], digits[read]), 1)
    return matrix
