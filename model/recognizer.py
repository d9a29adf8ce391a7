"""What the service holds: a trained network, and what turns its outputs into probabilities."""

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from model.explanation import influence
from model.nn.base import Array
from model.nn.fast.predictor import CHUNK, Predictor
from model.nn.layers import BatchNorm, ReLU
from model.nn.losses import sigmoid, softmax
from model.nn.network import Network

DIGITS = 10

READ_TOGETHER = CHUNK
"""How many frames of a batch go through the network at once."""


class Reading(NamedTuple):
    """What was read in N frames.

    ``probabilities``: float64 (N, 10), the digits 0 to 9, each row summing to 1.
    ``is_digit``: float64 (N,), the probability that the drawing is one digit at all; None if the
    network was trained on digits alone, as the tutorial's was.
    """

    probabilities: Array
    is_digit: Array | None

    def rows(self) -> "list[Reading]":
        """Return the reading of each frame alone."""
        ones = [slice(i, i + 1) for i in range(len(self.probabilities))]
        is_digit = self.is_digit
        return [
            Reading(self.probabilities[one], None if is_digit is None else is_digit[one])
            for one in ones
        ]


class Explanation(NamedTuple):
    """Why a frame was read as it was.

    ``digit``: the reading. ``feature_maps``: float32 (F, H, W) in 0..1, the first layer's view;
    (units, 1, 1) of a dense one.
    ``influence``: float32 (28, 28) in -1..1, as `explanation.influence` gives it: ink above 0 spoke
    for the reading, below 0 against it.
    """

    digit: int
    feature_maps: Array
    influence: Array


@dataclass(frozen=True)
class Recognizer:
    """A network ready to read. Nothing in it changes, so threads share one.

    Attributes:
        network: with 10 outputs, or 11 when the last is the logit of "this is one digit".
        temperature: what logits are divided by before the softmax, fitted on validation data so
            that a probability of 0.9 is right nine times in ten (Guo et al. 2017, "On calibration
            of modern neural networks").
        is_digit_scale, is_digit_offset: the same for the eleventh output, logit * scale + offset
            (Platt 1999, "Probabilistic outputs for support vector machines").
        about: what the weights file says of itself, JSON-able: recipe, seed, architecture,
            digests of the data, scores.
        digest: SHA-256 of the weights file, hexadecimal; empty before it is saved.
    """

    network: Network
    temperature: float
    is_digit_scale: float
    is_digit_offset: float
    about: dict[str, Any]
    digest: str = ""

    def read(self, frames: Array) -> Reading:
        """Read frames, float32 (N, 28, 28, 1) in [-0.5, 0.5].

        Raises:
            ValueError: if the frames have another shape.
        """
        return self.interpret(self._predictor(frames))

    @cached_property
    def _predictor(self) -> Predictor:
        return Predictor(self.network)

    def interpret(self, logits: Array) -> Reading:
        """Turn the network's outputs, (N, 10) or (N, 11), into calibrated probabilities."""
        logits = logits.astype(np.float64)
        probabilities = softmax(logits[:, :DIGITS] / self.temperature)
        if logits.shape[1] == DIGITS:
            return Reading(probabilities, None)
        is_digit = sigmoid(logits[:, DIGITS] * self.is_digit_scale + self.is_digit_offset)
        return Reading(probabilities, is_digit)

    def explain(self, frame: Array) -> Explanation:
        """Explain the reading of one frame, float32 (28, 28, 1), by leaving out pieces of it."""
        digit = int(self._predictor(frame[np.newaxis])[0, :DIGITS].argmax())
        spoke = influence(self._predictor, frame, digit)
        return Explanation(digit, self._first_feature_maps(frame), spoke)

    def _first_feature_maps(self, frame: Array) -> Array:
        """Return the first layer's output behind its activation, scaled to 0..1, (F, H, W)."""
        first, *rest = self.network.layers
        maps = first.predict(frame[np.newaxis])
        for layer in rest:
            if not isinstance(layer, BatchNorm | ReLU):
                break
            maps = layer.predict(maps)
        # A dense layer sees the frame as a whole: each of its units is a map of one pixel.
        maps = maps.reshape(-1, 1, 1) if maps.ndim == 2 else maps[0].transpose(2, 0, 1)
        low, high = float(maps.min()), float(maps.max())
        return np.ascontiguousarray((maps - low) / max(high - low, 1e-12))


class Verdict(StrEnum):
    """What a reading is worth, in the words of every answer."""

    DIGIT = "digit"
    UNSURE = "unsure"
    NOT_A_DIGIT = "not a digit"


# Chosen on validation drawings: docs/decisions/verdict-thresholds.md.
NOT_A_DIGIT_BELOW = 0.15
"""`verdict`: a drawing is not a digit below this probability of being one."""
DIGIT_ABOVE = 0.8
"""`verdict`: a drawing is a digit from this probability of being one on."""
CONFIDENT_ABOVE = 0.7
"""`verdict`: a digit's reading is not in doubt from this confidence on."""


def verdict(
    confidence: float,
    is_digit: float | None,
    *,
    not_a_digit_below: float = NOT_A_DIGIT_BELOW,
    digit_above: float = DIGIT_ABOVE,
    confident_above: float = CONFIDENT_ABOVE,
) -> Verdict:
    """Say what a reading is worth.

    UNSURE is a drawing that may or may not be a digit, or one whose two best readings are close.

    Args:
        confidence: the largest of the ten probabilities, 0..1.
        is_digit: the probability that the drawing is one digit at all, 0..1; None from a network
            that cannot tell, whose drawings are never NOT_A_DIGIT.
        not_a_digit_below, digit_above, confident_above: the thresholds, 0..1.
    """
    if is_digit is not None and is_digit < not_a_digit_below:
        return Verdict.NOT_A_DIGIT
    if is_digit is not None and is_digit < digit_above:
        return Verdict.UNSURE
    return Verdict.DIGIT if confidence >= confident_above else Verdict.UNSURE
