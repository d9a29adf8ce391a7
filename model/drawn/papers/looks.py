"""Digits on paper, framed as the service frames them: with what is left of the paper.

The first look takes all ink of a picture for the digit's, the second (`model.frame.clutter`) takes
the picture apart. What comes out is trained on as a digit where it is close to the frame of the
digit's ink alone, and as no digit where it is far from it: a form's frame with a small digit in it
must be refused, or nobody would look again.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import cache, partial

import numpy as np
from numpy.typing import NDArray

from model.drawn.digits.styles import HELD_OUT, IN_NUMBERS, TRAINING, Style
from model.drawn.digits.writer import shares
from model.drawn.generator import Purpose, Subject
from model.drawn.non_digits.doodles import DRAWINGS
from model.drawn.non_digits.families import is_bar, kinds, non_digits
from model.drawn.non_digits.kinds import Kind
from model.drawn.non_digits.letters import SCRIPTS
from model.drawn.papers.generator import Picture, seen, sheet_of
from model.drawn.papers.inks import Ink, of_image, of_kind, of_style
from model.errors import EmptyDrawing
from model.frame.clutter import look_again
from model.frame.pixels import to_pixels
from model.frame.preprocess import frame_as_pixels, frame_drawing
from model.samples import NON_DIGIT_LABEL, Samples

Pixels = NDArray[np.uint8]  # (28, 28), 0 paper to 255 ink

# Of `likeness`: less is left of the paper than of the digit; more, and nothing is left of it, as in
# the frames of drawings. Four of ten such are taken all the same.
CLOSE, CLEAN = 0.78, 0.985
FAR = 0.55  # of `likeness`: the digit is a small part of what is seen

# How often digits are drawn with a hazard: most often those whose traces stay in the frame.
DIGITS_ON = {
    "in a row": 0.3,
    "tight": 0.25,
    "security": 0.13,
    "broken": 0.06,
    "blurred": 0.05,
    "faint": 0.05,
    "neighbour": 0.04,
    "frame": 0.04,
    "rule": 0.04,
    "squared": 0.02,
    "ruled": 0.02,
}
# How often paper is drawn that is more than the digit on it.
PAPER = {"frame": 0.35, "rule": 0.2, "squared": 0.15, "ruled": 0.1, "edge": 0.1, "neighbour": 0.1}


@cache
def digits_on_paper(purpose: Purpose) -> Sequence[Subject]:
    """Return the digits of a purpose on paper, with what the looks leave of it around them.

    What was cut out of paper was written among other digits: in the styles of numbers too, but for
    those that a letter may be taken for.

    Raises:
        KeyError: for look-alikes, which are no digits.
    """
    styles = TRAINING | {
        name: style for name, style in IN_NUMBERS.items() if not style.like_a_letter
    }
    return [
        Subject(
            f"{style.name} on {hazard}",
            style.digit,
            style_share * share,
            partial(_drawn_until, _close, partial(of_style, style), hazard),
        )
        for style, style_share in _shares(purpose, styles)
        for hazard, share in DIGITS_ON.items()
    ]


def images_on_paper(images: dict[Purpose, Samples], purpose: Purpose) -> Sequence[Subject]:
    """Return framed digits by real hands on paper, as `digits_on_paper` does drawn ones.

    Args:
        images: for each purpose, with labels 0 to 9 alone, each of which occurs.
        purpose: which of them.
    """
    frames, labels = images[purpose]
    return [
        Subject(
            f"an image of {digit} on {hazard}",
            digit,
            share / 10,
            partial(_drawn_until, _close, partial(of_image, frames[labels == digit]), hazard),
        )
        for digit in range(10)
        for hazard, share in DIGITS_ON.items()
    ]


@cache
def letters_on_paper(purpose: Purpose) -> Sequence[Subject]:
    """Return letters, symbols and doodles of a purpose on the paper of `digits_on_paper`: no digit.

    So what lies around a sign says nothing about whether it is a digit.
    """
    return [
        Subject(
            f"{kind.family}/{kind.name} on {hazard}",
            NON_DIGIT_LABEL,
            kind_share * share,
            partial(_drawn_until, _close_and_no_bar, partial(of_kind, kind), hazard),
        )
        for kind, kind_share in letters(purpose)
        for hazard, share in DIGITS_ON.items()
    ]


def letters(purpose: Purpose) -> list[tuple[Kind, float]]:
    """Return the letters, symbols and doodles of a purpose, each with its share."""
    chosen = [
        (kind, subject.share)
        for kind, subject in zip(kinds(purpose), non_digits(purpose), strict=True)
        if kind.family in SCRIPTS | DRAWINGS
    ]
    total = sum(share for _, share in chosen)
    return [(kind, share / total) for kind, share in chosen]


@cache
def paper_with_digits(purpose: Purpose) -> Sequence[Subject]:
    """Return paper of which the first look sees more than of the digit on it: no digit.

    Raises:
        KeyError: for look-alikes, which are no digits.
    """
    return [
        Subject(
            f"{hazard} around {style.name}",
            NON_DIGIT_LABEL,
            style_share * share,
            partial(_drawn_until, _far, partial(of_style, style), hazard),
        )
        for style, style_share in _shares(purpose, TRAINING)
        for hazard, share in PAPER.items()
    ]


def _shares(purpose: Purpose, training: dict[str, Style]) -> Iterable[tuple[Style, float]]:
    styles = list({Purpose.TRAINING: training, Purpose.HELD_OUT: HELD_OUT}[purpose].values())
    return zip(styles, shares(styles), strict=True)


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
    ink: Ink,
    hazard: str,
    rng: np.random.Generator,
) -> Pixels:
    """Write on paper with a hazard until what is framed is as it is asked for."""
    while True:
        sheet = sheet_of(ink, hazard, rng)
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


def _close_and_no_bar(picture: Picture, alone: Pixels, rng: np.random.Generator) -> Pixels | None:
    """Return what `_close` does, unless it is a bar, since that is a 1 after all."""
    frame = _close(picture, alone, rng)
    return None if frame is None or is_bar(frame / 255) else frame


def _far(picture: Picture, alone: Pixels, rng: np.random.Generator) -> Pixels | None:
    """Return what the first look makes of a picture, if it is far from the digit alone."""
    frame = to_pixels(frame_drawing(picture).frame)
    return frame if likeness(frame, alone) < FAR else None
