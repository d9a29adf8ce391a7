"""Distortions that make new training pictures out of given ones.

Each distortion is applied to the share of frames that its probability picks, to each frame by other
random numbers. The geometric ones (scale, rotation, shear, shift, elastic) go together: they add up
to one field of source coordinates, so that a frame is resampled only once.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ink = NDArray[np.float32]  # (N, 28, 28), 0 paper to 1 full ink

SIDE = 28  # pixels, side of a frame
PADDED = SIDE + 2  # with a pixel of paper around it, which is all that lies outside
KNOTS = 7  # control points along a side of the elastic field: 7 pixels apart, wider than a stroke
CHUNK = 128  # frames worked on together, so that their fields stay in the processor's cache
# Bilinear resampling takes a third of the edges' energy, and this much unsharp masking before it
# gives that back: squared differences between neighbours add up to 56 in MNIST, to 38 after
# resampling alone, and to 55 after both.
SHARPENING = 0.9
LUMINANCE = np.array(  # the quantisation table of JPEG, ITU-T T.81, table K.1
    [
        [16, 11, 10, 16, 24, 40, 51, 61],
        [12, 12, 14, 19, 26, 58, 60, 55],
        [14, 13, 16, 24, 40, 57, 69, 56],
        [14, 17, 22, 29, 51, 87, 80, 62],
        [18, 22, 37, 56, 68, 109, 103, 77],
        [24, 35, 55, 64, 81, 104, 113, 92],
        [49, 64, 78, 87, 103, 121, 120, 101],
        [72, 92, 95, 98, 112, 100, 103, 99],
    ],
    dtype=np.float32,
)


@dataclass(frozen=True, slots=True)
class Augmentation:
    """How strong the distortions are and how often each happens; 0 turns one off.

    An amplitude is drawn evenly from minus to plus the number, or from 0 to it where it says so.
    """

    geometry: float = 0.9  # probability of moving pixels; the rest keep their own sharpness
    rotation: float = 12.0  # degrees; beyond about 15 a leaning 1 and a 7 come too close
    scale: float = 0.13  # part of the size, each axis by itself: narrow and wide writers
    shear: float = 0.2  # pixels sideways per pixel down: slant, what writers differ in most
    shift: float = 1.5  # pixels, each axis: ink of another shape lies otherwise around its centre
    elastic: float = 1.0  # pixels, root mean square, from 0: an unsteady hand

    pen: float = 0.35  # probability of another pen
    thicker: float = 0.8  # of the way to a stroke 2 pixels wider, from 0; more fills small loops
    thinner: float = 0.5  # of the way to a stroke 2 pixels thinner, from 0; more breaks thin ones

    tone: float = 0.25  # probability of other grey levels
    softness: float = 0.4  # of the middle greys: darker or lighter edges
    fading: float = 0.3  # of the ink's strength, from 0: a pencil, an empty pen

    blur: float = 0.1  # probability of smoothing, by (1, 2, 1) / 4 at most: a photo out of focus
    gap: float = 0.06  # probability of a hole of 1 to 3 pixels a side: a pen that skips
    speck: float = 0.06  # probability of a dot of 1 or 2 pixels a side: dirt
    noise: float = 0.1  # probability of noise: a camera in bad light
    grain: float = 0.08  # of full ink, standard deviation of that noise, from 0
    jpeg: float = 0.05  # probability of lossy compression
    coarseness: float = 5.0  # of its steps, from 1, which is quality 50; 5 is quality 10


STANDARD = Augmentation()


def augment(
    frames: NDArray[np.float32], rng: np.random.Generator, strength: Augmentation = STANDARD
) -> NDArray[np.float32]:
    """Return distorted copies of frames, float32 (N, 28, 28, 1) in [-0.5, 0.5].

    The same frames, strength and state of the generator give the same result.

    Raises:
        ValueError: for frames of another shape or dtype.
    """
    if frames.dtype != np.float32 or frames.shape[1:] != (SIDE, SIDE, 1):
        raise ValueError(
            f"frames to augment are float32 (N, 28, 28, 1), not {frames.dtype} {frames.shape}"
        )
    distortions: list[tuple[float, Callable[..., Ink]]] = [
        (strength.geometry, _moved),
        (strength.pen, _other_pen),
        (strength.tone, _other_tone),
        (strength.blur, _blurred),
        (strength.gap, _with_gap),
        (strength.speck, _with_speck),
        (strength.noise, _noisy),
        (strength.jpeg, _compressed),
    ]
    ink = frames[..., 0] + np.float32(0.5)
    for start in range(0, len(ink), CHUNK):
        chunk = ink[start : start + CHUNK]
        for probability, distortion in distortions:
            picked = np.flatnonzero(rng.random(len(chunk)) < probability)
            if picked.size:
                chunk[picked] = distortion(chunk[picked], rng, strength)
    np.clip(ink, 0, 1, out=ink)
    ink -= np.float32(0.5)
    return ink[..., np.newaxis]


def _uniform(rng: np.random.Generator, low: float, high: float, count: int) -> Ink:
    """Return a number for each frame, (count, 1, 1), from ``low`` to ``high``."""
    return rng.uniform(low, high, (count, 1, 1)).astype(np.float32)


# ---- geometry ----------------------------------------------------------------------------------


def _coordinate_basis() -> NDArray[np.float32]:
    """Return what a field of source coordinates is a weighted sum of, (3 + KNOTS^2, 784).

    For the affine part: a constant, and row and column from the middle. For the elastic part: the
    products of uniform cubic B-splines, scaled so that standard normal weights move pixels by 1,
    root mean square (Simard, Steinkraus and Platt 2003, "Best practices for convolutional neural
    networks", made elastic fields of smoothed noise instead).
    """
    place = (np.arange(SIDE) + 0.5) * (KNOTS - 3) / SIDE  # in units of the knots' distance
    away = np.abs(place - (np.arange(KNOTS) - 1)[:, np.newaxis])
    spline = np.where(away < 1, 2 / 3 - away**2 + away**3 / 2, (2 - np.minimum(away, 2)) ** 3 / 6)
    bumps = np.einsum("iy,jx->ijyx", spline, spline).reshape(KNOTS**2, SIDE**2)
    bumps /= np.sqrt((bumps**2).sum(axis=0).mean())
    rows, columns = np.indices((SIDE, SIDE)).reshape(2, -1) - (SIDE - 1) / 2
    return np.vstack([np.ones(SIDE**2), rows, columns, bumps]).astype(np.float32)


_BASIS = _coordinate_basis()


def _moved(ink: Ink, rng: np.random.Generator, strength: Augmentation) -> Ink:
    """Return ink under a random affine map and a random smooth field of displacements."""
    count = len(ink)
    angle = np.radians(rng.uniform(-strength.rotation, strength.rotation, count))
    stretch_y, stretch_x = 1 + rng.uniform(-strength.scale, strength.scale, (2, count))
    slant = rng.uniform(-strength.shear, strength.shear, count)
    weights = np.empty((2, count, len(_BASIS)), dtype=np.float32)
    weights[:, :, 0] = PADDED / 2 - 0.5 + rng.uniform(-strength.shift, strength.shift, (2, count))
    weights[0, :, 1] = np.cos(angle) / stretch_y
    weights[0, :, 2] = np.sin(angle) / stretch_y
    weights[1, :, 1] = slant - np.sin(angle) / stretch_x
    weights[1, :, 2] = np.cos(angle) / stretch_x
    weights[:, :, 3:] = rng.standard_normal((2, count, KNOTS**2), dtype=np.float32)
    weights[:, :, 3:] *= _uniform(rng, 0, strength.elastic, count)[:, 0]
    return _resampled(_sharpened(ink), weights)


def _resampled(ink: Ink, weights: NDArray[np.float32]) -> Ink:
    """Return the ink at the source coordinates ``weights @ _BASIS``, in pixels of a padded frame.

    ``weights`` (2, N, 3 + KNOTS^2) are those of the rows and those of the columns.
    """
    count = len(ink)
    # One frame more, because the neighbours of the last pixel are looked up behind it.
    padded = np.zeros((count + 1, PADDED, PADDED), dtype=np.float32)
    padded[:count, 1:-1, 1:-1] = ink
    flat = padded.ravel()
    source = weights.reshape(2 * count, -1) @ _BASIS
    np.clip(source, 0, PADDED - 1.001, out=source)
    whole = source.astype(np.int32)
    source -= whole
    y, x = source.reshape(2, count, -1)
    row, column = whole.reshape(2, count, -1)
    first = np.arange(count, dtype=np.int32)[:, np.newaxis] * PADDED**2
    index = (first + row * PADDED + column).astype(np.intp)
    # take(mode="clip") skips a check of the indices, which are in range, and is twice as fast.
    upper = _between(flat.take(index, mode="clip"), flat[1:].take(index, mode="clip"), x)
    below = flat[PADDED:]
    lower = _between(below.take(index, mode="clip"), below[1:].take(index, mode="clip"), x)
    return _between(upper, lower, y).reshape(count, SIDE, SIDE)


def _between(a: Ink, b: Ink, part: Ink) -> Ink:
    """Return a + part * (b - a), in the memory of a; b is overwritten."""
    b -= a
    b *= part
    a += b
    return a


# ---- pen, tone, blur ---------------------------------------------------------------------------


def _smoothed(ink: Ink) -> Ink:
    """Return ink convolved with (1, 2, 1) / 4 along both axes."""
    padded = np.pad(ink, ((0, 0), (1, 1), (1, 1)))
    rows = padded[:, 1:-1] * 2
    rows += padded[:, 2:]
    rows += padded[:, :-2]
    both = rows[:, :, 1:-1] * 2
    both += rows[:, :, 2:]
    both += rows[:, :, :-2]
    both *= np.float32(1 / 16)
    return both


def _sharpened(ink: Ink) -> Ink:
    return ink + np.float32(SHARPENING) * (ink - _smoothed(ink))


def _extreme(ink: Ink, pick: np.ufunc) -> Ink:
    """Return the largest or smallest of each pixel and its eight neighbours."""
    padded = np.pad(ink, ((0, 0), (1, 1), (1, 1)))
    rows = pick(pick(padded[:, 2:], padded[:, :-2]), padded[:, 1:-1])
    both = pick(pick(rows[:, :, 2:], rows[:, :, :-2]), rows[:, :, 1:-1])
    return np.asarray(both)


def _other_pen(ink: Ink, rng: np.random.Generator, strength: Augmentation) -> Ink:
    """Return ink on the way to being grown by a pixel on all sides, or shrunk by one."""
    half = len(ink) // 2
    wide, thin = ink[:half], ink[half:]
    # Bold digits grow too: a marker fills the loops of a small digit, and it is still to be read.
    wide += _uniform(rng, 0, strength.thicker, half) * (_extreme(wide, np.maximum) - wide)
    # Light digits would break, so the lighter they are the less they shrink, and below 50 pixels of
    # ink not at all: MNIST's digits have 102 on average, and one of twenty has less than 51.
    shrink = np.clip((thin.sum(axis=(1, 2), keepdims=True) - 50) / 50, 0, 1)
    shrink *= _uniform(rng, 0, strength.thinner, len(thin))
    thin += shrink * (_extreme(thin, np.minimum) - thin)
    return ink


def _other_tone(ink: Ink, rng: np.random.Generator, strength: Augmentation) -> Ink:
    """Return ink with middle greys bent by a parabola, as by a gamma but faster, and weakened."""
    bend = _uniform(rng, -strength.softness, strength.softness, len(ink))
    bent = ink + bend * ink * (1 - ink)
    bent *= 1 - _uniform(rng, 0, strength.fading, len(ink))
    return bent


def _blurred(ink: Ink, rng: np.random.Generator, strength: Augmentation) -> Ink:
    return ink + _uniform(rng, 0, 1, len(ink)) * (_smoothed(ink) - ink)


# ---- accidents ---------------------------------------------------------------------------------


def _rectangle(rng: np.random.Generator, count: int, largest: int) -> NDArray[np.bool_]:
    """Return a rectangle of 1 to ``largest`` pixels a side for each frame, bool (count, 28, 28)."""
    sides = rng.integers(1, largest + 1, (2, count, 1))
    corners = rng.integers(3, SIDE - 3 - largest, (2, count, 1))
    rows, columns = (np.arange(SIDE) >= corners) & (np.arange(SIDE) < corners + sides)
    return np.asarray(rows[:, :, np.newaxis] & columns[:, np.newaxis, :])


def _with_gap(ink: Ink, rng: np.random.Generator, strength: Augmentation) -> Ink:
    return np.where(_rectangle(rng, len(ink), 3), np.float32(0), ink)


def _with_speck(ink: Ink, rng: np.random.Generator, strength: Augmentation) -> Ink:
    return np.where(_rectangle(rng, len(ink), 2), _uniform(rng, 0.3, 1, len(ink)), ink)


def _noisy(ink: Ink, rng: np.random.Generator, strength: Augmentation) -> Ink:
    noise = rng.standard_normal(ink.shape, dtype=np.float32)
    return ink + _uniform(rng, 0, strength.grain, len(ink)) * noise


def _cosine_transform() -> NDArray[np.float64]:
    """Return the orthonormal discrete cosine transform (DCT-II) of every 8 values, (32, 32)."""
    order, place = np.arange(8)[:, np.newaxis], np.arange(8)
    block = np.cos((2 * place + 1) * order * np.pi / 16) / 2
    block[0] /= np.sqrt(2)
    return np.asarray(np.kron(np.eye(4), block), dtype=np.float64)


_REPEATED = np.eye(SIDE)[np.minimum(np.arange(32), SIDE - 1)]  # 28 pixels to 32 by their last one
_DCT = (_cosine_transform() @ _REPEATED).astype(np.float32)  # (32, 28)
_INVERSE_DCT = np.ascontiguousarray(_cosine_transform().T[:SIDE], dtype=np.float32)  # (28, 32)
_STEPS = np.tile(LUMINANCE, (4, 4)) / np.float32(255)


def _compressed(ink: Ink, rng: np.random.Generator, strength: Augmentation) -> Ink:
    """Return what a baseline JPEG leaves: its cosine coefficients are rounded to coarse steps."""
    steps = _STEPS * _uniform(rng, 1, strength.coarseness, len(ink))
    coefficients = np.rint(_DCT @ ink @ _DCT.T / steps) * steps
    return np.asarray(_INVERSE_DCT @ coefficients @ _INVERSE_DCT.T)
