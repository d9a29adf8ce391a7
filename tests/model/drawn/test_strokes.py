"""Strokes: their shapes, and that they are drawn as a canvas draws them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.drawn.strokes import (
    affine,
    arc,
    curve,
    extent,
    join,
    polyline,
    render,
    resample,
    rotation,
    tremble,
    warp,
)


def ink_area(picture):
    """Pixels of ink, greys counted by their part."""
    return float((255 - picture.astype(np.float64)).sum() / 255)


def test_a_bar_covers_its_length_times_its_width_and_two_half_discs():
    picture = render([polyline((0, 0), (0, 1))], height=200, line_width=20)
    assert picture.dtype == np.uint8
    assert picture.shape == (280, 280)
    assert ink_area(picture) == pytest.approx(200 * 20 + np.pi * 100, rel=0.002)
    rows, columns = np.nonzero(picture < 128)
    assert (rows.min(), rows.max()) == (30, 249)  # 140 - 100 - 10 and 140 + 100 + 10
    assert (columns.min(), columns.max()) == (130, 149)
    assert (picture[140, 130:150] == 0).all()
    assert (picture[140, :130] == 255).all()


def test_a_diagonal_covers_as_much_as_a_bar_of_its_length():
    picture = render([polyline((0, 0), (1, 1))], height=150, line_width=20)
    assert ink_area(picture) == pytest.approx(150 * 2**0.5 * 20 + np.pi * 100, rel=0.005)


def test_a_stroke_of_one_point_is_a_dot_in_the_middle():
    picture = render([polyline((7, 3))], line_width=20)
    assert ink_area(picture) == pytest.approx(np.pi * 100, rel=0.01)
    assert np.array_equal(picture, picture[::-1])
    assert np.array_equal(picture, picture[:, ::-1])


def test_a_line_drawn_to_its_own_beginning_is_a_dot_too():
    dot = render([polyline((7, 3))], line_width=20)
    assert np.array_equal(render([polyline((7, 3), (7, 3))], line_width=20), dot)


@pytest.mark.parametrize("width", [0.5, 1.0, 3.0])
def test_a_hair_thin_line_is_grey_by_its_width(width):
    picture = render([polyline((0, 0), (1, 0.3))], height=200, line_width=width)
    assert ink_area(picture) == pytest.approx(width * 200 * 1.09**0.5, rel=0.1)


def test_corners_are_round_and_crossings_are_not_darker():
    corner = render([polyline((0, 1), (0, 0), (1, 0))], height=100, line_width=40)
    # The corner's outer edge is a circle of the pen around (90, 90).
    assert corner[90 - 13, 90 - 13] == 0
    assert corner[90 - 16, 90 - 16] == 255
    bars = [polyline((0, 0.5), (1, 0.5)), polyline((0.5, 0), (0.5, 1))]
    crossing = render(bars, height=200, line_width=20)
    assert ink_area(crossing) == pytest.approx(2 * (200 * 20 + np.pi * 100) - 20 * 20, rel=0.002)


def test_cutting_a_line_into_pieces_does_not_change_the_picture():
    whole = polyline((0, 0), (3, 4))
    pieces = resample(whole, 0.07)
    difference = np.abs(render([whole]).astype(int) - render([pieces]))
    assert difference.max() <= 1


def test_the_longest_side_becomes_the_height_and_the_offset_moves_it():
    wide = polyline((0, 0), (50, 10))
    picture = render([wide], size=300, height=120, line_width=10, offset=(20, -30))
    rows, columns = np.nonzero(picture < 128)
    assert columns.max() - columns.min() + 1 == pytest.approx(130, abs=1)
    assert (columns.min() + columns.max() + 1) / 2 == pytest.approx(170, abs=0.5)
    assert (rows.min() + rows.max() + 1) / 2 == pytest.approx(120, abs=0.5)


def test_ink_beyond_the_canvas_is_cut_off():
    bar = [polyline((0, 0), (0, 1))]
    whole = render(bar, size=280, height=100)
    moved = render(bar, size=280, height=100, offset=(0, 140))
    assert np.array_equal(moved[140:], whole[:140])
    assert (moved[:140] == 255).any()
    assert (render(bar, size=280, height=100, offset=(2000, -900)) == 255).all()
    assert (render(bar, size=280, height=100, offset=(-2000, 900)) == 255).all()


def test_no_strokes_leave_the_paper_white():
    assert (render([], size=50) == 255).all()


def test_a_width_for_each_point_makes_a_wedge():
    wedge = resample(polyline((0, 0), (0, 1)), 0.02)
    picture = render([wedge], line_width=np.linspace(4, 40, len(wedge)))
    widths = (255 - picture.astype(float)).sum(axis=1) / 255
    assert widths[60] == pytest.approx(4 + 36 * 20.5 / 200, abs=1)
    assert widths[220] == pytest.approx(4 + 36 * 180.5 / 200, abs=1)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_every_pixel_is_inked_by_its_distance_to_the_strokes(seed):
    """The oracle: the distance from every pixel to every segment, one after the other."""
    rng = np.random.default_rng(seed)
    strokes = [rng.uniform(0, 1, (int(rng.integers(1, 5)), 2)) for _ in range(2)]
    width, size, height = rng.uniform(1, 12), 48, 30
    low, high = extent(strokes)
    y, x = np.mgrid[:size, :size] + 0.5
    nearest = np.full((size, size), np.inf)
    for stroke in strokes:
        points = (stroke - (low + high) / 2) * height / (high - low).max() + size / 2
        for a, b in zip(points, points[1:] if len(points) > 1 else points, strict=False):
            d = b - a
            t = ((x - a[0]) * d[0] + (y - a[1]) * d[1]) / max(d @ d, 1e-12)
            t = t.clip(0, 1)
            nearest = np.minimum(nearest, np.hypot(x - a[0] - t * d[0], y - a[1] - t * d[1]))
    expected = 255 - 255 * np.clip(width / 2 - nearest + 0.5, 0, 1)
    picture = render(strokes, size=size, height=height, line_width=width)
    np.testing.assert_allclose(picture, expected, atol=1.5)


def test_a_curve_passes_through_its_points_and_stays_near_them():
    points = [(0, 0), (1, 0.2), (0.4, 1), (0.5, 1.1)]
    smooth = curve(*points, samples=8)
    np.testing.assert_allclose(smooth[::8], points, atol=1e-12)
    assert (extent([smooth])[1] < np.array([1.2, 1.3])).all()
    closed = curve(*points, closed=True)
    np.testing.assert_allclose(closed[0], closed[-1], atol=1e-12)


def test_an_arc_goes_clockwise_on_the_screen():
    quarter = arc((1, 2), (3, 5), 0, 90)
    np.testing.assert_allclose(quarter[[0, -1]], [(4, 2), (1, 7)], atol=1e-12)
    np.testing.assert_allclose(((quarter - (1, 2)) / (3, 5)) ** 2 @ [1, 1], 1)
    tilted = arc((0, 0), (2, 1), 0, 360, tilt=90)
    np.testing.assert_allclose(tilted[0], (0, 2), atol=1e-12)


def test_rotation_turns_the_x_axis_downwards():
    np.testing.assert_allclose(affine([polyline((1, 0))], rotation(90))[0], [(0, 1)], atol=1e-12)


def test_resampling_keeps_the_ends_and_spaces_evenly():
    line = resample(join(polyline((0, 0), (0.001, 0)), polyline((1, 0))), 0.1)
    np.testing.assert_allclose(line[:, 0], np.linspace(0, 1, 11), atol=1e-12)
    assert len(resample(polyline((2, 2), (2, 2)), 0.1)) == 1


def test_warp_and_tremble_move_points_by_about_their_amount():
    rng = np.random.default_rng(0)
    line = resample(polyline((0, 0), (0, 1)), 0.02)
    moves = [warp([line], rng, 0.02)[0] - line for _ in range(300)]
    assert np.std(moves) == pytest.approx(0.02, rel=0.2)
    assert np.abs(np.diff(moves[0], axis=0)).max() < 0.01  # smooth
    shaken = [tremble(line, rng, 0.01) - line for _ in range(300)]
    assert np.std(shaken) == pytest.approx(0.01, rel=0.1)
