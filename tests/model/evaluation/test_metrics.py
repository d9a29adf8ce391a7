import numpy as np
import pytest

from model.evaluation.metrics import (
    auroc,
    confusion_matrix,
    error_by_chance,
    reliability,
    wilson_interval,
)


def test_wilson_interval_by_hand():
    # 30 of 10,000, z = 1.96: centre (0.003 + 0.000192) / 1.000384 = 0.0031909,
    # half sqrt(0.003 * 0.997 / 1e4 + 9.604e-9) * 1.96 / 1.000384 = 0.0010883.
    low, high = wilson_interval(30, 10_000)
    assert low == pytest.approx(0.0021027, abs=2e-6)
    assert high == pytest.approx(0.0042791, abs=2e-6)


def test_wilson_interval_at_the_ends():
    assert wilson_interval(0, 0) == (0, 1)
    assert wilson_interval(0, 100)[0] == 0
    assert wilson_interval(0, 100)[1] == pytest.approx(1.96**2 / (100 + 1.96**2), abs=1e-4)
    low, high = wilson_interval(100, 100)
    assert (1 - high, 1 - low) == pytest.approx(wilson_interval(0, 100))


def test_wilson_interval_covers_the_truth_95_times_in_100():
    rng = np.random.default_rng(0)
    found = rng.binomial(500, 0.02, 2000)
    inside = [low <= 0.02 <= high for low, high in (wilson_interval(int(k), 500) for k in found)]
    assert 0.93 < np.mean(inside) < 0.97


def test_calibration_error_by_hand():
    # Bin 9 of 15 (0.6 to 0.667) has 4 predictions of 0.65, 2 true: a gap of 0.15.
    # The last bin has one prediction of 1.0, true: no gap. So 4/5 of 0.15.
    result = reliability(np.array([0.65] * 4 + [1.0]), np.array([1, 1, 0, 0, 1]))
    assert result.error == pytest.approx(0.12)
    assert result.share[9] == 0.8
    assert result.predicted[14] == result.observed[14] == 1
    assert result.predicted[0] is result.observed[0] is None, "nothing was predicted there"


def test_weights_count_as_copies():
    probabilities, outcomes = np.array([0.1, 0.1, 0.9]), np.array([0, 1, 1])
    weighted = reliability(probabilities, outcomes, np.array([3.0, 1.0, 2.0]))
    copied = reliability(np.array([0.1] * 4 + [0.9] * 2), np.array([0, 0, 0, 1, 1, 1]))
    assert weighted.error == pytest.approx(copied.error)
    np.testing.assert_allclose(weighted.share, copied.share)


def test_predictions_that_come_true_as_often_as_they_say_have_no_calibration_error():
    rng = np.random.default_rng(1)
    probabilities = rng.random(200_000)
    assert reliability(probabilities, rng.random(200_000) < probabilities).error < 0.006
    assert reliability(probabilities, rng.random(200_000) < probabilities**2).error > 0.1


def test_exact_probabilities_have_the_calibration_error_of_chance():
    # The mean distance of so many flips of a fair coin from a half: sqrt(2 / pi * 1/4 / 400).
    assert error_by_chance(np.full(400, 0.5)) == pytest.approx(0.0199, rel=0.15)
    assert error_by_chance(np.array([0.0, 1.0, 1.0])) == 0


def test_auroc_is_the_share_of_pairs_in_the_right_order():
    rng = np.random.default_rng(2)
    positives, negatives = rng.integers(3, 12, 40) / 10, rng.integers(0, 9, 30) / 10
    pairs = [1.0 if p > n else 0.5 if p == n else 0.0 for p in positives for n in negatives]
    assert auroc(positives, negatives) == pytest.approx(np.mean(pairs))
    assert auroc(np.array([2.0]), np.array([1.0])) == 1
    assert auroc(np.array([1.0]), np.array([1.0])) == 0.5


def test_confusion_matrix_counts_labels_down_and_readings_across():
    matrix = confusion_matrix(np.array([1, 1, 7, 7, 0]), np.array([1, 7, 7, -1, 0]))
    assert matrix.sum() == 4
    assert (matrix[0, 0], matrix[1, 1], matrix[1, 7], matrix[7, 7]) == (1, 1, 1, 1)
