import numpy as np
import pytest
from PIL import Image, ImageDraw

from model.errors import EmptyDrawing
from model.frame.numbers.boxes import boxes_of_parts
from model.frame.numbers.strip import INK_ROWS, MARGIN, ROWS, WIDTHS, frame_strip
from model.frame.parts import Box


def drawn(width, height, *boxes, ink=0, paper=255, line=6):
    """A picture with a ring in each box (left, top, right, bottom)."""
    image = Image.new("L", (width, height), paper)
    pen = ImageDraw.Draw(image)
    for box in boxes:
        pen.ellipse(box, outline=ink, width=line)
    return np.asarray(image)


TWO = ((30, 40, 69, 99), (90, 40, 129, 99))


def flooded(mask):
    """The boxes of connected pixels, by flooding each from a pixel: slow and plain."""
    left = {(y, x) for y, x in np.argwhere(mask)}
    boxes = []
    while left:
        todo, part = [left.pop()], []
        while todo:
            y, x = todo.pop()
            part.append((y, x))
            near = {(y + i, x + j) for i in (-1, 0, 1) for j in (-1, 0, 1)} & left
            left -= near
            todo += near
        rows, columns = zip(*part, strict=True)
        boxes.append((min(columns), min(rows), max(columns) + 1, max(rows) + 1))
    return sorted(boxes)


@pytest.mark.parametrize("share", [0.1, 0.3, 0.45, 0.6])
def test_parts_equal_those_of_a_flood(share):
    rng = np.random.default_rng(int(100 * share))
    for _ in range(30):
        mask = rng.random(rng.integers(1, 24, 2)) < share
        found = boxes_of_parts(np.uint8(255) * mask, 1)
        assert sorted(tuple(part) for part in found) == flooded(mask)


def test_parts_in_cells_are_in_pixels():
    picture = np.zeros((50, 90), np.uint8)
    picture[10:30, 20:41] = 255
    (part,) = boxes_of_parts(picture, 4)
    assert part == Box(20, 8, 44, 32)


def test_the_ink_fills_the_strip_and_its_place_is_known():
    strip = frame_strip(drawn(200, 150, *TWO))
    assert strip.ink.shape == (ROWS, 72)
    assert strip.lines == 1
    assert strip.inverted
    rows = np.flatnonzero((strip.ink > 128).any(axis=1))
    columns = np.flatnonzero((strip.ink > 128).any(axis=0))
    assert abs(rows[0] - MARGIN) <= 1
    assert abs(rows[-1] - (MARGIN + INK_ROWS - 1)) <= 1
    assert abs(columns[0] - MARGIN) <= 1
    assert abs(strip.left + columns[0] * strip.scale - 30) <= strip.scale
    assert abs(strip.left + (columns[-1] + 1) * strip.scale - 130) <= strip.scale
    assert abs(strip.top + rows[0] * strip.scale - 40) <= strip.scale


@pytest.mark.parametrize("factor", [1, 2, 5])
@pytest.mark.parametrize("ink", [0, 255])
def test_size_and_polarity_change_nothing(factor, ink):
    picture = drawn(200, 150, *TWO, ink=ink, paper=255 - ink)
    large = picture.repeat(factor, axis=0).repeat(factor, axis=1)
    strip, plain = frame_strip(large), frame_strip(drawn(200, 150, *TWO))
    assert strip.inverted == (ink == 0)
    assert strip.ink.shape == plain.ink.shape
    assert np.abs(strip.ink.astype(int) - plain.ink).mean() < 6


def test_a_full_stop_and_a_far_speck_do_not_change_the_scale():
    plain = frame_strip(drawn(300, 200, *TWO))
    marked = drawn(300, 200, *TWO, (140, 92, 146, 98), (150, 5, 153, 8))
    strip = frame_strip(marked)
    assert abs(strip.scale - plain.scale) < 0.05 * plain.scale
    assert len(strip.parts) == 4


def test_two_lines_are_told_from_digits_on_a_slope():
    two_lines = drawn(300, 300, *TWO, *((x, y + 90, r, b + 90) for x, y, r, b in TWO))
    assert frame_strip(two_lines).lines == 2
    slope = drawn(300, 300, (20, 20, 59, 79), (70, 90, 109, 149), (120, 160, 159, 219))
    assert frame_strip(slope).lines == 1


def test_uneven_paper_is_divided_out():
    picture = drawn(200, 150, *TWO).astype(float)
    shaded = picture * np.linspace(0.55, 0.95, 200) - 20
    noisy = shaded + np.random.default_rng(0).normal(0, 3, shaded.shape)
    strip = frame_strip(np.clip(noisy, 0, 255).astype(np.uint8))
    plain = frame_strip(drawn(200, 150, *TWO))
    assert strip.ink.shape == plain.ink.shape
    assert np.abs(strip.ink.astype(int) - plain.ink).mean() < 16


def test_a_long_number_becomes_the_widest_strip():
    many = drawn(3000, 100, *((10 + 70 * i, 20, 60 + 70 * i, 80) for i in range(42)))
    assert frame_strip(many).ink.shape == (ROWS, WIDTHS[-1])


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (300, 1), (3, 3), (2000, 2)])
def test_pictures_of_any_shape_have_a_strip_or_no_ink(shape):
    rng = np.random.default_rng(1)
    for _ in range(5):
        picture = rng.integers(0, 256, shape).astype(np.uint8)
        try:
            strip = frame_strip(picture)
        except EmptyDrawing:
            continue
        assert strip.ink.shape[0] == ROWS
        assert strip.ink.shape[1] in WIDTHS


def test_what_holds_no_ink_or_is_no_picture_is_refused():
    with pytest.raises(EmptyDrawing):
        frame_strip(np.full((50, 50), 200, np.uint8))
    with pytest.raises(ValueError, match="uint8"):
        frame_strip(np.zeros((5, 5)))
    with pytest.raises(ValueError, match="at least one pixel"):
        frame_strip(np.zeros((0, 5), np.uint8))


def test_single_pixels_are_no_number():
    picture = np.full((300, 300), 255, np.uint8)
    picture[1::4, 1::4] = np.random.default_rng(6).integers(0, 150, (75, 75))
    with pytest.raises(EmptyDrawing):
        frame_strip(picture)


def test_every_width_gives_columns_that_tiles_of_three_fit():
    assert [width % 12 for width in WIDTHS] == [0] * len(WIDTHS)  # a column is 4 pixels
