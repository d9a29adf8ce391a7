import numpy as np
import pytest

from model.drawn.numbers.links import REACH, Placed, link
from model.drawn.numbers.rows import Row

PEN = 4


def bar(rows=32):
    return np.full((rows, PEN), 255, np.uint8)


def ring(rows=32, columns=24):
    ink = np.full((rows, columns), 255, np.uint8)
    ink[PEN:-PEN, PEN:-PEN] = 0
    return ink


def hook(rows=32, columns=24):
    """A bar at the left with a foot that goes to the right, as an L has it."""
    ink = np.zeros((rows, columns), np.uint8)
    ink[:, :PEN] = ink[-PEN:] = 255
    return ink


def of_two(first, second, gap, seed=0):
    row = Row(np.random.default_rng(seed))
    row._chance = 1.0  # no link
    for label, ink in ((1, first), (2, second)):
        assert row.add(ink, gap, label, 1000, False, np.random.default_rng(seed))
    return row


@pytest.mark.parametrize("gap", [-3, -8])
def test_a_bar_may_stand_within_the_box_of_its_neighbour(gap):
    row = of_two(hook(), bar(), gap)
    assert row.right - row.left == max(24, 24 + gap + PEN)
    assert row.text == [1, 2]
    middle = (row.top + row.bottom) // 2
    inked = np.flatnonzero(row.canvas[middle] > 127) - row.left
    assert inked.tolist() == [*range(PEN), *range(24 + gap, 24 + gap + PEN)]


def test_no_digit_hides_most_of_another():
    for first, second in ((ring(), bar()), (bar(), ring()), (bar(), bar())):
        for gap in (-4, -8, -30):
            row = of_two(first, second, gap)
            left, inked = sum((ink > 0).sum() for ink in (first, second)), row.canvas > 0
            least = min((ink > 0).sum() for ink in (first, second))
            assert left - inked.sum() <= 0.4 * least + 1


def test_what_stands_apart_stays_where_the_gap_puts_it():
    row = of_two(bar(), ring(), 10)
    assert row.right - row.left == PEN + 10 + 24
    assert not row.canvas[:, row.left + PEN : row.left + PEN + 10].any()


@pytest.mark.parametrize("zeros", [True, False])
def test_a_link_joins_two_signs_with_a_stroke_of_their_pen(zeros):
    joined = 0
    for seed in range(40):
        canvas = np.zeros((60, 90), np.uint8)
        before, after = Placed(10, 12, ring()), Placed(42, 12, ring())
        for left, top, ink in (before, after):
            canvas[top : top + len(ink), left : left + ink.shape[1]] = ink
        alone = canvas.copy()
        link(canvas, before, after, np.random.default_rng(seed), zeros=zeros)
        between = canvas[:, 34:42]
        joined += between.max(axis=0).min() > 100
        assert (canvas >= alone).all()
        assert (canvas[:, :20] == alone[:, :20]).all()
        if zeros:  # they are linked at the top
            assert (between > 127).sum(axis=0).max() <= 5 * PEN
            assert not between[12 + 20 :].any()
    assert joined == 40


def test_a_link_from_a_bar_that_fills_its_box_is_a_stroke_of_its_pen():
    for seed in range(20):
        canvas = np.zeros((60, 90), np.uint8)
        link(
            canvas,
            Placed(10, 12, bar()),
            Placed(10 + PEN + 8, 12, bar()),
            np.random.default_rng(seed),
            zeros=True,
        )
        assert 0 < (canvas[:, 10 + PEN + 2 : 10 + PEN + 6] > 127).sum(axis=0).max() <= 2 * PEN


def test_no_link_reaches_what_is_far():
    canvas = np.zeros((60, 120), np.uint8)
    before, after = Placed(10, 12, bar()), Placed(10 + PEN + REACH + 2, 12, bar())
    for seed in range(10):
        link(canvas, before, after, np.random.default_rng(seed), zeros=False)
    assert not canvas.any()


def test_some_rows_have_links_and_most_have_none():
    counts = {}
    for paper in (False, True):
        linked = 0
        for seed in range(200):
            rng = np.random.default_rng(seed)
            row = Row(rng)
            for _ in range(4):
                row.add(ring(), 6, 0, 1000, paper, rng)
            linked += row.canvas[:, row.left + 24 : row.left + 30].any()
        counts[paper] = linked
    assert 0 < counts[False] < counts[True] < 100
