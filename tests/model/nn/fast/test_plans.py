"""Each layer's plan for a single frame gives what the plain layer predicts."""

import numpy as np
import pytest

from model.nn.fast import implementation
from model.nn.layers import BatchNorm, Conv2D, Dense, MaxPool2D, ReLU
from model.nn.network import Network

LAYERS = {
    "tiles": (lambda: Conv2D(9), (14, 14, 8)),
    "padded tiles": (lambda: Conv2D(8, padding=1, bias=False), (12, 15, 9)),
    "windows": (lambda: Conv2D(4, padding=1), (7, 6, 3)),
    "windows without padding": (lambda: Conv2D(4, bias=False), (7, 6, 3)),
    "windows of one channel": (lambda: Conv2D(8, kernel_size=5, stride=2, padding=2), (28, 28, 1)),
    "windows along rows": (lambda: Conv2D(4, kernel_size=(1, 5), padding=(0, 2)), (2, 9, 3)),
    "tiles padded across only": (lambda: Conv2D(8, padding=(0, 1)), (14, 12, 9)),
    "pool": (lambda: MaxPool2D(), (7, 8, 3)),
    "pool of 3 x 2": (lambda: MaxPool2D((3, 2)), (10, 8, 2)),
    "pool of 3": (lambda: MaxPool2D(3), (9, 7, 2)),
    "pool of 1": (lambda: MaxPool2D(1), (4, 3, 2)),
    "relu": (lambda: ReLU(), (5, 4, 3)),
    "dense": (lambda: Dense(6), (3, 2, 4)),
    "batch normalisation": (lambda: BatchNorm(), (3, 4, 5)),
}


@pytest.mark.parametrize(("make", "input_shape"), LAYERS.values(), ids=LAYERS)
def test_a_plan_can_be_run_again_and_again(make, input_shape):
    rng = np.random.default_rng(12)
    layer = make()
    Network([layer], input_shape=input_shape, dtype=np.float64).initialise(rng)
    for array in (*layer.parameters.values(), *layer.statistics.values()):
        array += rng.uniform(0.1, 0.9, array.shape)
    fast = implementation(layer)
    fast.fix()
    x = np.empty((1, *input_shape))
    y, steps = fast.plan(x)
    assert y.flags.c_contiguous
    for _ in range(2):
        frame = rng.standard_normal(x.shape)
        x[...] = frame
        for step in steps:
            step()
        np.testing.assert_allclose(y, layer.predict(frame), rtol=1e-11, atol=1e-11)
