"""What a set of readings is worth: intervals, calibration, ranking, confusions."""

from typing import NamedTuple

import numpy as np

from model.nn.layers import Array

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


class Reliability(NamedTuple):
    """How often predictions came true, in 15 bins of equal width over 0..1.

    ``share`` of all predictions in the bin, ``predicted`` mean probability and ``observed``
    frequency; the latter two are NaN in an empty bin. All are (15,).
    """

    share: Array
    predicted: Array
    observed: Array

    @property
    def error(self) -> float:
        """The expected calibration error: the mean of |predicted - observed| over predictions."""
        filled = self.share > 0
        gaps = np.abs(self.predicted[filled] - self.observed[filled])
        return float((self.share[filled] * gaps).sum())


def reliability(probabilities: Array, outcomes: Array, weights: Array | None = None) -> Reliability:
    """Compare predictions with what came true.

    Naeini, Cooper and Hauskrecht 2015, "Obtaining well calibrated probabilities using Bayesian
    binning"; Guo et al. 2017, "On calibration of modern neural networks".

    Args:
        probabilities: (N,), 0..1.
        outcomes: (N,), whether it came true.
        weights: (N,), how much each prediction counts; all the same if left out.
    """
    weights = np.ones(len(probabilities)) if weights is None else weights
    bins = np.minimum((probabilities * BINS).astype(int), BINS - 1)
    total = np.bincount(bins, weights, BINS)
    with np.errstate(invalid="ignore"):  # 0 / 0 in an empty bin is NaN, as promised
        predicted = np.bincount(bins, weights * probabilities, BINS) / total
        observed = np.bincount(bins, weights * outcomes, BINS) / total
    return Reliability(total / max(total.sum(), 1e-12), predicted, observed)


def auroc(positives: Array, negatives: Array) -> float:
    """Return the area under the ROC curve: how often a positive scores above a negative.

    A tie counts one half (Mann and Whitney 1947). Both are 1-D and not empty.
    """
    ordered = np.sort(negatives)
    below = np.searchsorted(ordered, positives, side="left")
    not_above = np.searchsorted(ordered, positives, side="right")
    return float(((below + not_above) / 2).mean() / len(ordered))


def confusion_matrix(labels: Array, readings: Array, classes: int = 10) -> Array:
    """Return (classes, classes) counts, rows by label and columns by reading.

    Readings below 0, of drawings without a reading, are in no column.
    """
    matrix = np.zeros((classes, classes), np.int64)
    read = readings >= 0
    np.add.at(matrix, (labels[read], readings[read]), 1)
    return matrix
