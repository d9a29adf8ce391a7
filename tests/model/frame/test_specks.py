"""Which parts of a drawing are strokes and which are specks, on grids small enough to see."""

import math
import time

import numpy as np
import pytest

from model.frame.specks import without_specks


def test_parts_of_a_drawing_are_told_apart_by_weight_and_distance():
    cells = np.zeros((12, 20), np.uint8)
    cells[1:11, 1:4] = 200  # the main stroke: 30 cells, 6000
    cells[3, 7:11] = 250  # 1000 of ink, far: a stroke
    cells[6, 6] = 200  # 200 of ink, 3 %, but near: a part of the digit
    cells[11, 19] = 240  # 240 of ink, 4 %, far: a stray dot
    keep = without_specks(cells, least=20)
    assert keep is not None
    assert keep[1:11, 1:4].all()
    assert keep[3, 7:11].all()
    assert keep[6, 6]
    assert not keep[11, 19]


def test_where_there_are_no_specks_all_is_kept():
    cells = np.zeros((5, 5), np.uint8)
    cells[1:4, 2] = 255
    cells[4, 3] = 3  # faint, but beside the stroke: its edge
    assert without_specks(cells, least=20) is None


def test_the_faintest_ink_elsewhere_is_left_out_too():
    cells = np.zeros((5, 9), np.uint8)
    cells[1:4, 2] = 255
    cells[2, 8] = 1
    keep = without_specks(cells, least=20)
    assert keep is not None
    assert not keep[2, 8]


def test_a_part_at_one_edge_is_not_near_one_at_the_other():
    cells = np.zeros((12, 20), np.uint8)
    cells[1:11, 0:2] = 250
    cells[5, 19] = 250  # 5 % at the far end of a row, where the next row begins with ink
    keep = without_specks(cells, least=20)
    assert keep is not None
    assert not keep[5, 19]


def test_diagonal_neighbours_hang_together():
    cells = np.eye(15, dtype=np.uint8) * 200
    cells[0, 14] = 3  # dust in the corner: the diagonal is one part, so this is apart from it
    keep = without_specks(cells, least=20)
    assert keep is not None
    assert keep[np.eye(15, dtype=bool)].all()
    assert not keep[0, 14]


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (40, 1), (47, 47)])
def test_a_full_picture_is_kept_whatever_its_shape(shape):
    assert without_specks(np.full(shape, 255, np.uint8), least=30) is None


def test_a_long_spiral_is_one_part():
    spiral = np.zeros((31, 31), np.uint8)
    y, x, dy, dx = 15, 15, 0, 1
    for length in range(2, 30, 2):
        for _ in range(2):
            for _ in range(length):
                spiral[y, x] = 100
                y, x = y + dy, x + dx
            dy, dx = dx, -dy
    assert without_specks(spiral, least=12) is None


def plainly(cells, least):
    """The same as `without_specks`, cell by cell: slow, and easy to believe."""
    height, width = cells.shape
    inked = {(int(y), int(x)) for y, x in np.argwhere(cells > least)}

    def around(part, distance):
        steps = range(-distance, distance + 1)
        return {(y + dy, x + dx) for y, x in part for dy in steps for dx in steps}

    parts = []
    while inked:
        part, edge = set(), {inked.pop()}
        while edge:
            part |= edge
            edge = around(edge, 1) & inked
            inked -= edge
        mass = sum(int(cells[cell]) for cell in part)
        parts.append((mass, sorted(part, key=lambda cell: cell[0] * width + cell[1]), part))
    largest, *_ = max(parts)
    kept: set[tuple[int, int]] = set()
    # The heaviest first; of two with the same ink, the one whose last cell comes later.
    for mass, _, part in sorted(parts, key=lambda p: (p[0], p[1][::-1]), reverse=True):
        if mass >= (0.02 if around(kept, 3) & part else 0.1) * largest:
            kept |= part
    keep = np.zeros(cells.shape, bool)
    for y, x in around(kept, 1):
        if 0 <= y < height and 0 <= x < width:
            keep[y, x] = True
    return None if not cells[~keep].any() else keep


@pytest.mark.parametrize("seed", range(200))
def test_it_agrees_with_the_plain_way(seed):
    rng = np.random.default_rng(seed)
    cells = np.zeros(rng.integers(2, 30, 2), np.uint8)
    dots = rng.random(cells.shape) < rng.choice([0.02, 0.1, 0.3])
    cells[dots] = rng.integers(1, 256, np.count_nonzero(dots)) if seed % 2 else 90
    y, x = (int(rng.integers(side)) for side in cells.shape)
    cells[y : y + rng.integers(1, 12), x : x + rng.integers(1, 5)] = rng.integers(60, 256)
    least = int(0.12 * int(cells.max()))
    wanted, keep = plainly(cells, least), without_specks(cells, least)
    assert (keep is None) == (wanted is None)
    if wanted is not None:
        np.testing.assert_array_equal(keep, wanted)


def test_hundreds_of_dots_cost_little_more_each_than_a_few():
    few = np.zeros((47, 47), np.uint8)
    few[10:40, 20:24] = 200
    few[1:9:4, 1::8] = 100
    many = np.zeros((47, 47), np.uint8)
    many[1::2, 1::2] = np.arange(100, 629).reshape(23, 23) % 256  # 529 parts

    def seconds(cells):
        best = math.inf
        for _ in range(7):
            start = time.thread_time()
            for _ in range(3):
                without_specks(cells, least=20)
            best = min(best, time.thread_time() - start)
        return best

    assert seconds(many) < 35 * seconds(few)
