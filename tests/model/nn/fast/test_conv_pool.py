import numpy as np
import pytest

from model.nn.fast.conv_pool import ConvPoolDense

RNG = np.random.default_rng(11)


def one_after_the_other(layers, x, dlogits):
    """What the plain layers give: logits, dx, and the gradients of each layer's parameters."""
    caches, grads = [], []
    for layer in layers:
        x, cache = layer.forward(x)
        caches.append(cache)
    dy = dlogits
    for layer, cache in zip(layers[::-1], caches[::-1], strict=True):
        dy, layer_grads = layer.backward(dy, cache)
        grads.insert(0, layer_grads)
    return x, dy, grads


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


@pytest.mark.parametrize("count", [1, 5, 16])  # with 16 the dense layer takes them as they lie
@pytest.mark.parametrize("kind", ["noise", "with paper"])
@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-12), (np.float32, 1e-5)])
def test_together_they_give_what_they_give_one_after_the_other(kind, count, dtype, tolerance):
    network = ConvPoolDense(8, 10, input_shape=(28, 24, 1), dtype=dtype)
    network.initialise(RNG)
    network.layers[0].parameters["weights"][...] = in_steps(network.layers[0].parameters["weights"])
    network.layers[2].parameters["bias"][...] = RNG.standard_normal(10)
    x = pictures(kind, count, dtype)
    dlogits = RNG.standard_normal((count, 10)).astype(dtype)
    expected = one_after_the_other(network.layers, x, dlogits)
    logits, caches = network.forward(x)
    dx, grads = network.backward(dlogits, caches, input_gradient=True)
    assert [set(names) for names in grads] == [{"weights"}, set(), {"weights", "bias"}]
    for actual, wanted in (
        (logits, expected[0]),
        (dx, expected[1]),
        *((grads[i][name], expected[2][i][name]) for i in (0, 2) for name in grads[i]),
    ):
        assert actual.dtype == dtype
        assert actual.shape == wanted.shape
        assert np.abs(actual - wanted).max() < tolerance * np.abs(wanted).max()
    np.testing.assert_allclose(network.predict(x), logits, rtol=0, atol=20 * tolerance)
    without, again = network.backward(dlogits, caches)
    assert without is None
    np.testing.assert_array_equal(network.gradient_vector(again), network.gradient_vector(grads))


@pytest.mark.parametrize(
    ("filters", "input_shape"), [(6, (28, 28, 1)), (8, (28, 27, 1)), (8, (28, 28, 3))]
)
def test_what_cannot_go_together_is_refused(filters, input_shape):
    with pytest.raises(ValueError, match=rf"not {filters} filters on \({input_shape[0]}, "):
        ConvPoolDense(filters, 10, input_shape=input_shape)


@pytest.mark.parametrize("count", [5, 16])
def test_other_shapes_are_refused(count):
    network = ConvPoolDense(8, 10)
    with pytest.raises(ValueError, match=r"expected \(5, 28, 28, 1\)"):
        network.forward(np.zeros((5, 28, 24, 1), np.float32))
    _, caches = network.forward(np.zeros((count, 28, 28, 1), np.float32))
    with pytest.raises(ValueError, match=rf"shape \({count}, 9\), expected \({count}, 10\)"):
        network.backward(np.zeros((count, 9), np.float32), caches)
