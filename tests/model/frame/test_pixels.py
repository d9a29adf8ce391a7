import numpy as np
import pytest

from model.frame.pixels import to_frames, to_ink, to_pixels

EVERY = np.arange(256, dtype=np.uint8).reshape(1, 16, 16)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_frames_are_pixels_over_255_less_one_half(dtype):
    frames = to_frames(EVERY, dtype)
    assert frames.dtype == dtype
    assert frames.shape == (1, 16, 16, 1)
    assert (frames.min(), frames.max()) == (-0.5, 0.5)
    np.testing.assert_allclose(frames[..., 0], EVERY / 255 - 0.5, atol=1e-7)
    np.testing.assert_array_equal(EVERY, np.arange(256).reshape(1, 16, 16))


@pytest.mark.parametrize("pixels", [EVERY.astype(np.float32), EVERY[0], EVERY[..., np.newaxis]])
def test_other_arrays_are_refused(pixels):
    with pytest.raises(ValueError, match=r"pixels are uint8 \(N, H, W\), not "):
        to_frames(pixels)


def test_pixels_come_back_from_frames():
    pixels = to_pixels(to_frames(EVERY))
    assert pixels.dtype == np.uint8
    np.testing.assert_array_equal(pixels, EVERY)


def test_levels_of_ink_are_pixels_over_255():
    ink = to_ink(EVERY)
    assert ink.dtype == np.float32
    np.testing.assert_allclose(ink, EVERY / 255, atol=1e-7)
