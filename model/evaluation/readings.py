"""Readings of many drawings beside what they were meant to be, and the worst of the mistakes."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np

from model.frame.pixels import to_frames
from model.nn.base import Array
from model.recognizer import Recognizer, verdict
from model.samples import NON_DIGIT_LABEL

WORST = 60  # drawings on a sheet of mistakes


class Tile(NamedTuple):
    """A frame on a sheet, uint8 (28, 28), 255 = ink, and what is written under it."""

    frame: Array
    caption: str


class Readings(NamedTuple):
    """What was read in N drawings.

    ``frames`` uint8 (N, 28, 28), 255 = ink. ``labels`` and ``digits`` int64 (N,), -1 for a drawing
    that is no digit, or one in which there is no ink to read. ``confidence`` (N,) and ``is_digit``
    (N,) or None are probabilities. ``verdicts`` (N,) str.
    """

    frames: Array
    labels: Array
    digits: Array
    confidence: Array
    is_digit: Array | None
    verdicts: Array

    @property
    def right(self) -> Array:
        """Whether each drawing was read as what it is, (N,) bool."""
        return np.asarray(self.digits == self.labels)


def read_all(recognizer: Recognizer, frames: Array, labels: Array) -> Readings:
    """Read frames, uint8 (N, 28, 28), on all cores."""
    pieces = [frames[start : start + 512] for start in range(0, len(frames), 512)]
    with ThreadPoolExecutor(os.cpu_count()) as executor:
        readings = list(executor.map(lambda piece: recognizer.read(to_frames(piece)), pieces))
    probabilities = np.concatenate([reading.probabilities for reading in readings])
    parts = [reading.is_digit for reading in readings if reading.is_digit is not None]
    is_digit = np.concatenate(parts) if parts else None
    confidence = probabilities.max(axis=1)
    inked = frames.any(axis=(1, 2))
    certain: list[float | None] = [None] * len(frames) if is_digit is None else is_digit.tolist()
    verdicts = [verdict(*pair) for pair in zip(confidence.tolist(), certain, strict=True)]
    return Readings(
        frames,
        labels.astype(np.int64),
        np.where(inked, probabilities.argmax(axis=1), NON_DIGIT_LABEL),
        confidence,
        is_digit,
        np.where(inked, verdicts, "not a digit"),
    )


def shares(groups: Array, true: Array) -> dict[str, float]:
    """Return for each group, in order, the share of its members for which something is true."""
    return {str(group): float(true[groups == group].mean()) for group in np.unique(groups)}


def taken(readings: Readings, chosen: Array) -> Readings:
    """Return some of the readings."""
    return _with_each_part(lambda parts: parts[0][chosen], [readings])


def joined(readings: Sequence[Readings]) -> Readings:
    """Return several readings as one."""
    return _with_each_part(np.concatenate, readings)


def _with_each_part(
    combine: Callable[[list[Array]], Array], readings: Sequence[Readings]
) -> Readings:
    certain = [one.is_digit for one in readings if one.is_digit is not None]
    return Readings(
        combine([one.frames for one in readings]),
        combine([one.labels for one in readings]),
        combine([one.digits for one in readings]),
        combine([one.confidence for one in readings]),
        combine(certain) if certain else None,
        combine([one.verdicts for one in readings]),
    )


def misread(readings: Readings) -> list[Tile]:
    """Return the worst misreadings, the most certain first."""
    wrong = np.flatnonzero(~readings.right & (readings.labels != NON_DIGIT_LABEL))
    worst = wrong[np.argsort(-readings.confidence[wrong], kind="stable")][:WORST]
    return [
        Tile(
            readings.frames[i],
            f"{readings.labels[i]}, read {readings.digits[i]}\n{readings.confidence[i]:.2f}",
        )
        for i in worst
    ]


def taken_for_digits(readings: Readings, kinds: Array) -> list[Tile]:
    """Return the non-digits that are called digits, the likeliest first."""
    assert readings.is_digit is not None
    called = np.flatnonzero(readings.verdicts == "digit")
    worst = called[np.argsort(-readings.is_digit[called], kind="stable")][:WORST]
    return [
        Tile(readings.frames[i], f"{kinds[i].split('/')[-1]}\n{readings.is_digit[i]:.2f}")
        for i in worst
    ]


def refused_digits(real: dict[str, Readings]) -> list[Tile]:
    """Return the digits that are called none, the least likely first."""
    tiles = []
    for readings in real.values():
        if readings.is_digit is not None:
            for i in np.flatnonzero(readings.verdicts == "not a digit"):
                probability = float(readings.is_digit[i])
                text = f"{readings.labels[i]}\n{probability:.2f}"
                tiles.append((probability, Tile(readings.frames[i], text)))
    return [tile for _, tile in sorted(tiles, key=lambda pair: pair[0])[:WORST]]
