"""How numbers are read: exactly right or not, what is called a number, and how sure of it."""

import os
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from model.data.cheque_fields import load_cheque_numbers
from model.data.mnist import Mnist
from model.data.pen_drawings import PENS, PenDrawings, pen_pictures
from model.data.pen_numbers import SPACINGS, NumberPicture, Step, pen_numbers
from model.drawn.numbers.pictures import KINDS, OTHER, picture
from model.errors import EmptyDrawing
from model.evaluation.metrics import error_by_chance, reliability
from model.evaluation.report import (
    Growing,
    MisreadNumber,
    NumberScores,
    NumbersReport,
    OwnNumbers,
)
from model.nn.base import Array
from model.number_reader import NumberReader, NumberReading
from model.training.numbers.pools import left_out_strips
from model.training.numbers.recipe import NUMBERS

# Hands that draw digits for the pictures, and sprites of letters and doodles.
WRITERS, OTHERS = 60, 400
_MORE_OTHERS = 2  # times as many as of each kind of number: few of them are called a number
_MOST_MISTAKES = 60  # on a sheet


class NumberResults(NamedTuple):
    """What was read in pictures of one kind; a reading is None where no ink was found."""

    pictures: Sequence[NumberPicture]
    readings: Sequence[NumberReading | None]

    @property
    def right(self) -> Array:
        """Whether each number was read exactly, bool (N,)."""
        pairs = zip(self.pictures, self.readings, strict=True)
        return np.array(
            [read is not None and read.number == one.number for one, read in pairs], bool
        )

    @property
    def called(self) -> Array:
        """Whether each picture was called a number, bool (N,)."""
        return np.array(
            [read is not None and read.verdict == "number" for read in self.readings], bool
        )

    @property
    def confidences(self) -> Array:
        """The confidence of each reading, 0 without one, float64 (N,)."""
        return np.array([0.0 if read is None else read.confidence for read in self.readings])


def measure_numbers(reader: NumberReader, pictures: Iterable[NumberPicture]) -> NumberResults:
    """Read pictures on all cores."""

    def read(picture: NumberPicture) -> NumberReading | None:
        try:
            return reader.read(picture.grey)
        except EmptyDrawing:
            return None

    kept = list(pictures)
    with ThreadPoolExecutor(os.cpu_count()) as executor:
        return NumberResults(kept, list(executor.map(read, kept)))


def score_numbers(results: NumberResults) -> NumberScores:
    """Score pictures of numbers, not none."""
    right, called = results.right, results.called
    return NumberScores(
        count=len(right),
        right=float(right.mean()),
        called=float(called.mean()),
        right_of_called=float(right[called].mean()) if called.any() else None,
        calibration_error=reliability(results.confidences, right).error,
        error_by_chance=error_by_chance(results.confidences),
    )


def score_own_numbers(digest: str, results: NumberResults, names: Sequence[str]) -> OwnNumbers:
    """Score somebody's own numbers, not none, and list the mistakes.

    digest: of the network for numbers. names: of each number.
    """
    wrong = np.flatnonzero(~results.right).tolist()
    misread = (_misread(names[i], results.pictures[i].number, results.readings[i]) for i in wrong)
    return OwnNumbers(digest, score_numbers(results), tuple(misread))


def _misread(name: str, label: str, reading: NumberReading | None) -> MisreadNumber:
    if reading is None:
        return MisreadNumber(name, label, read=None, confidence=0.0, verdict=None)
    return MisreadNumber(name, label, reading.number, reading.confidence, reading.verdict)


def score_growing(reader: NumberReader, growing: Sequence[Sequence[Step]]) -> Growing:
    """Tell how often what was read of whole digits stays while the next one is drawn."""
    kept = steps = 0
    for number in growing:
        said = ""
        for step in number:
            try:
                read = reader.read(step.grey).number
            except EmptyDrawing:
                read = ""
            if said:
                steps += 1
                kept += read.startswith(said)
            if step.pen_up:
                said = read
    return Growing(kept / max(steps, 1), steps)


def number_sets(
    mnist: Mnist,
    drawings: PenDrawings | None,
    cheques: Path | None,
    *,
    count: int,
    every_cheque: int,
    seed: int,
) -> dict[str, list[NumberPicture]]:
    """Return pictures of numbers by what they are, and under `OTHER` drawings that are none.

    Args:
        mnist: the data set; what is drawn keeps to digits drawn by code.
        drawings: of people, for rows of them and for single ones; None for none.
        cheques: the folder of the cheque fields; None for none.
        count: of each kind that is drawn.
        every_cheque: each so many-th field is read.
        seed: of what is drawn.

    Raises:
        DrawingsError: if a set lacks something, or is damaged.
    """
    # Without MNIST's digits: mistakes are shown on the model card, where nobody's writing is.
    recipe = replace(NUMBERS, pen_share=1.0)
    maker = left_out_strips(recipe, seed, mnist, writers=WRITERS, others=OTHERS)
    rng = np.random.default_rng(seed)
    sets = {
        kind if kind == OTHER else f"drawn numbers, {kind}": [
            NumberPicture(*picture(kind, maker, rng))
            for _ in range(_MORE_OTHERS * count if kind == OTHER else count)
        ]
        for kind in KINDS
    }
    if drawings is not None:
        for spacing in SPACINGS:
            sets[f"pen drawings, {spacing}"] = pen_numbers(drawings, spacing, count)
        step = max(1, len(drawings.labels) // count)
        single = pen_pictures(drawings, PENS["usual"], step)
        sets["pen drawings, single"] = [
            NumberPicture(grey, str(label))
            for grey, label in zip(single, drawings.labels[::step], strict=True)
        ]
    if cheques is not None:
        sets["cheques"] = load_cheque_numbers(cheques, every_cheque)
    return sets


def score_reader(
    reader: NumberReader,
    sets: Mapping[str, Sequence[NumberPicture]],
    growing: Sequence[Sequence[Step]],
) -> tuple[NumbersReport, Image.Image]:
    """Read sets of `number_sets`; return the scores, and a sheet of mistakes in drawn numbers."""
    results = {title: measure_numbers(reader, pictures) for title, pictures in sets.items()}
    others = results.pop(OTHER)
    written = [one for title, one in results.items() if not title.startswith("drawn")]
    if written:
        results["all that people wrote"] = NumberResults(
            [picture for one in written for picture in one.pictures],
            [reading for one in written for reading in one.readings],
        )
    behind = [reader.about[name] for name in ("second", "third") if name in reader.about]
    report = NumbersReport(
        digest=reader.digest,
        recipe=reader.about.get("recipe"),
        seed=reader.about.get("seed"),
        behind=tuple((one.get("recipe"), one.get("seed")) for one in behind),
        parameters=int(reader.network.vector.size),
        sets={title: score_numbers(one) for title, one in results.items()},
        others=(float(others.called.mean()), len(others.pictures)),
        growing=score_growing(reader, growing) if growing else None,
    )
    drawn = [one for title, one in results.items() if title.startswith("drawn")]
    return report, mistakes_sheet(drawn)


def mistakes_sheet(several: Sequence[NumberResults], *, columns: int = 5) -> Image.Image:
    """Return a picture of the mistakes, most confident first, with what was meant and read."""
    wide, high, caption = 220, 106, 34  # pixels
    wrong = [
        (one.confidences[index], one.pictures[index], one.readings[index])
        for one in several
        for index in np.flatnonzero(~one.right).tolist()
    ]
    wrong.sort(key=lambda mistake: -mistake[0])
    wrong = wrong[:_MOST_MISTAKES]
    rows = max(1, -(-len(wrong) // columns))
    sheet = Image.new("L", (columns * wide, rows * high), 255)
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(12)
    if not wrong:
        pen.text((5, 5), "none", fill=0, font=font)
    for place, (confidence, shown, reading) in enumerate(wrong):
        left, top = place % columns * wide, place // columns * high
        small = Image.fromarray(shown.grey)
        small.thumbnail((wide - 10, high - caption - 6))
        sheet.paste(small, (left + 5, top + caption))
        said = "nothing" if reading is None else f"{reading.number} {confidence:.2f}"
        pen.text((left + 5, top + 2), f"{shown.number}, read\n{said}", fill=0, font=font)
    return sheet
