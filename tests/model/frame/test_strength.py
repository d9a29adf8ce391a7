"""How strong ink is in a picture, and which borders of it are dark."""

import numpy as np
import pytest

from model.frame.strength import LEAST_INK, LEAST_SIDE, full_level, measure


def test_full_ink_is_that_of_the_darker_strokes():
    levels = np.zeros((20, 20), np.float32)
    levels[5, :10] = 0.8
    levels[6, :2] = 1.2
    assert full_level(levels) == pytest.approx(0.8)
    assert full_level(levels * 0.5) == 1.0  # nothing is above half of full ink


def paper_with(pixels: int) -> np.ndarray:
    picture = np.full((14, 14), 230, np.uint8)
    picture[7, 4 : 4 + pixels] = 20
    return picture


def test_fewer_pixels_than_the_least_are_a_speck():
    assert measure(paper_with(LEAST_INK)) is not None
    assert measure(paper_with(LEAST_INK - 1)) is None


@pytest.mark.parametrize(("left", "cut"), [(LEAST_SIDE, True), (LEAST_SIDE - 1, False)])
@pytest.mark.parametrize("sides", [(0, 1), (1, 0)])
def test_dark_borders_are_cut_off_if_enough_is_left(left, cut, sides):
    # Dark areas above and below, of which one more row is taken for their blur at each.
    deep = (12, 8)
    picture = np.full((deep[0] + left + deep[1] + 2, 60), 230, np.uint8)
    picture[: deep[sides[0]]] = picture[-deep[sides[1]] :] = 20
    picture[deep[0] + 3 : deep[0] + 9, 28:31] = 60
    wanted = (deep[sides[0]] + 1, deep[sides[1]] + 1, 0, 0) if cut else (0, 0, 0, 0)
    found = measure(picture)
    assert found is not None
    assert found.cut == wanted
