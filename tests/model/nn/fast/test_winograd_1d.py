import numpy as np
import pytest

from model.nn.fast import winograd_1d
from model.nn.fast.workspace import Workspace
from model.nn.layers import Conv2D
from model.nn.network import Network

SHAPES = {
    # x (H, W, C), filters, padding
    "14x14x32": ((14, 14, 32), 64, 0),
    "6x6x128": ((6, 6, 128), 128, 1),
    "18x60x24": ((18, 60, 24), 48, 1),
    "6x25x96": ((6, 25, 96), 128, 1),  # no whole tiles of `winograd` in its columns
    "4x9x8": ((4, 9, 8), 8, (2, 0)),
    "6x9x8": ((6, 9, 8), 8, (1, 2)),
}


@pytest.mark.parametrize(("shape", "filters", "padding"), SHAPES.values(), ids=SHAPES)
def test_a_frame_gives_what_the_plain_layer_gives_whatever_was_in_memory(shape, filters, padding):
    rng = np.random.default_rng(4)
    layer = Conv2D(filters, padding=padding, bias=False)
    Network([layer], input_shape=shape).initialise(rng)
    x = rng.standard_normal((1, *shape), np.float32)
    factors = winograd_1d.transformed(layer.parameters["weights"])
    plain = layer.predict(x)
    whole = Workspace(2**22)
    with whole.reused():
        y, steps = winograd_1d.plan(x, factors, (1, *layer.output_shape(shape)), padding)
    for _ in range(2):
        with whole.reused():  # others compute in the same memory
            others = whole.empty((2**20 - 16,), np.float32)  # all of it, where a cache line begins
            assert np.shares_memory(others, y)
            others[...] = np.nan
        for step in steps:
            step()
        assert np.abs(y - plain).max() < 1e-5 * np.abs(plain).max()


@pytest.mark.parametrize(
    ("kernel_size", "stride", "shape", "channels"),
    [
        (5, 1, (1, 6, 12, 16), 16),  # not a kernel of 3 x 3
        (3, 2, (1, 6, 12, 16), 16),  # in strides
        (3, 1, (1, 9, 12, 16), 16),  # a row of half tiles
        (3, 1, (1, 6, 6, 16), 16),  # products of six positions
        (3, 1, (1, 6, 12, 16), 1),  # a single channel: no product of matrices
    ],
)
def test_what_does_not_suit_it_goes_by_windows(kernel_size, stride, shape, channels):
    assert winograd_1d.pays(3, 1, (1, 6, 13, 16), 16)
    assert not winograd_1d.pays(kernel_size, stride, shape, channels)
