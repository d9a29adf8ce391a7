"""The frame of a drawing: MNIST's own, and the same whatever the picture around the ink is like."""

import io
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image, ImageDraw

from model.drawn.strokes import arc, curve, polyline, render
from model.frame.pixels import to_frames
from model.frame.preprocess import EmptyDrawing, frame_drawing, frame_ink
from model.weights import load_weights

Grey = np.ndarray
BICUBIC = Image.Resampling.BICUBIC


def ink_of(grey: Grey) -> Grey:
    """The frame as ink, float32 (28, 28) in [0, 1]."""
    return frame_drawing(grey).frame[:, :, 0] + 0.5


def distance(one: Grey, other: Grey) -> float:
    """Mean difference of two frames' ink, where 1 is black against white everywhere."""
    return float(np.abs(one - other).mean())


# ---- what is refused ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("drawing", "said"),
    [
        (np.zeros((28, 28)), r"not float64 \(28, 28\)"),
        (np.zeros((28, 28, 3), np.uint8), r"not uint8 \(28, 28, 3\)"),
        (np.zeros(784, np.uint8), r"not uint8 \(784,\)"),
        ([[0, 255]], "not list"),
        (np.zeros((0, 28), np.uint8), "at least one pixel"),
    ],
)
def test_what_is_no_grey_picture_is_refused_with_what_it_is(drawing, said):
    with pytest.raises(ValueError, match=said) as refusal:
        frame_drawing(drawing)
    assert not isinstance(refusal.value, EmptyDrawing)


def test_known_ink_is_framed_as_a_drawing_of_it_is():
    picture = np.full((140, 140), 255, np.uint8)
    picture[30:110, 60:70] = 0
    picture[30:40, 40:70] = 90
    np.testing.assert_array_equal(frame_ink(255 - picture), frame_drawing(picture).frame)
    with pytest.raises(EmptyDrawing):
        frame_ink(np.zeros((20, 20), np.uint8))


@pytest.mark.parametrize(
    ("tall", "wide", "tight"),
    [
        (0.92, 0.92, True),
        (0.89, 0.89, True),
        (0.92, 0.5, False),  # a 1 in a square picture
        (0.5, 0.92, False),
        (0.86, 0.92, False),
        (0.92, 0.86, False),
    ],
)
def test_ink_that_fills_both_sides_is_tight(tall, wide, tight):
    picture = np.full((100, 200), 255, np.uint8)
    height, width = round(100 * tall), round(200 * wide)
    top, left = (100 - height) // 2, (200 - width) // 2
    picture[top : top + height, left] = picture[top : top + height, left + width - 1] = 0
    picture[top, left : left + width] = picture[top + height - 1, left : left + width] = 0
    assert frame_drawing(picture).tight == tight


def test_specks_so_small_that_none_of_their_cells_is_inked_are_no_drawing():
    drawing = np.full((1024, 1024), 255, np.uint8)
    drawing[20, 20] = drawing[1000, 1000] = 0
    with pytest.raises(EmptyDrawing):
        frame_drawing(drawing)


@pytest.mark.parametrize("level", [0, 1, 128, 255])
@pytest.mark.parametrize("shape", [(1, 1), (1, 500), (28, 28), (280, 280)])
def test_one_colour_is_an_empty_drawing(shape, level):
    with pytest.raises(EmptyDrawing, match="draw a digit"):
        frame_drawing(np.full(shape, level, np.uint8))


def test_paper_with_a_shadow_or_grain_and_no_ink_is_empty():
    rng = np.random.default_rng(1)
    light = np.linspace(90, 230, 200)
    grain = rng.normal(0, 4, (200, 200))
    for paper in (np.tile(light, (200, 1)), np.tile(light, (200, 1)) + grain, 200 + grain):
        with pytest.raises(EmptyDrawing):
            frame_drawing(paper.astype(np.uint8))


# ---- MNIST's framing, by hand ------------------------------------------------------------------


def test_a_bar_is_scaled_to_20_pixels_and_centred_by_its_mass():
    canvas = np.full((300, 200), 255, np.uint8)
    canvas[40:240, 20:50] = 0  # 200 by 30 pixels: a tenth of it is 20 by 3
    frame, inverted, *_ = frame_drawing(canvas)
    assert inverted
    assert frame.shape == (28, 28, 1)
    assert frame.dtype == np.float32
    # MNIST has the centre of mass at the pixel of index 14. A bar of 20 has it at 9.5 from its
    # start: it starts at 14 - 9.5 = 4.5, and the even 4 of both neighbours is taken. One of 3 has
    # it at 1, and starts at 13.
    expected = np.full((28, 28), -0.5, np.float32)
    expected[4:24, 13:16] = 0.5
    np.testing.assert_allclose(frame[:, :, 0], expected, atol=0.02)


def test_an_uneven_shape_is_centred_by_mass_and_not_by_its_box():
    canvas = np.zeros((100, 100), np.uint8)
    canvas[10:90, 20:36] = 255  # the stem of an L,
    canvas[74:90, 20:80] = 255  # and its foot
    ink = ink_of(canvas)
    rows, columns = np.indices((28, 28))
    assert (ink * rows).sum() / ink.sum() == pytest.approx(14, abs=0.5)
    assert (ink * columns).sum() / ink.sum() == pytest.approx(14, abs=0.5)
    inked = np.flatnonzero((ink > 0.5).any(axis=0))
    assert abs((inked[0] + inked[-1]) / 2 - 13.5) > 1


# ---- the same digit in other pictures ----------------------------------------------------------


@pytest.fixture(scope="module")
def digits(mnist) -> Grey:
    """MNIST test images: enough for the figures below to be stable."""
    return mnist.test_images[:200]


@pytest.fixture(scope="module")
def right(mnist, digits, weights_path) -> Callable[[Grey], float]:
    """Tells which part of the frames of these images is read right, 0 to 1."""
    if not weights_path.exists():
        pytest.skip(f"no trained network at {weights_path}; `make train` makes one")
    recognizer, labels = load_weights(weights_path), mnist.test_labels[: len(digits)]
    return lambda frames: np.mean(recognizer.read(frames).probabilities.argmax(axis=1) == labels)


def enlarged(digit: Grey, times: int, how: Image.Resampling = BICUBIC) -> Grey:
    height, width = digit.shape
    return np.asarray(Image.fromarray(digit).resize((width * times, height * times), how))


def pasted(digit: Grey, rng: np.random.Generator, size: int) -> Grey:
    """The digit anywhere on a black canvas."""
    canvas = np.zeros((size, size), np.uint8)
    top, left = rng.integers(0, size + 1 - np.array(digit.shape))
    canvas[top : top + digit.shape[0], left : left + digit.shape[1]] = digit
    return canvas


def cropped(digit: Grey) -> Grey:
    """The digit filling the picture: its ink touches all four edges."""
    rows = np.flatnonzero((digit > 99).any(axis=1))
    columns = np.flatnonzero((digit > 99).any(axis=0))
    return digit[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def encoded(grey: Grey, kind: str, **options: int) -> Grey:
    """What comes back after saving in a lossy format."""
    file = io.BytesIO()
    Image.fromarray(grey).save(file, kind, **options)
    return np.asarray(Image.open(file).convert("L"))


def grainy(grey: Grey, rng: np.random.Generator, deviation: float) -> Grey:
    return np.clip(grey + rng.normal(0, deviation, grey.shape), 0, 255).astype(np.uint8)


def speckled(grey: Grey, rng: np.random.Generator) -> Grey:
    """Six specks of up to 5 pixels on a canvas of 400, with the digit anywhere on it."""
    canvas = pasted(grey, rng, 400)
    for top, left in rng.integers(0, 395, (6, 2)):
        height, width = rng.integers(1, 6, 2)
        canvas[top : top + height, left : left + width] = 255
    return 255 - canvas


def photographed(digit: Grey, rng: np.random.Generator) -> Grey:
    """Grey ink on paper that gets half as much light in one corner as in the other, with grain."""
    light = np.add.outer(np.linspace(0.45, 0.7, 280), np.linspace(0, 0.3, 280))
    return grainy((235 - 0.6 * enlarged(digit, 10)) * light, rng, 5)


def shaded(digit: Grey, rng: np.random.Generator) -> Grey:
    """Grey ink on white paper, a corner of which lies in a shadow with a soft edge."""
    distances = np.add.outer(np.arange(280), np.arange(280)) - 280
    light = 1 - 0.45 * np.clip(distances / 60 + 0.5, 0, 1)
    return grainy((235 - 0.7 * enlarged(digit, 10)) * light, rng, 3)


Change = Callable[[Grey, np.random.Generator], Grey]
# Name: what is done to the digit, and the largest mean distance of the frames from the original.
# Where resampling is involved, most of it comes from a centre of mass that is rounded to the
# neighbouring pixel: such a digit is right, but one pixel away (distance 0.08).
CHANGES: dict[str, tuple[Change, float]] = {
    "as it is": (lambda d, r: d, 0.004),
    "inverted": (lambda d, r: 255 - d, 0.004),
    "on grey paper": (lambda d, r: (200 - 0.6 * d).astype(np.uint8), 0.005),
    "faint": (lambda d, r: (200 - 0.2 * d).astype(np.uint8), 0.006),
    "shifted": (lambda d, r: pasted(d, r, 100), 0.004),
    "shifted on a large canvas": (lambda d, r: 255 - pasted(d, r, 280), 0.004),
    "cropped": (lambda d, r: cropped(d), 0.008),
    "JPEG of 28 pixels": (lambda d, r: encoded(d, "JPEG", quality=90), 0.009),
    "times 2": (lambda d, r: enlarged(d, 2), 0.03),
    "times 3": (lambda d, r: enlarged(d, 3), 0.03),
    "times 3, bilinear": (lambda d, r: enlarged(d, 3, Image.Resampling.BILINEAR), 0.032),
    "times 7, blocks": (lambda d, r: enlarged(d, 7, Image.Resampling.NEAREST), 0.022),
    "times 7, inverted": (lambda d, r: 255 - enlarged(d, 7), 0.03),
    "times 10, shifted": (lambda d, r: pasted(enlarged(d, 10), r, 500), 0.03),
    "times 5, cropped": (lambda d, r: enlarged(cropped(d), 5), 0.04),
    "times 7, JPEG": (lambda d, r: encoded(255 - enlarged(d, 7), "JPEG", quality=50), 0.03),
    "times 7, WebP": (lambda d, r: encoded(255 - enlarged(d, 7), "WEBP", quality=50), 0.03),
    "times 10, slightly grainy": (lambda d, r: grainy(255.0 - enlarged(d, 10), r, 10), 0.035),
    "times 10, very grainy": (lambda d, r: grainy(255.0 - enlarged(d, 10), r, 40), 0.036),
    "28 pixels, grainy": (lambda d, r: grainy(d, r, 10), 0.018),
    "times 10, with specks": (lambda d, r: speckled(enlarged(d, 10), r), 0.032),
    "a photo in uneven light": (photographed, 0.036),
    "a photo with a shadow": (shaded, 0.042),
}


@pytest.mark.mnist
@pytest.mark.parametrize("name", CHANGES)
def test_a_changed_copy_of_a_digit_comes_out_near_the_original_and_is_read_alike(
    digits, right, name
):
    change, limit = CHANGES[name]
    rng = np.random.default_rng(7)
    copies = np.stack([frame_drawing(change(digit, rng)).frame for digit in digits])
    original = to_frames(digits)
    assert distance(copies, original) <= limit
    # Strong grain, a shadow's edge and a missing border may each cost a few digits.
    allowed = 0.02 if "grainy" in name or "photo" in name or "cropped" in name else 0.01
    assert right(copies) >= right(original) - allowed


@pytest.mark.mnist
def test_nearly_every_frame_of_mnist_comes_out_to_the_pixel(digits):
    # Only specks beside the digit go, and where that moves the centre of mass over the middle
    # between two pixels, or the digit was not 20 pixels long, it moves.
    distances = np.array([distance(ink_of(d), d / np.float32(255)) for d in digits])
    assert (distances < 0.002).mean() > 0.95
    assert (distances == 0).mean() > 0.5 or np.median(distances) < 1e-6


# ---- which side is ink -------------------------------------------------------------------------


@pytest.mark.mnist
def test_polarity_is_found_and_changes_nothing_but_the_flag(digits):
    for digit in digits[:100]:
        for picture in (digit, enlarged(digit, 5)):
            light, dark, *_ = frame_drawing(picture), frame_drawing(255 - picture)
            assert (light.inverted, dark.inverted) == (False, True)
            np.testing.assert_allclose(light.frame, dark.frame, atol=1e-6)


@pytest.mark.mnist
def test_polarity_is_found_even_without_any_margin(mnist):
    # An upright 1 that fills the picture is the exception: there is hardly any paper left.
    for digit, label in zip(mnist.test_images[:300], mnist.test_labels[:300], strict=True):
        if label != 1:
            assert not frame_drawing(cropped(digit)).inverted
            assert frame_drawing(255 - enlarged(cropped(digit), 5)).inverted


def test_a_thick_digit_that_touches_the_edges_keeps_its_polarity():
    canvas = np.full((100, 70), 255, np.uint8)  # a 7: all of the top edge, most of the right one
    canvas[:12] = 0
    canvas[:, 58:] = 0
    assert frame_drawing(canvas).inverted
    assert not frame_drawing(255 - canvas).inverted


def test_a_frame_drawn_around_the_picture_is_not_paper():
    canvas = render([curve((0, 0), (1, 0.3), (0.3, 1))], size=200, height=100, line_width=12)
    canvas[:2], canvas[-2:], canvas[:, :2], canvas[:, -2:] = 0, 0, 0, 0
    assert frame_drawing(canvas).inverted


# ---- specks and detached strokes ---------------------------------------------------------------


def five(gap: float) -> list[Grey]:
    """A 5 whose bar is that far above its body, in heights of the digit."""
    body = curve((0.1, 0), (0.1, 0.45), (0.45, 0.4), (0.65, 0.7), (0.4, 1), (0.05, 0.9))
    return [body, polyline((0.1, -gap), (0.6, -gap))]


@pytest.mark.parametrize("pen", [6, 14, 26])
@pytest.mark.parametrize("gap", [0.0, 0.12, 0.25])
def test_the_bar_of_a_five_stays(pen, gap):
    together = ink_of(render(five(gap), size=280, height=180, line_width=pen))
    body = ink_of(render(five(gap)[:1], size=280, height=180, line_width=pen))
    top = np.flatnonzero((together > 0.5).any(axis=1))[0]
    bar = together[top]  # the bar is the topmost thing, and longer than the stem is wide
    assert np.count_nonzero(bar > 0.5) >= 6
    assert distance(together, body) > 0.02


def test_a_dot_far_from_the_digit_goes():
    digit = render(five(0.0), size=400, height=150, line_width=14, offset=(-60, 30))
    clean = ink_of(digit)
    image = Image.fromarray(digit)
    draw = ImageDraw.Draw(image)
    for x, y, radius in ((380, 12, 6), (20, 20, 4), (390, 390, 7), (300, 40, 2)):
        draw.ellipse([x - radius, y - radius, x + radius, y + radius], fill=0)
    assert distance(ink_of(np.asarray(image)), clean) < 0.01


# ---- pens, sizes, edges ------------------------------------------------------------------------

NINE = [arc((0.4, 0.3), (0.3, 0.28), 0, 360), curve((0.7, 0.3), (0.68, 0.7), (0.5, 1.0))]


@pytest.mark.parametrize("pen", [1, 2, 4, 8])
def test_a_hair_thin_pen_gives_as_strong_strokes_as_a_usual_one(pen):
    usual = ink_of(render(NINE, size=280, height=220, line_width=22))
    thin = ink_of(render(NINE, size=280, height=220, line_width=pen))
    assert thin.sum() > 0.5 * usual.sum()
    assert np.quantile(thin[thin > 0.2], 0.7) > 0.8
    assert distance(thin, usual) < 0.06


def test_a_hair_thin_line_on_a_very_large_picture_is_seen():
    nine = ink_of(render(NINE, size=2400, height=2200, line_width=2))
    assert distance(nine, ink_of(render(NINE, size=280, height=220, line_width=20))) < 0.06


def test_a_marker_is_narrowed_so_that_a_small_digit_keeps_its_hole():
    ink = ink_of(render(NINE, size=120, height=60, line_width=18))
    ring = ink[6:14, 8:20]
    assert ring.min() < 0.3


@pytest.mark.parametrize("height", [30, 60, 120, 240])
def test_size_and_place_do_not_matter(height):
    reference = ink_of(render(NINE, size=280, height=200, line_width=20))
    for offset in ((0, 0), (13.3, -8.6)):
        picture = render(NINE, size=330, height=height, line_width=height / 10, offset=offset)
        assert distance(ink_of(picture), reference) < 0.04  # 0.03 is a pixel aside


def test_a_digit_that_touches_the_edge_is_framed_as_if_it_did_not():
    canvas = render(NINE, size=280, height=200, line_width=20)
    rows, columns = np.flatnonzero(canvas.min(axis=1) < 99), np.flatnonzero(canvas.min(axis=0) < 99)
    for cut in (canvas[rows[0] :], canvas[:, columns[0] :], canvas[: rows[-1] + 1]):
        assert distance(ink_of(cut), ink_of(canvas)) < 0.01


def test_strokes_of_uneven_strength_are_kept():
    image = Image.new("L", (200, 200), 250)
    draw = ImageDraw.Draw(image)
    draw.line([(60, 40), (60, 160)], fill=30, width=12)
    draw.line([(60, 160), (140, 160)], fill=150, width=12)  # less than half as dark
    ink = ink_of(np.asarray(image))
    assert np.count_nonzero(ink.max(axis=0) > 0.3) >= 12


@pytest.mark.parametrize("height", [150, 500])
@pytest.mark.parametrize("shadow", ["none", "corner", "half"])
def test_a_pencil_on_a_large_photo_comes_out_as_a_pen_on_a_canvas(height, shadow):
    size = 1200
    rng = np.random.default_rng(8)
    ink = 1 - render(NINE, size=size, height=height, line_width=height / 15) / 255
    down, right = np.mgrid[0:size, 0:size] / size
    light = 1 - 0.3 * np.hypot(down - 0.2, right - 0.7)
    if shadow != "none":
        edge = 0.35 if shadow == "corner" else 1.0
        light *= 1 - 0.45 / (1 + np.exp((down + right - edge) * 40))
    photo = grainy(220 * light * (1 - 0.4 * ink), rng, 4)
    frame, inverted, *_ = frame_drawing(photo)
    assert inverted
    clean = ink_of(render(NINE, size=280, height=200, line_width=200 / 15))
    assert distance(frame[:, :, 0] + 0.5, clean) < 0.05


# ---- anything ----------------------------------------------------------------------------------


@settings(max_examples=300, deadline=None)
@given(arrays(np.uint8, st.tuples(st.integers(1, 60), st.integers(1, 60))))
def test_any_picture_gives_a_frame_or_is_empty(grey):
    before = grey.copy()
    try:
        frame, inverted, *_ = frame_drawing(grey)
    except EmptyDrawing:
        pass
    else:
        assert frame.shape == (28, 28, 1)
        assert frame.dtype == np.float32
        assert isinstance(inverted, bool)
        assert -0.5 <= frame.min() < frame.max() <= 0.5
        again = frame_drawing(grey)
        assert np.array_equal(again.frame, frame)
    assert np.array_equal(grey, before)


@pytest.mark.parametrize("shape", [(1, 2), (2, 1), (1, 5000), (5000, 1), (3, 4000), (2500, 2500)])
@pytest.mark.parametrize("kind", ["dot", "noise", "ramp", "stripes"])
def test_extreme_sizes_and_contents_do_not_crash(shape, kind):
    rng = np.random.default_rng(5)
    if kind == "dot":
        grey = np.full(shape, 255, np.uint8)
        grey[shape[0] // 2, shape[1] // 2] = 0
    elif kind == "noise":
        grey = rng.integers(0, 256, shape, dtype=np.uint8)
    elif kind == "ramp":
        grey = (np.add.outer(np.arange(shape[0]), np.arange(shape[1])) % 256).astype(np.uint8)
    else:
        grey = np.broadcast_to(np.arange(shape[1]) % 2 * 255, shape).astype(np.uint8)
    try:
        frame = frame_drawing(grey).frame
    except EmptyDrawing:
        assert kind != "dot"
    else:
        assert np.isfinite(frame).all()


def test_a_picture_may_be_a_view_or_read_only():
    canvas = render(NINE, size=280, height=200, line_width=20)
    expected = frame_drawing(canvas).frame
    canvas.flags.writeable = False
    assert np.array_equal(frame_drawing(canvas).frame, expected)
    wide = np.repeat(canvas, 2, axis=1)
    assert np.array_equal(frame_drawing(wide[:, ::2]).frame, expected)
    assert np.array_equal(frame_drawing(np.asfortranarray(canvas)).frame, expected)
