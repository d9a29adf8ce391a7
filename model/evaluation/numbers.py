"""How well numbers are read: exactly right or not, what is called a number, and whether the
confidence means what it says."""

import os
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from model.data.pen_numbers import NumberPicture
from model.errors import EmptyDrawing
from model.nn.base import Array
from model.number_reader import NumberReader, NumberReading

_BINS = 10  # of confidence, with as many pictures in each


@dataclass(frozen=True)
class NumberResults:
    """What was read in pictures of one kind; a reading is None where no ink was found."""

    name: str
    pictures: Sequence[NumberPicture]
    readings: Sequence[NumberReading | None]

    @property
    def right(self) -> Array:
        """Whether each number was read exactly, bool (N,)."""
        return np.array([_right(*pair) for pair in zip(self.pictures, self.readings, strict=True)])

    @property
    def called_number(self) -> Array:
        """Whether each picture was called a number, bool (N,)."""
        return np.array(
            [reading is not None and reading.verdict == "number" for reading in self.readings]
        )

    @property
    def confidences(self) -> Array:
        """The confidence of each reading, 0 without one, float64 (N,)."""
        return np.array(
            [0.0 if reading is None else reading.confidence for reading in self.readings]
        )

    def row(self) -> str:
        """Return a line of the table."""
        called = self.called_number
        right_of_called = self.right[called].mean() if called.any() else float("nan")
        return (
            f"{self.name:<12}{len(self.pictures):>6}{self.right.mean():>9.1%}"
            f"{called.mean():>9.1%}{right_of_called:>9.1%}"
        )


HEADER = f"{'numbers':<12}{'n':>6}{'right':>9}{'called':>9}{'of those':>9}"


def read_pictures(
    reader: NumberReader, name: str, pictures: Iterable[NumberPicture]
) -> NumberResults:
    """Read all pictures on all cores."""

    def read(picture: NumberPicture) -> NumberReading | None:
        try:
            return reader.read(picture.grey)
        except EmptyDrawing:
            return None

    kept = list(pictures)
    with ThreadPoolExecutor(os.cpu_count()) as executor:
        return NumberResults(name, kept, list(executor.map(read, kept)))


def _right(picture: NumberPicture, reading: NumberReading | None) -> bool:
    return reading is not None and reading.number == picture.number


def calibration_error(confidences: Array, right: Array) -> float:
    """Return the mean distance between confidence and the share that is right.

    The expected calibration error of Guo et al. 2017, over bins of equally many pictures.
    """
    order = np.argsort(confidences, kind="stable")
    bins = [part for part in np.array_split(order, _BINS) if len(part)]
    gaps = [len(part) * abs(confidences[part].mean() - right[part].mean()) for part in bins]
    return float(sum(gaps) / len(order))


def mistakes_sheet(results: NumberResults, *, columns: int = 5, most: int = 60) -> Image.Image:
    """Return a picture of the mistakes, most confident first, with what was read and meant."""
    wide, high = 220, 90
    wrong = np.flatnonzero(~results.right)
    wrong = wrong[np.argsort(-results.confidences[wrong], kind="stable")][:most]
    rows = max(1, -(-len(wrong) // columns))
    sheet = Image.new("L", (columns * wide, rows * high), 255)
    pen = ImageDraw.Draw(sheet)
    for place, index in enumerate(wrong.tolist()):
        left, top = place % columns * wide, place // columns * high
        picture = Image.fromarray(results.pictures[index].grey)
        picture.thumbnail((wide - 10, high - 24))
        sheet.paste(picture, (left + 5, top + 18))
        reading = results.readings[index]
        said = "nothing" if reading is None else f"{reading.number} {reading.confidence:.2f}"
        pen.text((left + 5, top + 3), f"{results.pictures[index].number}: {said}", fill=0)
    return sheet
