"""A strip cut into its digits: where, and which stand apart."""

import numpy as np
import pytest

from model.frame.numbers.pieces import stands_apart


@pytest.mark.parametrize(
    ("columns", "apart"),
    [((), True), ((3,), False), ((8,), False), ((3, 8), False), ((2,), True), ((9,), True)],
)
def test_a_piece_stands_apart_unless_ink_runs_over_its_ends(columns, apart):
    ink = np.zeros((12, 12), np.uint8)
    ink[2:10, 4:8] = 255
    for column in columns:
        ink[5, column] = 255
    assert stands_apart(ink, (4, 8)) == apart


def test_ink_of_other_rows_beside_it_does_not_touch_it():
    ink = np.zeros((12, 12), np.uint8)
    ink[2:5, 4:8] = 255
    ink[7:9, 3] = 255
    assert stands_apart(ink, (4, 8))


def test_nothing_is_beyond_the_ends_of_the_strip():
    ink = np.full((12, 12), 255, np.uint8)
    assert stands_apart(ink, (0, 12))
