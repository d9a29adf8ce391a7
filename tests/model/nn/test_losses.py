import numpy as np
import oracles
import pytest
from gradients import check_gradient

from model.nn.losses import (
    binary_cross_entropy,
    cross_entropy,
    log_odds_of,
    log_softmax,
    one_hot,
    softmax,
)


@pytest.fixture
def rng():
    return np.random.default_rng(7)


def test_softmax_equals_its_definition(rng):
    logits = rng.standard_normal((5, 10)) * 5
    expected = [oracles.softmax(list(row)) for row in logits]
    np.testing.assert_allclose(softmax(logits), expected, rtol=1e-12)
    np.testing.assert_allclose(log_softmax(logits), np.log(expected), rtol=1e-9)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_no_logits_are_too_large(dtype):
    logits = np.array([[1e30, -1e30, 0], [-1e4, -1e4, -1e4], [1e4, 1e4 - 1, 0]], dtype)
    targets = one_hot(np.array([0, 1, 1]), 3).astype(dtype)
    losses, gradient = cross_entropy(logits, targets)
    # 2: three equal logits, log 3; 3: log(1 + e) for the smaller of two that differ by 1.
    np.testing.assert_allclose(losses, [0, np.log(3), np.log1p(np.e)], rtol=1e-3)
    assert np.isfinite(gradient).all()
    losses, gradient = binary_cross_entropy(np.array([1e30, -1e30], dtype), np.ones(2, dtype))
    np.testing.assert_array_equal(losses, np.array([0, 1e30], dtype))
    np.testing.assert_allclose(gradient, [0, -1])


def test_cross_entropy_by_hand():
    # Logits (0, log 3): probabilities 1/4 and 3/4. Label 0: loss log 4, gradient (-3/4, 3/4).
    losses, gradient = cross_entropy(np.array([[0, np.log(3)]]), np.array([[1.0, 0]]))
    np.testing.assert_allclose(losses, [np.log(4)])
    np.testing.assert_allclose(gradient, [[-0.75, 0.75]])


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_cross_entropy_gradient(smoothing, rng):
    logits = rng.standard_normal((6, 10))
    targets = one_hot(rng.integers(0, 10, 6), 10, smoothing).astype(np.float64)
    targets[2] = 0  # an image that is to have no loss
    losses, gradient = cross_entropy(logits, targets)
    assert losses[2] == 0
    np.testing.assert_array_equal(gradient[2], 0)
    check_gradient(lambda x: cross_entropy(x, targets)[0].sum(), logits, gradient, rng)


def test_binary_cross_entropy_gradient(rng):
    logits, targets = rng.standard_normal(8), rng.uniform(size=8)
    gradient = binary_cross_entropy(logits, targets)[1]
    check_gradient(lambda x: binary_cross_entropy(x, targets)[0].sum(), logits, gradient, rng)


def test_one_hot_rows_sum_to_one():
    np.testing.assert_allclose(one_hot(np.array([1]), 4, 0.2), [[0.05, 0.85, 0.05, 0.05]])


@pytest.mark.parametrize("loss", [cross_entropy, binary_cross_entropy])
def test_other_shapes_are_refused(loss):
    with pytest.raises(ValueError, match=r"\(1, 3\).*\(2, 3\)"):
        loss(np.zeros((2, 3)), np.zeros((1, 3)))


def test_log_odds():
    np.testing.assert_allclose(log_odds_of(np.log(0.75)), np.log(3))
    np.testing.assert_allclose(log_odds_of(-50.0), -50.0)
    assert np.isfinite(log_odds_of(0.0))
