"""Update rules and learning-rate schedules; layers know nothing of them.

An optimizer changes a network's parameter vector in place. Its ``state`` is a dict of arrays, so
that a checkpoint can hold it.
"""

import math

import numpy as np
from numpy.typing import NDArray

from model.nn.base import Array


class SGD:
    """Stochastic gradient descent: vector -= learning_rate * gradient; its ``state`` is empty."""

    def __init__(self) -> None:
        self.state: dict[str, Array] = {}

    def step(self, vector: Array, gradient: Array, learning_rate: float) -> None:
        """Change ``vector`` in place by one step against ``gradient``, of the same shape."""
        vector -= learning_rate * gradient


class AdamW:
    """Adam with weight decay beside the gradient, not in it; for a vector of float32.

    Kingma and Ba 2015, "Adam"; Loshchilov and Hutter 2019, "Decoupled weight decay
    regularization".

    Args:
        decayed: 1-D bool, the shape of the vector: which parameters the decay pulls towards 0.
        beta1, beta2: in 0..1, the share that the running means of the gradient and of its square
            keep at each step.
        epsilon: added to the root of the mean square, against a division by 0.
        weight_decay: how much is taken off a parameter, as a share of it, per unit of learning
            rate.
    """

    def __init__(
        self,
        decayed: NDArray[np.bool_],
        *,
        beta1: float = 0.9,
        beta2: float = 0.999,
        epsilon: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        self._decay = np.where(decayed, np.float32(weight_decay), np.float32(0))
        self._beta1, self._beta2, self._epsilon = beta1, beta2, epsilon
        size = len(decayed)
        self._change = np.empty(size, np.float32)
        self.state: dict[str, Array] = {
            "steps": np.zeros((), np.float64),
            "mean": np.zeros(size, np.float32),
            "square": np.zeros(size, np.float32),
        }

    def step(self, vector: Array, gradient: Array, learning_rate: float) -> None:
        """Change ``vector`` in place by one step against ``gradient``, of the same shape."""
        state = self.state
        state["steps"] += 1
        steps = float(state["steps"])
        mean, square = state["mean"], state["square"]
        change = self._change  # every result is written here: fresh memory would take as long again
        # mean += (1 - beta1) * (gradient - mean)
        np.subtract(gradient, mean, out=change)
        change *= 1 - self._beta1
        mean += change
        # square += (1 - beta2) * (gradient ** 2 - square)
        np.multiply(gradient, gradient, out=change)
        change -= square
        change *= 1 - self._beta2
        square += change
        # vector -= learning_rate * decay * vector
        np.multiply(self._decay, learning_rate, out=change)
        change *= vector
        vector -= change
        # vector -= learning_rate * mean / (sqrt(square) + epsilon), with the bias correction of
        # both means, which start at 0: mean / (1 - beta1^steps) and square / (1 - beta2^steps).
        scale = math.sqrt(1 - self._beta2**steps)
        np.sqrt(square, out=change)
        change += self._epsilon * scale
        np.divide(mean, change, out=change)
        change *= learning_rate * scale / (1 - self._beta1**steps)
        vector -= change


def one_cycle(
    progress: float, *, warmup: float = 0.1, start: float = 0.04, end: float = 0.0
) -> float:
    """Return the share (0..1) of the highest learning rate to use at ``progress`` (0..1).

    It rises in a straight line from ``start`` to 1 over the first ``warmup`` (0..1) of training,
    then falls to ``end`` along half a cosine (Smith 2018, "Super-convergence", with a cosine for
    the fall).
    """
    if progress < warmup:
        return start + (1 - start) * progress / warmup
    fall = 0.5 * (1 + math.cos(math.pi * (progress - warmup) / (1 - warmup)))
    return end + (1 - end) * fall
