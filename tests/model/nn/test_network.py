import numpy as np
import pytest
from gradients import check_gradient

from model.nn.base import Layer
from model.nn.fast.predictor import Predictor
from model.nn.layers import BatchNorm, Conv2D, Dense, MaxPool2D, ReLU
from model.nn.network import Network, count_numbers
from model.recognizer import DIGITS
from model.training.recipes import RECIPES, default_layers


def small_layers():
    """Every kind of layer, and batch normalisation behind a convolution, a pool and a dense."""
    return [
        Conv2D(4, kernel_size=5, stride=2, padding=2, bias=False),
        BatchNorm(group=4),
        ReLU(),
        Conv2D(6, padding=1),
        MaxPool2D(),
        BatchNorm(group=4),
        ReLU(),
        Dense(7),
        BatchNorm(group=4),
        Dense(5),
    ]


@pytest.fixture
def rng():
    return np.random.default_rng(3)


@pytest.fixture
def network(rng):
    network = Network(small_layers(), dtype=np.float64)
    network.initialise(rng)
    network.vector += rng.uniform(-0.2, 0.2, network.vector.shape)  # no scale of 1, no bias of 0
    return network


@pytest.fixture
def frames(rng):
    return rng.uniform(-0.5, 0.5, (8, 28, 28, 1))


def test_gradients_of_the_whole(network, frames, rng):
    logits, caches = network.forward(frames)
    dlogits = rng.standard_normal(logits.shape)
    dx, grads = network.backward(dlogits, caches, input_gradient=True)
    start = network.vector.copy()

    def loss(vector):
        network.vector[...] = vector
        return (network.forward(frames)[0] * dlogits).sum()

    check_gradient(loss, start, network.gradient_vector(grads), rng, tolerance=1e-5)
    network.vector[...] = start
    check_gradient(lambda x: (network.forward(x)[0] * dlogits).sum(), frames, dx, rng)


def test_parameters_are_views_of_one_vector(network):
    network.vector[...] = np.arange(network.vector.size)
    flat = [array.ravel() for layer in network.layers for array in layer.parameters.values()]
    np.testing.assert_array_equal(np.concatenate(flat), network.vector)


def test_shapes_need_no_numbers_drawn():
    network = Network(default_layers())
    assert network.shapes == RECIPES["default"].network(1).shapes
    assert not any(array.any() for array in network.arrays().values())


def test_a_network_like_another_has_its_layers_and_none_of_its_numbers():
    network = RECIPES["default"].network(1)
    like = network.like()
    assert like.shapes == network.shapes
    assert [layer.options() for layer in like.layers] == [
        layer.options() for layer in network.layers
    ]
    assert not any(array.any() for array in like.arrays().values())
    assert not np.shares_memory(like.vector, network.vector)
    assert Network([Conv2D(2)]).like((30, 40, 1)).shapes == [(28, 38, 2)]


def test_a_copy_has_the_same_numbers_in_memory_of_its_own():
    network = RECIPES["default"].network(1)
    copy = network.copy()
    for name, array in network.arrays().items():
        np.testing.assert_array_equal(copy.arrays()[name], array)
    assert not np.shares_memory(copy.vector, network.vector)
    small = Network([Conv2D(2)])
    small.initialise(np.random.default_rng(0))
    wider = small.copy((30, 40, 1))
    assert wider.shapes == [(28, 38, 2)]
    np.testing.assert_array_equal(wider.vector, small.vector)


def test_numbers_are_counted_before_there_is_memory_for_them():
    arrays = Network(default_layers()).arrays().values()
    assert count_numbers(default_layers()) == sum(array.size for array in arrays)
    assert count_numbers([Conv2D(10**12), Dense(10)]) == 10 * 10**12 + 26 * 26 * 10**13 + 10


def test_a_generator_draws_the_same_network_again():
    networks = [Network(default_layers()) for _ in range(3)]
    for network, seed in zip(networks, (1, 1, 2), strict=True):
        network.initialise(np.random.default_rng(seed))
    one, again, other = (network.vector for network in networks)
    np.testing.assert_array_equal(one, again)
    assert not np.array_equal(one, other)


class Doubling(Layer):
    """A kind of layer for which nothing faster is known."""

    def forward(self, x):
        return 2 * x, x.shape

    def backward(self, dy, cache, *, input_gradient=True):
        return (2 * dy if input_gradient else None), {}


def test_a_new_kind_of_layer_needs_no_more_than_its_definition(frames, rng):
    network = Network([Doubling(), Dense(3), Doubling()], dtype=np.float64)
    network.initialise(rng)
    dense = network.layers[1]
    logits, caches = network.forward(frames)
    np.testing.assert_allclose(logits, 2 * dense.predict(2 * frames))
    dx, grads = network.backward(logits, caches, input_gradient=True)
    assert dx.shape == frames.shape
    assert [set(names) for names in grads] == [set(), {"weights", "bias"}, set()]
    np.testing.assert_allclose(network.predict(frames), logits)
    one = Predictor(network)(frames[:1])  # as planned for a single frame
    np.testing.assert_allclose(one, logits[:1], rtol=1e-12)


def test_the_shipped_architecture_has_the_shapes_that_its_comments_say():
    shapes = RECIPES["default"].network(0).shapes
    layers = default_layers()
    convolutions = [s for s, x in zip(shapes, layers, strict=True) if isinstance(x, Conv2D)]
    pools = [s for s, x in zip(shapes, layers, strict=True) if isinstance(x, MaxPool2D)]
    assert convolutions == [(14, 14, 32), (12, 12, 64), (6, 6, 128), (6, 6, 128)]
    assert pools == [(6, 6, 64), (3, 3, 128)]
    assert shapes[-1] == (DIGITS + 1,)


def test_the_shipped_network_keeps_within_its_bounds():
    network = RECIPES["default"].network(0)
    assert network.multiply_adds() <= 12_000_000
    assert sum(array.nbytes for array in network.arrays().values()) <= 2_000_000


def test_multiply_adds_by_hand():
    # 26 * 26 positions of 3 * 3 * 8 multiplications, then 1352 * 10.
    network = Network([Conv2D(8), MaxPool2D(), Dense(10)])
    assert network.multiply_adds() == 26 * 26 * 72 + 13_520


def test_predictions_do_not_depend_on_the_batch(network, frames):
    network.measure_statistics(frames)
    many = np.concatenate([frames] * 20)  # more than predict takes at a time
    one_by_one = np.concatenate([network.predict(frame[np.newaxis]) for frame in many])
    np.testing.assert_allclose(network.predict(many), one_by_one, rtol=1e-12)
    assert network.predict(frames[:0]).shape == (0, 5)


def test_measured_statistics_are_those_of_the_frames(network, frames):
    network.measure_statistics(frames[:4])
    # On the very images of one group, prediction and the training's forward pass agree.
    np.testing.assert_allclose(
        network.predict(frames[:4]), network.forward(frames[:4])[0], rtol=1e-9, atol=1e-9
    )


def test_a_folded_network_predicts_the_same(network, frames):
    network.measure_statistics(frames)
    folded = network.folded()
    kept = [layer for layer in folded.layers if isinstance(layer, BatchNorm)]
    assert kept == []
    np.testing.assert_allclose(folded.predict(frames), network.predict(frames), rtol=1e-9)
    np.testing.assert_allclose(folded.forward(frames)[0], network.predict(frames), rtol=1e-9)


def test_batch_normalisation_at_the_very_beginning_stays(frames):
    network = Network([BatchNorm(4), Dense(3)], dtype=np.float64)
    network.initialise(np.random.default_rng(1))
    network.measure_statistics(frames)
    folded = network.folded()
    assert [type(layer) for layer in folded.layers] == [BatchNorm, Dense]
    np.testing.assert_allclose(folded.predict(frames), network.predict(frames), rtol=1e-9)


def test_a_negative_scale_is_not_folded_across_a_pool(network, frames):
    network.measure_statistics(frames)
    for layer in network.layers:
        if isinstance(layer, BatchNorm):
            layer.parameters["scale"][0] = -0.5
    folded = network.folded()
    kept = [layer for layer in folded.layers if isinstance(layer, BatchNorm)]
    assert [layer.frozen for layer in kept] == [True]  # the one behind the pool
    np.testing.assert_allclose(folded.predict(frames), network.predict(frames), rtol=1e-9)


def test_frames_of_another_shape_are_refused(network):
    with pytest.raises(ValueError, match=r"\(3, 28, 28\), expected \(N, \*\(28, 28, 1\)\)"):
        network.predict(np.zeros((3, 28, 28)))


def test_gradients_of_another_shape_are_refused(network, frames):
    logits, caches = network.forward(frames)
    _, grads = network.backward(logits, caches)
    grads[-1]["bias"] = np.zeros(6)
    with pytest.raises(ValueError, match=r"bias of Dense\(units=5\) has shape \(6,\)"):
        network.gradient_vector(grads)
