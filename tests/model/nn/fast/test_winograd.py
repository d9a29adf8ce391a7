import numpy as np
import pytest

from model.nn.fast import implementation, winograd
from model.nn.layers import Conv2D
from model.nn.network import Network

SHAPES = {
    # x (N, H, W, C), filters, padding: the three convolutions of the network that is served
    "14x14x32": ((32, 14, 14, 32), 64, 0),
    "6x6x64": ((32, 6, 6, 64), 128, 1),
    "6x6x128": ((32, 6, 6, 128), 128, 1),
}


def relative_error(actual, expected):
    return np.abs(actual - expected).max() / np.abs(expected).max()


@pytest.mark.parametrize(("shape", "filters", "padding"), SHAPES.values(), ids=SHAPES)
def test_tiles_give_what_the_plain_layer_gives(shape, filters, padding):
    rng = np.random.default_rng(4)
    layer = Conv2D(filters, padding=padding, bias=False)
    Network([layer], input_shape=shape[1:]).initialise(rng)
    x = rng.standard_normal(shape, np.float32)
    y, cache = implementation(layer).forward(x)
    assert isinstance(cache, winograd.Cache)
    dy = rng.standard_normal(y.shape, np.float32)
    dx, grads = implementation(layer).backward(dy, cache)
    plain_y, plain_cache = layer.forward(x)
    plain_dx, plain_grads = layer.backward(dy, plain_cache)
    assert relative_error(y, plain_y) < 1e-5
    assert relative_error(dx, plain_dx) < 1e-5
    assert relative_error(grads["weights"], plain_grads["weights"]) < 1e-5


@pytest.mark.parametrize(
    ("kernel_size", "stride", "shape", "channels"),
    [
        (5, 1, (64, 6, 6, 16), 16),  # not a kernel of 3 x 3
        (3, 2, (64, 6, 6, 16), 16),  # in strides
        (3, 1, (64, 9, 6, 16), 16),  # a row of half tiles
        (3, 1, (64, 6, 7, 16), 16),  # a column of thirds
        (3, 1, (7, 6, 6, 16), 16),  # too few images
        (3, 1, (64, 6, 6, 16), 1),  # a single channel: no product of matrices
    ],
)
def test_what_does_not_suit_tiles_goes_by_windows(kernel_size, stride, shape, channels):
    assert winograd.pays(3, 1, (8, 6, 6, 16), 16)
    assert not winograd.pays(kernel_size, stride, shape, channels)


def test_fixed_weights_make_tiles_pay_for_a_single_image():
    layer = Conv2D(16, padding=1)
    Network([layer], input_shape=(6, 6, 16))
    fast = implementation(layer)
    x = np.zeros((1, 6, 6, 16), np.float32)
    assert not isinstance(fast.forward(x)[1], winograd.Cache)
    fast.fix()
    assert isinstance(fast.forward(x)[1], winograd.Cache)
