"""Losses and their gradients, stable for logits of any size.

Each loss returns one value per image and the gradient of their *sum*; whoever averages over a
batch divides both, which is what lets a batch be split into shards.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.nn.base import Array


def softmax(logits: Array) -> Array:
    """Return exp(logits) / sum(exp(logits)) along the last axis, (..., classes), rows sum to 1.

    The maximum of each row is subtracted first, which changes nothing but the range: no logit is
    too large for exp.
    """
    exponentials: Array = np.exp(logits - logits.max(axis=-1, keepdims=True))
    exponentials /= exponentials.sum(axis=-1, keepdims=True)
    return exponentials


def log_softmax(logits: Array) -> Array:
    """Return log(softmax(logits)) along the last axis, (..., classes), never the log of a 0."""
    shifted: Array = logits - logits.max(axis=-1, keepdims=True)
    shifted -= np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return shifted


def cross_entropy(logits: Array, targets: Array) -> tuple[Array, Array]:
    """Softmax followed by cross-entropy, the two in one because their gradient is so simple.

    Args:
        logits: (N, classes).
        targets: (N, classes), each row the wanted distribution over the classes (sums to 1), or
            all zeros for an image that is to have no loss.

    Returns:
        The losses -sum(targets * log softmax(logits)), shape (N,), and the gradient of their sum
        with respect to the logits, sum(targets) * softmax(logits) - targets.

    Raises:
        ValueError: if the shapes differ.
    """
    if logits.shape != targets.shape:
        raise ValueError(f"targets have shape {targets.shape}, the logits {logits.shape}")
    log_probabilities = log_softmax(logits)
    losses = -(targets * log_probabilities).sum(axis=-1)
    gradient = targets.sum(axis=-1, keepdims=True) * np.exp(log_probabilities) - targets
    return losses, gradient


def sigmoid(logits: Array) -> Array:
    """Return 1 / (1 + exp(-logits)), of any shape, by the form of it that cannot overflow."""
    return 0.5 * (1.0 + np.tanh(0.5 * logits))


def log_odds_of(log_p: float) -> float:
    """Return log(p / (1 - p)) for the logarithm of p, at most about 14."""
    log_p = min(log_p, -1e-6)
    return log_p - math.log(-math.expm1(log_p))


def binary_cross_entropy(logits: Array, targets: Array) -> tuple[Array, Array]:
    """Sigmoid followed by cross-entropy for yes-or-no targets.

    Args:
        logits: (N,).
        targets: (N,), the wanted probability of yes, 0..1.

    Returns:
        The losses, shape (N,), and the gradient of their sum with respect to the logits.

    Raises:
        ValueError: if the shapes differ.
    """
    if logits.shape != targets.shape:
        raise ValueError(f"targets have shape {targets.shape}, the logits {logits.shape}")
    losses = np.maximum(logits, 0) - logits * targets + np.log1p(np.exp(-np.abs(logits)))
    return losses, sigmoid(logits) - targets


def one_hot(labels: NDArray[np.integer[Any]], classes: int, smoothing: float = 0.0) -> Array:
    """Return targets, float32 (N, classes): 1 at each label, less what smoothing spreads evenly.

    ``labels`` (N,) are integers below ``classes``; ``smoothing`` (0..1) is the share of each target
    that is spread over all classes (Szegedy et al. 2016, "Rethinking the Inception architecture",
    section 7).
    """
    targets = np.full((len(labels), classes), smoothing / classes, np.float32)
    targets[np.arange(len(labels)), labels] += 1.0 - smoothing
    return targets
