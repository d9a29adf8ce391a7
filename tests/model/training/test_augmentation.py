"""Distortions of digits: what each does, how often, that it repeats, and that digits stay read."""

import io
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sheets import assert_as_committed, reduced, rng_for

from model.drawn.digits.writer import digits as drawn_digits
from model.drawn.generator import Purpose
from model.frame.pixels import to_frames, to_pixels
from model.training.augmentation import LUMINANCE, Augmentation, augment
from model.weights import load_weights

OFTEN = ("geometry", "pen", "tone", "blur", "gap", "speck", "noise", "jpeg")  # the probabilities
NONE = Augmentation(**dict.fromkeys((field.name for field in fields(Augmentation)), 0.0))


def only(name: str, **amounts: float) -> Augmentation:
    """One kind of distortion, always, with its usual amounts or those given, and nothing else."""
    return replace(Augmentation(**dict.fromkeys(OFTEN, 0.0)), **{name: 1.0}, **amounts)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(12)


@pytest.fixture(scope="module")
def digits(mnist) -> np.ndarray:
    """MNIST frames, float32 (500, 28, 28, 1)."""
    return to_frames(mnist.train_images[:500])


def blobs(count: int) -> np.ndarray:
    """Frames with a soft ring each, for what needs no real digit."""
    rows, columns = np.indices((28, 28)) - 13.5
    ring = np.clip(1.7 - np.abs(np.hypot(rows, columns) - 7), 0, 1) - 0.5
    return np.repeat(ring[np.newaxis, :, :, np.newaxis], count, axis=0).astype(np.float32)


def ink(frames: np.ndarray) -> np.ndarray:
    return frames[..., 0] + 0.5


def centres(frames: np.ndarray) -> np.ndarray:
    """Centres of mass, (N, 2), row and column."""
    mass = ink(frames).sum(axis=(1, 2))
    rows, columns = np.indices((28, 28))
    return np.stack([(ink(frames) * axis).sum(axis=(1, 2)) / mass for axis in (rows, columns)], 1)


@pytest.mark.parametrize("count", [0, 1, 2, 127, 128, 129, 300])
def test_any_number_of_frames_keeps_shape_dtype_and_range(rng, count):
    frames = blobs(count)
    before = frames.copy()
    result = augment(frames, rng)
    assert result.shape == (count, 28, 28, 1)
    assert result.dtype == np.float32
    assert np.array_equal(frames, before)
    if count:
        assert -0.5 <= result.min() < result.max() <= 0.5


@pytest.mark.parametrize(
    "frames", [np.zeros((2, 28, 28), np.float32), np.zeros((2, 28, 28, 1)), blobs(2)[:, :27]]
)
def test_other_shapes_and_dtypes_are_refused(rng, frames):
    with pytest.raises(ValueError, match=r"float32 \(N, 28, 28, 1\), not "):
        augment(frames, rng)


def test_the_same_generator_gives_the_same_to_the_bit_and_another_does_not():
    frames = blobs(200)
    one, same, other = (augment(frames, np.random.default_rng(seed)) for seed in (4, 4, 5))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


def test_no_two_copies_of_a_frame_are_alike(rng):
    copies = augment(blobs(200), rng, only("geometry")).reshape(200, -1)
    assert len(np.unique(copies, axis=0)) == 200


def test_without_probability_nothing_changes(rng):
    frames = blobs(150)
    np.testing.assert_allclose(augment(frames, rng, NONE), frames, atol=1e-7)


@pytest.mark.parametrize("name", OFTEN)
def test_each_distortion_happens_as_often_as_it_says(rng, name):
    frames = blobs(2000)
    result = augment(frames, rng, replace(only(name), **{name: 0.3}))
    changed = (np.abs(result - frames) > 1e-6).any(axis=(1, 2, 3)).mean()
    if name == "gap":  # it may fall where there is no ink, and change nothing
        assert 0.05 < changed < 0.3
    else:
        assert changed == pytest.approx(0.3, abs=0.05)


def test_no_movement_moves_nothing(rng):
    still = only("geometry", rotation=0, scale=0, shear=0, shift=0, elastic=0)
    frames = blobs(10)
    # Only the sharpening that makes up for resampling is left, and what of it is clipped.
    np.testing.assert_allclose(augment(frames, rng, still), frames, atol=0.2)
    assert np.abs(augment(frames, rng, still) - frames).mean() < 0.02


def test_shifts_reach_their_limit_and_not_beyond(rng):
    strength = only("geometry", rotation=0, scale=0, shear=0, shift=2.0, elastic=0)
    moved = centres(augment(blobs(1000), rng, strength)) - 13.5
    assert np.abs(moved).max() <= 2.01
    assert moved.min(axis=0) == pytest.approx(-2, abs=0.05)
    assert moved.max(axis=0) == pytest.approx(2, abs=0.05)


@pytest.mark.parametrize(
    ("amounts", "slope"),
    [
        # By how much a level bar may come to slope, in pixels down per pixel to the right: as the
        # tangent of its angle; and with a shear, a bar that stands, to the right per pixel down.
        ({"rotation": 12.0, "shear": 0.0}, np.tan(np.radians(12))),
        ({"rotation": 0.0, "shear": 0.2}, 0.2),
    ],
)
def test_rotation_and_shear_reach_their_limit_and_not_beyond(rng, amounts, slope):
    bars = np.full((1000, 28, 28, 1), -0.5, np.float32)
    if amounts["rotation"]:
        bars[:, 13:15, 6:22] = 0.5
    else:
        bars[:, 6:22, 13:15] = 0.5
    result = ink(augment(bars, rng, only("geometry", scale=0, shift=0, elastic=0, **amounts)))
    rows, columns = np.indices((28, 28)) - 13.5
    mixed = (result * rows * columns).sum(axis=(1, 2))
    along = (result * (columns if amounts["rotation"] else rows) ** 2).sum(axis=(1, 2))
    slopes = mixed / along
    assert np.abs(slopes).max() <= slope * 1.03
    assert slopes.min() == pytest.approx(-slope, rel=0.05)
    assert slopes.max() == pytest.approx(slope, rel=0.05)


def test_sizes_reach_their_limit_and_not_beyond(rng):
    strength = only("geometry", rotation=0, scale=0.15, shear=0, shift=0, elastic=0)
    result = ink(augment(blobs(1000), rng, strength))
    rows = np.indices((28, 28))[0] - 13.5
    spread = np.sqrt((result * rows**2).sum(axis=(1, 2)) / result.sum(axis=(1, 2)))
    spread /= np.sqrt((ink(blobs(1)) * rows**2).sum() / ink(blobs(1)).sum())
    assert (spread.min(), spread.max()) == pytest.approx((0.85, 1.15), abs=0.02)


def test_elastic_fields_have_the_amplitude_that_they_say(rng):
    # A picture whose brightness is the column shows by how much each pixel has moved sideways.
    ramp = np.broadcast_to(np.linspace(-0.5, 0.5, 28, dtype=np.float32), (600, 28, 28))
    strength = only("geometry", rotation=0, scale=0, shear=0, shift=0, elastic=1.5)
    result = ink(augment(ramp[..., np.newaxis].copy(), rng, strength))
    moved = (result * 27 - np.arange(28))[:, 8:20, 8:20]
    # Amplitudes are drawn evenly from 0 to 1.5: the mean of their squares is a third of 1.5's.
    assert np.sqrt((moved**2).mean()) == pytest.approx(1.5 / np.sqrt(3), rel=0.15)
    neighbours = np.abs(np.diff(moved, axis=2)).mean()
    assert neighbours < 0.5 * np.abs(moved).mean()  # smooth: neighbours move alike


def test_pens_get_thicker_and_thinner(rng):
    mass = ink(augment(blobs(1000), rng, only("pen"))).sum(axis=(1, 2)) / ink(blobs(1)).sum()
    assert mass.min() < 0.8
    assert mass.max() > 1.2


def test_light_digits_get_no_lighter(rng):
    light = np.full((400, 28, 28, 1), -0.5, np.float32)
    light[:, 4:24, 13:15] = 0.5  # 40 pixels of ink
    assert augment(light, rng, only("pen")).sum(axis=(1, 2, 3)).min() >= light[0].sum() - 1e-3


def test_the_table_of_jpeg_is_the_standards():
    file = io.BytesIO()
    Image.new("L", (8, 8)).save(file, "JPEG", quality=50)  # with the table as it stands
    [table] = Image.open(file).quantization.values()
    assert table == LUMINANCE.astype(int).ravel().tolist()


@pytest.mark.mnist
def test_compression_loses_what_a_real_jpeg_of_quality_50_loses(rng, digits):
    result = ink(augment(digits[:100], rng, only("jpeg", coarseness=1.0)))
    for frame, simulated in zip(ink(digits[:100]), result, strict=True):
        file = io.BytesIO()
        Image.fromarray(np.rint(frame * 255).astype(np.uint8)).save(file, "JPEG", quality=50)
        real = np.asarray(Image.open(file)) / np.float32(255)
        assert np.abs(simulated - real).mean() < 0.004  # one grey level


@pytest.mark.mnist
def test_moved_digits_are_as_sharp_and_as_black_as_before(rng, digits):
    def sharpness(frames: np.ndarray) -> float:
        return float((np.diff(ink(frames), axis=2) ** 2).sum())

    moved = augment(digits, rng, only("geometry"))
    assert sharpness(moved) == pytest.approx(sharpness(digits), rel=0.1)
    assert ink(moved).sum() == pytest.approx(ink(digits).sum(), rel=0.05)


@pytest.mark.mnist
def test_distorted_digits_are_still_read(mnist, weights_path, rng):
    if not weights_path.exists():
        pytest.skip(f"no trained network at {weights_path}; `make train` makes one")
    frames, labels = to_frames(mnist.test_images[:2000]), mnist.test_labels[:2000]
    read = load_weights(weights_path).read(augment(frames, rng)).probabilities.argmax(axis=1)
    assert (read == labels).mean() > 0.97


def test_digits_are_distorted_as_they_were_when_the_weights_were_trained() -> None:
    subjects = drawn_digits(Purpose.TRAINING)
    frames = to_frames(np.array([subject.frame(rng_for(subject.name)) for subject in subjects]))
    rows = {
        str(seed): [reduced(one) for one in to_pixels(augment(frames, np.random.default_rng(seed)))]
        for seed in range(3)
    }
    assert_as_committed(Path(__file__).with_name("distorted.png"), rows)
