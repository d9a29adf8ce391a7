"""A strip cut into its digits: where, and which stand apart."""

import numpy as np
import pytest

from model.frame.numbers.pieces import cuts, inked, stands_apart


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


def test_the_ink_of_a_piece_is_found_and_a_stop_beside_it_left_out():
    ink = np.zeros((36, 48), np.uint8)
    ink[4:30, 10:20] = 255
    assert inked(ink, (6, 24)) == (slice(4, 30), slice(10, 20))
    ink[28:30, 22:24] = 255  # a full stop
    assert inked(ink, (6, 24)) == (slice(4, 30), slice(10, 20))
    ink[4:20, 8] = 255  # the left half of a four, apart from the right one
    assert inked(ink, (6, 24)) == (slice(4, 30), slice(8, 20))
    assert inked(ink, (24, 40)) is None
    ink[10, 30] = 64  # as dark is paper
    assert inked(ink, (24, 40)) is None


def test_a_strip_is_cut_where_there_is_least_ink():
    ink = np.full((36, 48), 20, np.uint8)
    ink[:, 4:12] = ink[:, 20:30] = ink[:, 36:44] = 255
    ink[:, 14:17] = 5
    assert cuts(ink, [(4, 12), (20, 30), (36, 44)]) == [(0, 15), (15, 33), (33, 48)]
    assert cuts(ink, [(20, 24)]) == [(0, 48)]
