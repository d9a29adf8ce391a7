"""Measuring the width of a pen, and changing it."""

import numpy as np
import pytest

from model.drawn.strokes import polyline, render
from model.frame.pen_width import THINNEST, pen_growth, pen_width, with_edges_moved


def line(angle: float, width: float, length: float = 150.0) -> np.ndarray:
    """Ink of a straight line, bool, cut to its box."""
    end = (np.cos(np.radians(angle)), np.sin(np.radians(angle)))
    ink = render([polyline((0, 0), end)], size=280, height=length, line_width=width) < 128
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


@pytest.mark.parametrize("width", [3, 6, 12, 24])
@pytest.mark.parametrize("angle", [10, 28, 41, 60, 80])
def test_the_width_of_a_line_is_measured_in_every_direction(angle, width):
    # Twice the area by the outline is a little less than the width, for the outline has two ends.
    length = 150 / max(np.cos(np.radians(angle)), np.sin(np.radians(angle)))
    expected = width * (length + 0.785 * width) / (length + 1.571 * width)
    assert pen_width(line(angle, width)) == pytest.approx(expected, rel=0.12)


@pytest.mark.parametrize("width", [1, 3, 6])
def test_a_thin_pen_has_the_least_usual_width_after_growing_as_told(width):
    thin = line(35, width)
    growth = pen_growth(thin)
    assert growth > 0
    grown = with_edges_moved(thin.astype(np.uint8) * 255, growth) > 127
    rows, columns = np.flatnonzero(grown.any(axis=1)), np.flatnonzero(grown.any(axis=0))
    grown = grown[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    assert pen_width(grown) * 20 / max(grown.shape) == pytest.approx(THINNEST, rel=0.12)


def test_a_usual_pen_is_left_alone():
    assert pen_growth(line(35, 20)) == 0


def test_edges_move_by_parts_of_a_pixel():
    square = np.zeros((20, 20), np.uint8)
    square[5:15, 5:15] = 200
    grown = with_edges_moved(square, 1.5)
    middle = grown.shape[0] // 2
    # Ten pixels, one more at both ends, and half as dark the next.
    edge = middle - 5
    assert grown[middle, edge - 3 : edge + 2].tolist() == [0, 100, 200, 200, 200]


def test_growing_is_nearly_round():
    dot = np.zeros((1, 1), np.uint8) + 255
    grown = with_edges_moved(dot, 6.0) > 127
    distance = np.hypot(*(np.indices(grown.shape) - grown.shape[0] // 2))
    assert grown[distance <= 5.5].all()
    assert not grown[distance > 7.5].any()
