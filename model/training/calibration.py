"""Probabilities that mean what they say: two small fits on validation data."""

import numpy as np

from model.nn.base import Array
from model.nn.losses import binary_cross_entropy, cross_entropy, one_hot, sigmoid

_GOLDEN = (5**0.5 - 1) / 2


def fit_temperature(logits: Array, labels: Array) -> float:
    """Return the temperature T with which softmax(logits / T) makes the labels likeliest.

    Guo et al. 2017, "On calibration of modern neural networks". The likelihood has one maximum
    in log T, which a golden-section search finds between T = 0.05 and T = 20.

    Args:
        logits: (N, classes).
        labels: integers (N,) from 0 to classes - 1.
    """
    targets = one_hot(labels, logits.shape[1])
    wide = logits.astype(np.float64)

    def loss(log_temperature: float) -> float:
        return float(cross_entropy(wide / np.exp(log_temperature), targets)[0].mean())

    low, high = np.log(0.05), np.log(20.0)
    while high - low > 1e-4:
        left, right = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
        if loss(left) < loss(right):
            high = right
        else:
            low = left
    return float(np.exp((low + high) / 2))


def fit_sigmoid(logits: Array, answers: Array, *, balanced: bool = True) -> tuple[float, float]:
    """Return (scale, offset) with which sigmoid(scale * logits + offset) makes answers likeliest.

    Platt 1999, "Probabilistic outputs for support vector machines", by Newton's method.
    ``balanced``: all answers of yes together count as much as all of no, however many there are.

    Args:
        logits: (N,).
        answers: (N,), 1 for yes and 0 for no; both must occur.
    """
    x = np.stack([logits.astype(np.float64), np.ones(len(logits))], axis=1)
    answers = answers.astype(np.float64)
    yes = answers.mean()
    weights = np.ones(len(answers))
    if balanced:
        weights = np.where(answers == 1, 0.5 / yes, 0.5 / (1 - yes))
    weights /= len(answers)

    def loss(parameters: Array) -> float:
        return float(weights @ binary_cross_entropy(x @ parameters, answers)[0])

    parameters = np.array([1.0, 0.0])
    for _ in range(100):
        probabilities = sigmoid(x @ parameters)
        gradient = x.T @ (weights * (probabilities - answers))
        curvature = (x.T * (weights * probabilities * (1 - probabilities))) @ x
        step = np.linalg.solve(curvature + 1e-9 * np.eye(2), gradient)
        # Far from the optimum a whole Newton step can overshoot: halve it until it helps.
        while loss(parameters - step) > loss(parameters) and np.abs(step).max() > 1e-9:
            step /= 2
        parameters -= step
        if np.abs(step).max() < 1e-9:
            break
    return float(parameters[0]), float(parameters[1])
