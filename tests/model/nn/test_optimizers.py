import math

import numpy as np
import pytest

from model.nn.optimizers import SGD, AdamW, one_cycle


def test_sgd_by_hand():
    vector = np.array([1.0, 2.0], np.float32)
    SGD().step(vector, np.array([10.0, -10.0], np.float32), 0.1)
    np.testing.assert_allclose(vector, [0, 3])


def test_adamw_equals_its_paper_number_by_number():
    rng = np.random.default_rng(1)
    vector = rng.standard_normal(5).astype(np.float32)
    expected, mean, square = vector.astype(np.float64), np.zeros(5), np.zeros(5)
    decayed = np.array([True, False, True, False, True])
    optimizer = AdamW(decayed, weight_decay=0.1)
    for step in range(1, 6):
        gradient = rng.standard_normal(5).astype(np.float32)
        optimizer.step(vector, gradient, 0.01)
        for i in range(5):
            mean[i] = 0.9 * mean[i] + 0.1 * gradient[i]
            square[i] = 0.999 * square[i] + 0.001 * gradient[i] ** 2
            mean_hat, square_hat = mean[i] / (1 - 0.9**step), square[i] / (1 - 0.999**step)
            decay = 0.1 * expected[i] if decayed[i] else 0
            expected[i] -= 0.01 * (mean_hat / (math.sqrt(square_hat) + 1e-8) + decay)
    np.testing.assert_allclose(vector, expected, rtol=1e-5)


def test_the_learning_rate_rises_then_falls_to_zero():
    rates = [one_cycle(progress / 100) for progress in range(101)]
    assert rates[0] == pytest.approx(0.04)
    assert rates[5] == pytest.approx(0.52)  # half way from 0.04 to 1
    assert rates[10] == pytest.approx(1)
    assert rates[55] == pytest.approx(0.5)
    assert rates[-1] == pytest.approx(0)
    assert rates[:11] == sorted(rates[:11])
    assert rates[10:] == sorted(rates[10:], reverse=True)


def test_the_learning_rate_ends_where_it_is_told_to():
    assert one_cycle(1.0, end=0.4) == pytest.approx(0.4)
    assert one_cycle(0.1, end=0.4) == pytest.approx(1.0)
    assert one_cycle(0.55, end=0.4) == pytest.approx(0.7)
