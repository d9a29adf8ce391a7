"""Which parts of a drawing are strokes and which are specks, on grids small enough to see."""

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
