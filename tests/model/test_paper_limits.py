"""How little other ink may be without being taken for the digit's: nine clean digits in each.

Each of these pictures is plain to people. Once, none to five of the nine could be used.
"""

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from model.drawn.strokes import Stroke, arc, curve, polyline, render
from model.frame.preprocess import EmptyDrawing
from model.recognizer import Verdict
from model.second_look import read_drawing
from model.weights import load_weights

Picture = np.ndarray

DIGITS: dict[int, list[Stroke]] = {
    1: [polyline((0, 0.25), (0.25, 0), (0.25, 1))],
    2: [curve((0, 0.25), (0.3, 0), (0.6, 0.25), (0.3, 0.65), (0, 1)), polyline((0, 1), (0.65, 1))],
    3: [
        curve((0, 0.1), (0.3, 0), (0.55, 0.22), (0.2, 0.47)),
        curve((0.2, 0.47), (0.6, 0.7), (0.3, 1), (0, 0.9)),
    ],
    4: [polyline((0.4, 0), (0, 0.65), (0.65, 0.65)), polyline((0.45, 0.35), (0.45, 1))],
    5: [
        polyline((0.55, 0), (0.1, 0), (0.05, 0.42)),
        curve((0.05, 0.42), (0.4, 0.4), (0.55, 0.7), (0.3, 1), (0, 0.9)),
    ],
    6: [
        curve(
            (0.5, 0), (0.15, 0.35), (0.02, 0.75), (0.3, 1), (0.55, 0.75), (0.3, 0.55), (0.05, 0.7)
        )
    ],
    7: [polyline((0, 0), (0.6, 0), (0.2, 1))],
    8: [arc((0.3, 0.25), (0.24, 0.25), 0, 360), arc((0.3, 0.75), (0.3, 0.25), 0, 360)],
    9: [arc((0.28, 0.28), (0.27, 0.28), 0, 360), polyline((0.55, 0.28), (0.45, 1))],
}


def drawn(digit: int, *, pen: float = 6.0, size: int = 100) -> Picture:
    """A digit 56 % as high as its picture, black on white, uint8 (size, size)."""
    return render(DIGITS[digit], size=size, height=0.56 * size, line_width=pen)


def with_frame(level: int) -> Callable[[int], Picture]:
    """A line of 1 pixel all around, 8 pixels from the edge."""

    def picture(digit: int) -> Picture:
        framed = drawn(digit)
        inside = framed[8:-8, 8:-8]
        for side in (inside[0], inside[-1], inside[:, 0], inside[:, -1]):
            np.minimum(side, level, out=side)
        return framed

    return picture


def with_line(side: int) -> Callable[[int], Picture]:
    """A line of 2 pixels from border to border, 8 pixels from one side: 0 top, 1 left, 2 bottom."""

    def picture(digit: int) -> Picture:
        lined = drawn(digit)
        turned = np.rot90(lined, -side)
        turned[8:10] = 0
        return lined

    return picture


def with_rulings(distance: int, both: bool) -> Callable[[int], Picture]:
    """Rulings of half the ink's depth, 2 pixels wide, also down if ``both``."""

    def picture(digit: int) -> Picture:
        ruled = drawn(digit)
        for turned in (ruled, ruled.T) if both else (ruled,):
            for row in range(distance // 2, 100, distance):
                np.minimum(turned[row : row + 2], 128, out=turned[row : row + 2])
        return ruled

    return picture


def with_black_top_row(digit: int) -> Picture:
    """28 x 28 pixels, the first row black."""
    small = np.asarray(Image.fromarray(drawn(digit, pen=9, size=112)).reduce(4)).copy()
    small[0] = 0
    return small


def with_neighbour(digit: int) -> Picture:
    """A stroke of the next digit, cut off by the right border."""
    beside = drawn(digit)
    beside[25:75, 94:] = 0
    return beside


def with_little_contrast(digit: int) -> Picture:
    """Ink of a pen of 3 pixels, 30 of 255 darker than its grey paper, with a little noise."""
    noise = np.random.default_rng(digit).normal(0, 1, (100, 100))
    return np.clip(200 - 30 * (1 - drawn(digit, pen=3) / 255) + noise, 0, 255).astype(np.uint8)


PAPERS = {
    "frame of level 0": with_frame(0),
    "frame of level 120": with_frame(120),
    "line at the top": with_line(0),
    "line at the left": with_line(1),
    "line at the bottom": with_line(2),
    "ruled, 25 pixels": with_rulings(25, both=False),
    "ruled, 40 pixels": with_rulings(40, both=False),
    "squared, 20 pixels": with_rulings(20, both=True),
    "squared, 30 pixels": with_rulings(30, both=True),
    "black top row": with_black_top_row,
    "neighbour": with_neighbour,
    "little contrast": with_little_contrast,
}


def called(recognizer, picture: Picture) -> int | None:
    """The digit that a picture is called; None if it is called unsure, no digit, or empty."""
    try:
        answer = read_drawing(recognizer, np.ascontiguousarray(picture))
    except EmptyDrawing:
        return None
    return answer.digit if answer.verdict is Verdict.DIGIT else None


@pytest.fixture(scope="module")
def recognizer(weights_path):
    return load_weights(weights_path)


def test_the_digits_alone_are_read(recognizer):
    assert [called(recognizer, drawn(digit)) for digit in DIGITS] == list(DIGITS)


@pytest.mark.parametrize("paper", PAPERS)
def test_digits_are_usable_in_spite_of_their_paper(recognizer, paper):
    assert [called(recognizer, PAPERS[paper](digit)) for digit in DIGITS] == list(DIGITS)
