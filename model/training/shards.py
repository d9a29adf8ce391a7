"""One shard of a batch: its images forward, the loss, and the gradient of the loss back."""

from typing import NamedTuple

import numpy as np

from model.nn.base import Array
from model.nn.losses import binary_cross_entropy, cross_entropy, one_hot
from model.nn.network import Network
from model.recognizer import DIGITS
from model.samples import NON_DIGIT_LABEL
from model.training.recipes import Loss


class ShardResult(NamedTuple):
    """Sums over the images of a shard; sums, so that shards add up to their batch.

    Attributes:
        gradient: of the loss with respect to the parameters, in the shape of `Network.vector`.
        loss: in nats.
        correct: how many digits were read right.
        digits: how many images are digits.
    """

    gradient: Array
    loss: float
    correct: int
    digits: int


def shard_result(
    network: Network, frames: Array, labels: Array, weights: Loss, out: Array | None = None
) -> ShardResult:
    """Run a shard forward and backward.

    The loss is the cross-entropy over the ten digits, for images that are digits. If the network
    has an eleventh output, the binary cross-entropy of "this is one digit" is added for all images.

    Args:
        network: whose gradient is wanted.
        frames: (N, 28, 28, 1) in [-0.5, 0.5].
        labels: int64 (N,), 0 to 9, or `NON_DIGIT_LABEL`.
        weights: of the parts of the loss.
        out: where the gradient is written; new memory by default.
    """
    logits, caches = network.forward(frames)
    is_digit = labels != NON_DIGIT_LABEL
    targets = one_hot(np.where(is_digit, labels, 0), DIGITS, weights.label_smoothing)
    targets *= is_digit[:, np.newaxis]
    losses, gradient = cross_entropy(logits[:, :DIGITS], targets.astype(logits.dtype))
    loss = float(losses.sum())
    dlogits = np.zeros_like(logits)
    dlogits[:, :DIGITS] = gradient
    if logits.shape[1] > DIGITS:
        losses, gradient = binary_cross_entropy(logits[:, DIGITS], is_digit.astype(logits.dtype))
        loss += weights.is_digit_weight * float(losses.sum())
        dlogits[:, DIGITS] = weights.is_digit_weight * gradient
    _, grads = network.backward(dlogits, caches)
    correct = int((logits[:, :DIGITS].argmax(axis=1) == labels).sum())
    return ShardResult(network.gradient_vector(grads, out), loss, correct, int(is_digit.sum()))
