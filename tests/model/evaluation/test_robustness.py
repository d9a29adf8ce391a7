"""Each sweep changes what it says and nothing else, on the same digits at every amount."""

import numpy as np
import pytest

from model.drawn.strokes import polyline
from model.evaluation import robustness
from model.evaluation.robustness import SWEEPS, Drawing, sweep_frames


@pytest.fixture
def drawing():
    """A seven of straight lines: its corner is at the top right."""
    return Drawing([polyline((0, 0), (0.6, 0), (0.2, 1))], np.random.default_rng(0))


def box(picture, threshold=128):
    """Left, top, right, bottom of the ink, in pixels."""
    ink = picture < threshold
    columns, rows = np.flatnonzero(ink.any(axis=0)), np.flatnonzero(ink.any(axis=1))
    return np.array([columns[0], rows[0], columns[-1], rows[-1]])


def test_the_shift_moves_by_so_many_pixels(drawing):
    change = SWEEPS["shift"].change
    np.testing.assert_array_equal(box(change(drawing, 40)) - box(change(drawing, 0)), 40)
    np.testing.assert_array_equal(box(change(drawing, -80)) - box(change(drawing, 0)), -80)


@pytest.mark.parametrize("amount", [30, 60, 100])
def test_the_scale_is_the_share_of_the_canvas(drawing, amount):
    _, top, _, bottom = box(SWEEPS["scale"].change(drawing, amount))
    assert bottom - top + 1 == pytest.approx(280 * amount / 100, abs=1)


def test_the_rotation_turns_by_so_many_degrees():
    bar = Drawing([polyline((0, 0), (0, 1))], np.random.default_rng(0))
    left, top, right, bottom = box(SWEEPS["rotation"].change(bar, 20))
    # A bar of 20 by 200 and its round ends, turned; the longest side of the path is 200 again.
    assert (right - left - 19) / (bottom - top - 19) == pytest.approx(
        np.tan(np.radians(20)), abs=0.01
    )


def test_the_shear_leans_by_so_many_degrees():
    bar = Drawing([polyline((0, 0), (0, 1))], np.random.default_rng(0))
    left, top, right, bottom = box(SWEEPS["shear"].change(bar, 25))
    assert (right - left - 19) / (bottom - top - 19) == pytest.approx(
        np.tan(np.radians(25)), abs=0.01
    )


def test_the_pen_has_so_many_pixels():
    bar = Drawing([polyline((0, 0), (0, 1))], np.random.default_rng(0))
    for width in (4, 44):
        left, _, right, _ = box(SWEEPS["pen width"].change(bar, width))
        assert right - left + 1 == width


def test_contrast_noise_and_blur_are_as_strong_as_they_say(drawing):
    faint = SWEEPS["contrast"].change(drawing, 25)
    assert (faint.max(), faint.min()) == (255, 191)
    clean, noisy = (SWEEPS["noise"].change(drawing, amount) for amount in (0, 24))
    assert (noisy.astype(float) - clean)[clean == 215].std() == pytest.approx(24, rel=0.1)
    sharp, blurred = (SWEEPS["blur"].change(drawing, amount) for amount in (0, 6))
    assert np.abs(np.diff(sharp.astype(int))).max() > 200
    assert np.abs(np.diff(blurred.astype(int))).max() < 40


def test_inversion_and_compression_keep_the_picture(drawing):
    np.testing.assert_array_equal(SWEEPS["inversion"].change(drawing, 0), drawing.picture)
    np.testing.assert_array_equal(SWEEPS["inversion"].change(drawing, 1), 255 - drawing.picture)
    errors = []
    for quality in (95, 5):
        compressed = SWEEPS["JPEG"].change(drawing, quality)
        assert compressed.shape == (280, 280)
        errors.append(np.abs(compressed.astype(float) - drawing.picture).mean())
    assert 0 < errors[0] < 0.5 < errors[1] < 10


def test_every_amount_has_the_same_digits_whatever_the_processes(monkeypatch):
    frames, labels = sweep_frames(12, seed=3, processes=1)
    assert labels.tolist() == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1]
    assert list(frames) == list(SWEEPS)
    for name, sweep in SWEEPS.items():
        assert frames[name].shape == (len(sweep.amounts), 12, 28, 28)
        assert frames[name].dtype == np.uint8
        assert frames[name].any(axis=(2, 3)).all()
    # A digit that is only moved or inverted has the same frame, but for its edges' rounding.
    for name in ("shift", "inversion"):
        differences = frames[name].astype(int) - frames[name][:1]
        assert np.abs(differences).mean() < 2
    monkeypatch.setattr(robustness, "_PIECE", 5)
    again, _ = sweep_frames(12, seed=3, processes=2)
    for name in SWEEPS:
        np.testing.assert_array_equal(again[name], frames[name])
