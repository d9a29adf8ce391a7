import numpy as np
import pytest

from model.nn.fast import conv_pool
from model.nn.layers import Conv2D, Dense, MaxPool2D
from model.nn.network import Network

RNG = np.random.default_rng(11)


def one_after_the_other(layers, x, dy):
    """What the plain layers give: y, dx and the gradient of the weights."""
    convolution, pool = layers
    between, of_convolution = convolution.forward(x)
    y, of_pool = pool.forward(between)
    dbetween, _ = pool.backward(dy, of_pool)
    dx, grads = convolution.backward(dbetween, of_convolution)
    return y, dx, grads["weights"]


def in_steps(values):
    """Rounded to 1/256: sums of nine products are exact then, in whatever order BLAS adds up.

    So windows that are alike give equal outputs with every kernel of OpenBLAS. Haswell's adds up in
    another order here than there, and a tie would be one only sometimes.
    """
    return np.round(values * 256) / 256


def pictures(kind, count, dtype):
    x = in_steps(RNG.uniform(-0.5, 0.5, (count, 28, 24, 1))).astype(dtype)
    if kind == "with paper":  # where all windows are alike, and every one is the largest
        x[:, 6:20] = -0.5
        x[:, :, 3:9] = 0.5
    return x


@pytest.mark.parametrize("count", [1, 5, 16])  # the last fills whole vectors
@pytest.mark.parametrize("kind", ["noise", "with paper"])
@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-12), (np.float32, 1e-5)])
def test_together_they_give_what_they_give_one_after_the_other(kind, count, dtype, tolerance):
    layers = [Conv2D(8, bias=False), MaxPool2D()]
    network = Network(layers, RNG, input_shape=(28, 24, 1), dtype=dtype)
    network.vector[...] = in_steps(network.vector)
    x = pictures(kind, count, dtype)
    dy = RNG.standard_normal((count, 13, 11, 8)).astype(dtype)
    expected = one_after_the_other(layers, x, dy)
    y, caches = network.forward(x)
    assert isinstance(caches[0], conv_pool.Cache)
    dx, grads = network.backward(dy, caches, input_gradient=True)
    for actual, wanted in zip((y, dx, grads[0]["weights"]), expected, strict=True):
        assert actual.dtype == dtype
        assert actual.shape == wanted.shape
        assert np.abs(actual - wanted).max() < tolerance * np.abs(wanted).max()
    assert grads[1] == {}
    without, again = network.backward(dy, caches)
    assert without is None
    np.testing.assert_array_equal(again[0]["weights"], grads[0]["weights"])


@pytest.mark.parametrize("count", [5, 16])
def test_a_dense_layer_takes_it_as_it_lies(count):
    layers = [Conv2D(8, bias=False), MaxPool2D(), Dense(10)]
    network = Network(layers, RNG, input_shape=(28, 24, 1), dtype=np.float64)
    x = pictures("noise", count, np.float64)
    dlogits = RNG.standard_normal((count, 10))
    logits, caches = network.forward(x)
    _, grads = network.backward(dlogits, caches)
    pooled, of_dense = layers[1].predict(layers[0].predict(x)), layers[2]
    expected, cache = of_dense.forward(pooled)
    dpooled, wanted = of_dense.backward(dlogits, cache)
    assert not caches[2].flags.c_contiguous  # else it was copied after all
    assert of_dense.backward(dlogits, caches[2], input_gradient=False)[0] is None
    np.testing.assert_allclose(logits, expected, rtol=1e-12)
    for name in ("weights", "bias"):
        np.testing.assert_allclose(grads[2][name], wanted[name], rtol=1e-12, atol=1e-12)
    _, _, of_filters = one_after_the_other(layers[:2], x, dpooled)
    np.testing.assert_allclose(grads[0]["weights"], of_filters, rtol=1e-10)


@pytest.mark.parametrize(
    "layers",
    [
        [Conv2D(8), MaxPool2D()],  # a bias
        [Conv2D(6, bias=False), MaxPool2D()],
        [Conv2D(8, kernel=5, bias=False), MaxPool2D()],
        [Conv2D(8, padding=1, bias=False), MaxPool2D()],
        [Conv2D(8, bias=False), MaxPool2D(3)],
        [Conv2D(8, bias=False), Conv2D(8, bias=False)],
        [MaxPool2D(), Conv2D(8, bias=False)],
        [Conv2D(8, bias=False), MaxPool2D(), Conv2D(8)],
        [Dense(10)],
    ],
)
def test_other_beginnings_go_layer_by_layer(layers):
    assert conv_pool.fits([Conv2D(8, bias=False), MaxPool2D()], (28, 28, 1))
    assert not conv_pool.fits(layers, (28, 28, 1))
    assert not conv_pool.fits([Conv2D(8, bias=False), MaxPool2D()], (28, 27, 1))
    assert not conv_pool.fits([Conv2D(8, bias=False), MaxPool2D()], (28, 28, 3))
