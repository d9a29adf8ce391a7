import numpy as np
import pytest

from model.nn.fast import winograd
from model.nn.layers import Conv2D

SHAPES = {
    # x (N, H, W, C), filters, padding: the three convolutions of the network that is served
    "14x14x32": ((32, 14, 14, 32), 64, 0),
    "6x6x64": ((32, 6, 6, 64), 128, 1),
    "6x6x128": ((32, 6, 6, 128), 128, 1),
}


def relative_error(actual, expected):
    return np.abs(actual - expected).max() / np.abs(expected).max()


@pytest.mark.parametrize(("shape", "filters", "padding"), SHAPES.values(), ids=SHAPES)
def test_tiles_give_what_plain_windows_give(shape, filters, padding, monkeypatch):
    rng = np.random.default_rng(4)
    layer = Conv2D(filters, padding=padding, bias=False)
    layer.build(shape[1:], rng, np.float32)
    x = rng.standard_normal(shape, np.float32)
    y, cache = layer.forward(x)
    assert isinstance(cache, winograd.Cache)
    dy = rng.standard_normal(y.shape, np.float32)
    dx, grads = layer.backward(dy, cache)

    monkeypatch.setattr(winograd, "pays", lambda *_: False)
    plain_y, plain_cache = layer.forward(x)
    assert not isinstance(plain_cache, winograd.Cache)
    plain_dx, plain_grads = layer.backward(dy, plain_cache)
    assert relative_error(y, plain_y) < 1e-5
    assert relative_error(dx, plain_dx) < 1e-5
    assert relative_error(grads["weights"], plain_grads["weights"]) < 1e-5


@pytest.mark.parametrize(
    ("kernel", "stride", "y_shape", "channels"),
    [
        (5, 1, (64, 6, 6, 16), 16),  # not a kernel of 3 x 3
        (3, 2, (64, 6, 6, 16), 16),  # in strides
        (3, 1, (64, 9, 6, 16), 16),  # a row of half tiles
        (3, 1, (64, 6, 7, 16), 16),  # a column of thirds
        (3, 1, (7, 6, 6, 16), 16),  # too few images
        (3, 1, (64, 6, 6, 16), 1),  # a single channel: no product of matrices
    ],
)
def test_what_does_not_suit_tiles_goes_the_plain_way(kernel, stride, y_shape, channels):
    assert winograd.pays(3, 1, (8, 6, 6, 16), 16)
    assert not winograd.pays(kernel, stride, y_shape, channels)
