import numpy as np
import pytest

from model.frame.lines import find_lines, remove_line


def sheet(height: int = 80, width: int = 100) -> np.ndarray:
    return np.zeros((height, width), np.float32)


@pytest.mark.parametrize("rise", [-2, 0, 2])
@pytest.mark.parametrize("thick", [1, 2, 4])
def test_a_line_is_found_where_it_is(rise, thick):
    levels = sheet()
    rows = np.round(60 + rise * (np.arange(100) / 99 - 0.5)).astype(int)
    for k in range(thick):
        levels[rows + k, np.arange(100)] = 1
    [line] = find_lines(levels > 0.5, 0.7)
    assert line.above + line.below + 1 == pytest.approx(thick, abs=abs(rise) / 2)
    assert np.abs(line.middle - rows).max() <= thick + 1
    remove_line(levels, line)
    assert levels.sum() < 0.1 * 100 * thick


def test_the_blur_at_both_sides_of_a_line_goes_with_it():
    levels = sheet()
    levels[58:62] = 1
    levels[57] = levels[62] = 0.4
    [line] = find_lines(levels > 0.5, 0.7)
    remove_line(levels, line)
    assert not levels.any()


@pytest.mark.parametrize("row", [0, 1, 2, 77, 78, 79])
def test_a_line_at_a_border_is_one_line(row):
    levels = sheet()
    levels[row] = 1
    [line] = find_lines(levels > 0.5, 0.7)
    assert (line.middle == row).all()
    remove_line(levels, line)
    assert not levels.any()


def test_a_stroke_of_a_digit_is_no_line():
    levels = sheet()
    levels[20:26, 30:75] = 1  # the bar of a 7
    assert find_lines(levels > 0.5, 0.7) == []


def test_a_stroke_that_crosses_a_line_is_mended():
    levels = sheet()
    levels[10:70, 48:54] = 1
    before = levels.copy()
    levels[58:60] = np.maximum(levels[58:60], 0.9)
    [line] = find_lines(levels > 0.5, 0.7)
    remove_line(levels, line)
    assert np.abs(levels - before)[:, 48:54].max() < 0.11
    assert levels[:, :46].sum() == levels[:, 56:].sum() == 0


def test_ink_over_a_weak_line_stays():
    levels = sheet()
    levels[58:60] = 0.4
    levels[56:60, 40:60] = 1  # the foot of a 2, which ends on the line
    [line] = find_lines(levels > 0.3, 0.7)
    remove_line(levels, line)
    assert levels[56:60, 41:59].min() == 1
    assert levels[:, :39].sum() == levels[:, 61:].sum() == 0


def test_a_texture_is_not_lines():
    levels = sheet()
    levels[::2] = 1
    assert find_lines(levels > 0.5, 0.7) == []
