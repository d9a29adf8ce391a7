"""What reading many labelled drawings gave."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np

from model.frame.pixels import to_frames
from model.nn.base import Array
from model.recognizer import Recognizer, Verdict, verdict
from model.samples import NON_DIGIT_LABEL

_PIECE = 512  # frames that a thread reads at a time


class Results(NamedTuple):
    """What N drawings are, and what they were read as.

    Attributes:
        frames: uint8 (N, 28, 28), 255 = ink.
        labels: int64 (N,), 0 to 9; -1 for a drawing that is no digit.
        digits: int64 (N,), what was read, 0 to 9; -1 for a frame without ink.
        confidence: float64 (N,), the probability of the digit that was read.
        is_digit: float64 (N,), the probability of being a digit; None from a network that cannot
            tell.
        verdicts: str (N,), each a `Verdict`.
    """

    frames: Array
    labels: Array
    digits: Array
    confidence: Array
    is_digit: Array | None
    verdicts: Array

    @property
    def right(self) -> Array:
        """Whether each drawing was read as what it is, bool (N,)."""
        return np.asarray(self.digits == self.labels)

    def where(self, chosen: Array) -> "Results":
        """Return the results of some of the drawings, chosen by a bool (N,)."""
        return Results(
            frames=self.frames[chosen],
            labels=self.labels[chosen],
            digits=self.digits[chosen],
            confidence=self.confidence[chosen],
            is_digit=None if self.is_digit is None else self.is_digit[chosen],
            verdicts=self.verdicts[chosen],
        )


def measure(recognizer: Recognizer, frames: Array, labels: Array) -> Results:
    """Read frames, uint8 (N, 28, 28) with 255 = ink, on all cores; labels are (N,)."""
    pieces = [frames[start : start + _PIECE] for start in range(0, len(frames), _PIECE)]
    with ThreadPoolExecutor(os.cpu_count()) as executor:
        readings = list(executor.map(lambda piece: recognizer.read(to_frames(piece)), pieces))
    probabilities = np.concatenate([reading.probabilities for reading in readings])
    is_digit = _concatenate_known([reading.is_digit for reading in readings])
    confidence = probabilities.max(axis=1)
    likely = [None] * len(frames) if is_digit is None else is_digit.tolist()
    verdicts = [verdict(*pair) for pair in zip(confidence.tolist(), likely, strict=True)]
    inked = frames.any(axis=(1, 2))
    return Results(
        frames=frames,
        labels=labels.astype(np.int64),
        digits=np.where(inked, probabilities.argmax(axis=1), NON_DIGIT_LABEL),
        confidence=confidence,
        is_digit=is_digit,
        verdicts=np.where(inked, verdicts, Verdict.NOT_A_DIGIT),
    )


def concatenate(several: Sequence[Results]) -> Results:
    """Return several results of one network as one."""
    return Results(
        frames=np.concatenate([one.frames for one in several]),
        labels=np.concatenate([one.labels for one in several]),
        digits=np.concatenate([one.digits for one in several]),
        confidence=np.concatenate([one.confidence for one in several]),
        is_digit=_concatenate_known([one.is_digit for one in several]),
        verdicts=np.concatenate([one.verdicts for one in several]),
    )


def _concatenate_known(parts: Sequence[Array | None]) -> Array | None:
    known = [part for part in parts if part is not None]
    return np.concatenate(known) if known else None


def share_by(groups: Array, true: Array) -> dict[str, float]:
    """Return for each group, in order, the share of its members for which something is true.

    Args:
        groups: (N,), the name of each member's group.
        true: bool (N,).
    """
    return {str(group): float(true[groups == group].mean()) for group in np.unique(groups)}
