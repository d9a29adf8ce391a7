"""Digits on paper, framed as the service frames them: with what is left of the paper.

The first look takes all ink of a picture for the digit's, the second (`model.frame.clutter`) takes
the picture apart. What comes out is trained on as a digit where it is close to the frame of the
digit's ink alone, and as no digit where it is far from it: a form's frame with a small digit in it
must be refused, or nobody would look again.
"""

from collections.abc import Callable, Sequence
from functools import cache, partial

import numpy as np
from numpy.typing import NDArray

from model.drawn.digits.styles import HELD_OUT, TRAINING, Style
from model.drawn.digits.writer import digits
from model.drawn.generator import Purpose, Subject
from model.drawn.papers.generator import Picture, seen, sheet_of
from model.errors import EmptyDrawing
from model.frame.clutter import look_again
from model.frame.pixels import to_pixels
from model.frame.preprocess import frame_as_pixels, frame_drawing
from model.samples import NON_DIGIT_LABEL

Pixels = NDArray[np.uint8]  # (28, 28), 0 paper to 255 ink

# Of `likeness`: less is left of the paper than of the digit; more, and nothing is left of it, as in
# the frames of drawings. Four of ten such are taken all the same.
CLOSE, CLEAN = 0.78, 0.985
FAR = 0.55  # of `likeness`: the digit is a small part of what is seen

# How often digits are drawn with a hazard: most often those whose traces stay in the frame.
DIGITS_ON = {
    "tight": 0.4,
    "security": 0.14,
    "broken": 0.08,
    "blurred": 0.06,
    "faint": 0.06,
    "neighbour": 0.06,
    "frame": 0.06,
    "rule": 0.06,
    "squared": 0.04,
    "ruled": 0.04,
}
# How often paper is drawn that is more than the digit on it.
PAPER = {"frame": 0.35, "rule": 0.2, "squared": 0.15, "ruled": 0.1, "edge": 0.1, "neighbour": 0.1}


@cache
def digits_on_paper(purpose: Purpose) -> Sequence[Subject]:
    """Return the digits of a purpose on paper, with what the looks leave of it around them.

    Raises:
        KeyError: for look-alikes, which are no digits.
    """
    return [
        subject._replace(
            name=f"{subject.name} on {hazard}",
            share=subject.share * share,
            frame=partial(_drawn_until, _close, style, hazard),
        )
        for subject, style in _styles(purpose)
        for hazard, share in DIGITS_ON.items()
    ]


@cache
def paper_with_digits(purpose: Purpose) -> Sequence[Subject]:
    """Return paper of which the first look sees more than of the digit on it: no digit.

    Raises:
        KeyError: for look-alikes, which are no digits.
    """
    return [
        Subject(
            f"{hazard} around {subject.name}",
            NON_DIGIT_LABEL,
            subject.share * share,
            partial(_drawn_until, _far, style, hazard),
        )
        for subject, style in _styles(purpose)
        for hazard, share in PAPER.items()
    ]


def _styles(purpose: Purpose) -> list[tuple[Subject, Style]]:
    styles = {Purpose.TRAINING: TRAINING, Purpose.HELD_OUT: HELD_OUT}[purpose]
    return [(subject, styles[subject.name]) for subject in digits(purpose)]


def likeness(frame: Pixels, other: Pixels) -> float:
    """Return how alike two frames are, 0 to 1: the cosine between them, both a little blurred."""
    a, b = (_softened(one).ravel() for one in (frame, other))
    return float(a @ b / max(float(np.linalg.norm(a) * np.linalg.norm(b)), 1e-9))


def _softened(frame: Pixels) -> NDArray[np.float64]:
    padded = np.pad(frame.astype(np.float64), 1)
    rows = padded[:-2] + 2 * padded[1:-1] + padded[2:]
    return np.asarray(rows[:, :-2] + 2 * rows[:, 1:-1] + rows[:, 2:])


def _drawn_until(
    framed: Callable[[Picture, Pixels, np.random.Generator], Pixels | None],
    style: Style,
    hazard: str,
    rng: np.random.Generator,
) -> Pixels:
    """Draw a style on paper with a hazard until what is framed is as it is asked for."""
    while True:
        sheet = sheet_of(style, hazard, rng)
        try:
            alone = frame_as_pixels(np.asarray(255 - np.rint(255 * sheet.ink), np.uint8))
            frame = framed(seen(sheet, rng), alone, rng)
        except EmptyDrawing:
            continue
        if frame is not None:
            return frame


def _close(picture: Picture, alone: Pixels, rng: np.random.Generator) -> Pixels | None:
    """Return what one of the looks makes of a picture, if it is close to the digit alone."""
    first = frame_drawing(picture)
    frames = [first.frame]
    if rng.random() < 0.5:
        again = look_again(picture, tight=first.tight)
        frames = [] if again is None else [candidate.frame for candidate in again.candidates]
    most = CLEAN if rng.random() < 0.6 else 1.0
    for frame in map(to_pixels, frames):
        if CLOSE < likeness(frame, alone) <= most:
            return frame
    return None


def _far(picture: Picture, alone: Pixels, rng: np.random.Generator) -> Pixels | None:
    """Return what the first look makes of a picture, if it is far from the digit alone."""
    frame = to_pixels(frame_drawing(picture).frame)
    return frame if likeness(frame, alone) < FAR else None
