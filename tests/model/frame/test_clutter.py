import numpy as np
import pytest

from model.drawn.strokes import polyline, render
from model.frame.clutter import look_again
from model.frame.preprocess import frame_drawing
from model.frame.strength import measure


def seven(size: int = 140) -> np.ndarray:
    strokes = [polyline((0, 0), (0.6, 0), (0.2, 1))]
    return render(strokes, size=size, height=0.6 * size, line_width=0.07 * size)


def alike(frame: np.ndarray, wanted: np.ndarray) -> float:
    return float(np.corrcoef(frame.ravel(), wanted.ravel())[0, 1])


def with_frame(picture: np.ndarray, inset: int, thick: int, level: int) -> np.ndarray:
    framed = picture.copy()
    inside = framed[inset:-inset, inset:-inset]
    for side in (inside[:thick], inside[-thick:], inside[:, :thick], inside[:, -thick:]):
        np.minimum(side, level, out=side)
    return framed


@pytest.mark.parametrize("level", [0, 120, 180])
@pytest.mark.parametrize("thick", [1, 3])
@pytest.mark.parametrize("inset", [2, 8, 14])
def test_a_frame_is_taken_away(level, thick, inset):
    clean = seven()
    look = look_again(with_frame(clean, inset, thick, level), tight=False)
    wanted = frame_drawing(clean).frame
    assert max(alike(c.frame, wanted) for c in look.candidates) > 0.97


@pytest.mark.parametrize("depth", [2, 10, 60])
@pytest.mark.parametrize("side", range(4))
def test_a_dark_border_is_cut_off_and_told(depth, side):
    clean = seven()
    wide = np.pad(clean, ((0, 0), (depth, 0)), constant_values=20)
    picture = np.ascontiguousarray(np.rot90(wide, side))
    cut = measure(picture).cut
    assert [k for k in range(4) if cut[k]] == [(2, 1, 3, 0)[side]]
    look = look_again(picture, tight=False)
    assert look.cut == pytest.approx(depth / (140 + depth), abs=0.02)
    areas = [box.width * box.height for box in look.candidates[0].ignored]
    assert max(areas) >= 0.9 * depth * 140


def test_light_ink_on_dark_paper():
    look = look_again(255 - with_frame(seven(), 8, 2, 0), tight=False)
    wanted = frame_drawing(seven()).frame
    assert max(alike(c.frame, wanted) for c in look.candidates) > 0.97


def test_boxes_lie_where_the_ink_was_in_the_picture_as_sent():
    picture = seven(420)
    picture[100:300, 412:420] = 0  # a neighbour, cut off
    look = look_again(picture, tight=False)
    [box] = look.candidates[0].ignored
    assert box.left == pytest.approx(412, abs=4)
    assert (box.top, box.top + box.height) == pytest.approx((100, 300), abs=8)


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (28, 28), (300, 3), (5000, 40)])
def test_any_shape_and_nothing_in_it(shape):
    rng = np.random.default_rng(2)
    for picture in (np.full(shape, 200, np.uint8), rng.integers(0, 256, shape).astype(np.uint8)):
        look = look_again(picture, tight=False)
        assert look is None or all(np.isfinite(c.frame).all() for c in look.candidates)


def test_a_way_that_leaves_no_ink_is_no_candidate():
    grey = np.random.default_rng(6).integers(0, 150, (75, 75))
    picture = np.full((300, 300), 255, np.uint8)
    picture[1::4, 1::4] = grey  # single pixels: of the strong ones the usual pen leaves nothing
    look = look_again(picture, tight=False)
    assert look is None or len(look.candidates) == 1


def test_a_bar_is_no_line_unless_it_goes_from_border_to_border():
    picture = render([polyline((0, 0), (1, 0), (0.4, 1))], size=100, height=74, line_width=6)
    assert [c.lines_removed for c in look_again(picture, tight=False).candidates] == [0, 0]
    picture[10:16] = 0
    assert [c.lines_removed for c in look_again(picture, tight=False).candidates] == [1, 1]


def test_a_picture_that_is_half_dark_has_no_border():
    picture = seven()
    picture[:, :75] = 20
    assert look_again(picture, tight=False) is None


def test_a_picture_of_very_many_parts_is_not_taken_apart():
    """To sort thousands of specks takes longer than all else, and no digit stands out of them."""
    rng = np.random.default_rng(0)
    picture = seven(120)
    picture[rng.random(picture.shape) < 0.1] = 0
    assert look_again(picture, tight=False) is None
