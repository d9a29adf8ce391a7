"""A strip cut into its digits: where, and which stand apart."""

import numpy as np
import pytest

from model.frame.numbers.pieces import cuts, inked, left_out, stands_apart, tall_spans
from model.frame.numbers.strip import frame_strip


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


def test_pieces_as_tall_as_a_digit_are_told_from_marks_and_rules():
    picture = np.full((100, 300), 255, np.uint8)
    picture[20:80, 40:70] = 0  # a digit
    picture[70:80, 90:100] = 0  # a full stop
    picture[20:80, 130:140] = 0  # a digit
    picture[96:99, 10:290] = 0  # a rule
    strip = frame_strip(picture)
    spans = sorted(tall_spans(strip))
    scaled = [(left * strip.scale + strip.left) for left, _ in spans]
    assert len(spans) == 2
    np.testing.assert_allclose(scaled, [40, 130], atol=4)


def test_a_piece_is_left_out_unless_something_spoke_of_it():
    spans = [(10, 30), (50, 60)]
    assert left_out(spans, []) == spans
    assert left_out(spans, [(16, 20)]) == [(50, 60)]
    assert left_out(spans, [(16, 20), (52, 56)]) == []
    assert left_out(spans, [(0, 8), (62, 66)]) == []  # just beside them
    assert left_out(spans, [(0, 7), (63, 68)]) == spans


@pytest.mark.parametrize("others", [(), ((20, 26),)])
def test_ink_that_is_no_digits_is_cut_off(others):
    ink = np.zeros((36, 48), np.uint8)
    for left in (4, 20, 36):
        ink[4:30, left : left + 6] = 255
    first, second = cuts(ink, [(4, 8), (36, 40)], others)
    assert first[0] == 0
    assert second[1] == 48
    assert (first[1] <= 20) == (second[0] > 26) == bool(others)
