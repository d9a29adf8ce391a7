"""Each layer by its plain definition, and by what stands in for it when a network computes."""

import inspect
import math
import re

import numpy as np
import pytest
from gradients import check_gradient
from oracles import (
    batch_norm,
    convolution,
    convolution_gradients,
    dense,
    max_pool,
    max_pool_gradient,
    relu,
    relu_gradient,
)

from model.nn import base, layers, losses, normalization, optimizers
from model.nn.fast import implementation
from model.nn.fast.workspace import Workspace
from model.nn.layers import BatchNorm, Conv2D, Dense, MaxPool2D, ReLU
from model.nn.network import Network

LAYERS = {
    "convolution": (lambda: Conv2D(4), (7, 6, 3)),
    "convolution without bias": (lambda: Conv2D(4, bias=False), (7, 6, 3)),
    "padded convolution": (lambda: Conv2D(4, padding=1), (7, 6, 3)),
    "convolution of one channel": (lambda: Conv2D(4, padding=1), (7, 6, 1)),
    "5x5 convolution": (lambda: Conv2D(3, kernel_size=5, padding=2), (7, 8, 2)),
    "1x1 convolution": (lambda: Conv2D(3, kernel_size=1), (4, 5, 2)),
    "convolution in strides": (lambda: Conv2D(3, kernel_size=5, stride=2, padding=2), (8, 9, 2)),
    "convolution in strides of 3": (lambda: Conv2D(3, stride=3, padding=1), (8, 9, 2)),
    "convolution along rows": (lambda: Conv2D(4, kernel_size=(1, 5), padding=(0, 2)), (2, 9, 3)),
    "convolution of other sides down than across": (
        lambda: Conv2D(3, kernel_size=(5, 3), stride=(2, 1), padding=(1, 2)),
        (9, 6, 2),
    ),
    "convolution padded across only, by tiles": (
        lambda: Conv2D(8, padding=(0, 1)),
        (14, 12, 9),
    ),
    "convolution by tiles": (lambda: Conv2D(9), (14, 14, 8)),
    "padded convolution by tiles": (lambda: Conv2D(8, padding=1), (12, 15, 9)),
    "pool": (lambda: MaxPool2D(), (6, 8, 3)),
    "pool that leaves a row out": (lambda: MaxPool2D(), (7, 5, 3)),
    "pool of 3": (lambda: MaxPool2D(3), (9, 7, 2)),
    "pool of 3 x 2": (lambda: MaxPool2D((3, 2)), (10, 8, 2)),
    "pool of rows": (lambda: MaxPool2D((2, 1)), (5, 4, 3)),
    "pool of 1": (lambda: MaxPool2D(1), (4, 3, 2)),
    "relu": (lambda: ReLU(), (5, 4, 3)),
    "dense": (lambda: Dense(6), (3, 2, 4)),
    "dense of many units": (lambda: Dense(20), (30,)),
    "batch normalisation": (lambda: BatchNorm(group=2), (3, 4, 5)),
    "batch normalisation of vectors": (lambda: BatchNorm(group=4), (5,)),
    "frozen batch normalisation": (lambda: BatchNorm(frozen=True), (3, 4, 5)),
}
WAYS = {"plain": lambda layer: layer, "fast": implementation}

every_layer = pytest.mark.parametrize(("make", "input_shape"), LAYERS.values(), ids=LAYERS)
every_way = pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)


@pytest.fixture
def rng():
    return np.random.default_rng(20)


def built(make, input_shape, rng, dtype=np.float64):
    """Return the layer with random numbers in every parameter and statistic."""
    layer = make()
    Network([layer], input_shape=input_shape, dtype=dtype).initialise(rng)
    for array in (*layer.parameters.values(), *layer.statistics.values()):
        array += rng.uniform(0.1, 0.9, array.shape)
    return layer


@every_way
@every_layer
def test_gradients_equal_central_differences(make, input_shape, way, rng):
    layer = built(make, input_shape, rng)
    computing = way(layer)
    x = rng.standard_normal((4, *input_shape))
    y, cache = computing.forward(x)
    dy = rng.standard_normal(y.shape)
    dx, grads = computing.backward(dy, cache)

    check_gradient(lambda x: (computing.forward(x)[0] * dy).sum(), x, dx, rng)
    assert set(grads) == set(layer.parameters)
    for name, gradient in grads.items():
        parameter = layer.parameters[name]

        def loss(value, name=name):
            layer.parameters[name] = value
            return (computing.forward(x)[0] * dy).sum()

        check_gradient(loss, parameter, gradient, rng)
        layer.parameters[name] = parameter


def test_the_checker_catches_a_gradient_that_is_off_by_a_thousandth(rng):
    x = rng.standard_normal((3, 4))
    check_gradient(lambda x: (x**2).sum(), x, 2 * x, rng)
    with pytest.raises(AssertionError, match="they differ by"):
        check_gradient(lambda x: (x**2).sum(), x, 2.002 * x, rng)


@every_way
@every_layer
def test_without_the_input_gradient_the_others_are_the_same(make, input_shape, way, rng):
    computing = way(built(make, input_shape, rng))
    y, cache = computing.forward(rng.standard_normal((4, *input_shape)))
    dy = rng.standard_normal(y.shape)
    _, grads = computing.backward(dy, cache)
    dx, same = computing.backward(dy, cache, input_gradient=False)
    assert dx is None
    assert same.keys() == grads.keys()
    for name, gradient in grads.items():
        np.testing.assert_array_equal(same[name], gradient)


@pytest.mark.parametrize("module", [base, layers, normalization, losses, optimizers])
def test_the_plain_definitions_know_nothing_of_faster_ways(module):
    imports = re.findall(r"^(?:from|import) .*", inspect.getsource(module), re.MULTILINE)
    assert imports
    assert not [line for line in imports if "fast" in line]


class Counting(np.ndarray):
    """Counts the numbers that are computed from it, and from what is computed from it."""

    numbers = 0

    def __array_ufunc__(self, ufunc, method, *inputs, out=(), **options):
        if out:
            options["out"] = tuple(np.asarray(array) for array in out)
        result = getattr(ufunc, method)(*(np.asarray(array) for array in inputs), **options)
        Counting.numbers += np.size(result)
        return out[0] if out else result.view(Counting)


class CountingWorkspace(Workspace):
    """Counts the numbers that memory is asked for, which the faster ways compute into."""

    numbers = 0

    def empty(self, shape, dtype):
        self.numbers += math.prod(shape)
        return super().empty(shape, dtype)


@every_way
@every_layer
def test_without_the_input_gradient_its_work_is_saved(make, input_shape, way, rng):
    layer = built(make, input_shape, rng)
    y, cache = way(layer).forward(rng.standard_normal((4, *input_shape)))
    dy = rng.standard_normal(y.shape).view(Counting)
    work = {}
    for asked in (True, False):
        Counting.numbers, workspace = 0, CountingWorkspace()
        with workspace.reused():
            way(layer).backward(dy, cache, input_gradient=asked)
        work[asked] = Counting.numbers + workspace.numbers
    assert work[False] < work[True]
    if not layer.parameters:
        assert work[False] == 0


@every_way
@every_layer
def test_forward_and_backward_change_nothing_they_were_given(make, input_shape, way, rng):
    layer = built(make, input_shape, rng, np.float32)
    computing = way(layer)
    x = rng.standard_normal((4, *input_shape), np.float32)
    given = [x, *layer.parameters.values(), *layer.statistics.values()]
    before = [array.copy() for array in given]
    y, cache = computing.forward(x)
    dy = rng.standard_normal(y.shape, np.float32)
    dy_before = dy.copy()
    dx, grads = computing.backward(dy, cache)
    for array, copy in zip(given, before, strict=True):
        np.testing.assert_array_equal(array, copy)
    np.testing.assert_array_equal(dy, dy_before)
    assert y.dtype == dx.dtype == np.float32
    assert all(gradient.dtype == np.float32 for gradient in grads.values())


@every_way
@every_layer
def test_a_batch_gives_what_its_images_give_one_by_one(make, input_shape, way, rng):
    computing = way(built(make, input_shape, rng))
    x = rng.standard_normal((4, *input_shape))
    one_by_one = np.concatenate([computing.predict(x[i : i + 1]) for i in range(4)])
    np.testing.assert_allclose(computing.predict(x), one_by_one, rtol=1e-12, atol=1e-12)


@every_layer
def test_reused_memory_changes_no_result(make, input_shape, rng):
    computing = implementation(built(make, input_shape, rng))
    workspace = Workspace()
    for _ in range(3):
        x = rng.standard_normal((4, *input_shape))
        y, cache = computing.forward(x)
        dy = rng.standard_normal(y.shape)
        dx, grads = computing.backward(dy, cache)
        with workspace.reused():
            y_reused, cache = computing.forward(x)
            dx_reused, grads_reused = computing.backward(dy, cache)
            np.testing.assert_array_equal(y_reused, y)
            np.testing.assert_array_equal(dx_reused, dx)
            for name, gradient in grads.items():
                np.testing.assert_array_equal(grads_reused[name], gradient)


@every_way
@pytest.mark.parametrize(
    ("kernel_size", "stride", "padding", "input_shape", "filters"),
    [
        (1, 1, 0, (6, 7, 2), 3),
        (3, 1, 0, (6, 7, 2), 3),
        (3, 1, 1, (6, 7, 2), 3),
        (3, 1, 1, (6, 7, 1), 3),  # one channel
        (5, 1, 2, (6, 7, 2), 3),
        (5, 2, 2, (6, 7, 2), 3),
        (3, 2, 0, (6, 7, 2), 3),
        (5, 1, 4, (6, 7, 2), 3),
        (3, 3, 1, (6, 7, 2), 3),
        (3, 1, 1, (12, 12, 8), 8),  # tiles
    ],
)
@pytest.mark.parametrize("bias", [True, False])
def test_convolution_equals_its_definition(
    kernel_size, stride, padding, input_shape, filters, bias, way, rng
):
    options = {"kernel_size": kernel_size, "stride": stride, "padding": padding, "bias": bias}
    layer = built(lambda: Conv2D(filters, **options), input_shape, rng)
    x = rng.standard_normal((2, *input_shape))
    y, cache = way(layer).forward(x)
    weights = layer.parameters["weights"]
    expected = convolution(x, weights, layer.parameters.get("bias"), stride=stride, padding=padding)
    np.testing.assert_allclose(y, expected, atol=1e-11)
    dy = rng.standard_normal(y.shape)
    dx, grads = way(layer).backward(dy, cache)
    dx_expected, dweights, dbias = convolution_gradients(
        x, weights, dy, stride=stride, padding=padding
    )
    np.testing.assert_allclose(dx, dx_expected, atol=1e-11)
    np.testing.assert_allclose(grads["weights"], dweights, atol=1e-11)
    if bias:
        np.testing.assert_allclose(grads["bias"], dbias, atol=1e-11)


@every_way
def test_convolution_by_hand(way):
    # One 2x2 picture, one 1x1 kernel of weight 3 and bias 1: 3 * (1, 2, 3, 4) + 1.
    layer = Conv2D(1, kernel_size=1)
    Network([layer], input_shape=(2, 2, 1), dtype=np.float64)
    layer.parameters["weights"][...] = 3
    layer.parameters["bias"][...] = 1
    x = np.array([[1.0, 2.0], [3.0, 4.0]]).reshape(1, 2, 2, 1)
    y, cache = way(layer).forward(x)
    np.testing.assert_array_equal(y.ravel(), [4, 7, 10, 13])
    # dL/dy = (1, 0, 0, 2): dweights = 1*1 + 2*4 = 9, dbias = 3, dx = 3 * dy.
    dx, grads = way(layer).backward(np.array([1.0, 0, 0, 2]).reshape(y.shape), cache)
    assert grads["weights"].item() == 9
    assert grads["bias"].item() == 3
    np.testing.assert_array_equal(dx.ravel(), [3, 0, 0, 6])


@every_way
@pytest.mark.parametrize(("size", "height", "width"), [(2, 6, 4), (2, 7, 5), (3, 9, 8), (1, 3, 4)])
def test_max_pool_equals_its_definition(size, height, width, way, rng):
    x = rng.standard_normal((2, height, width, 3))
    layer = way(MaxPool2D(size))
    y, cache = layer.forward(x)
    np.testing.assert_array_equal(y, max_pool(x, size))
    dy = rng.standard_normal(y.shape)
    np.testing.assert_array_equal(layer.backward(dy, cache)[0], max_pool_gradient(x, dy, size))


@every_way
def test_every_pixel_that_ties_for_the_maximum_gets_the_gradient(way):
    x = np.array([[1.0, 1, 0, 2], [1, 1, 2, 1]]).reshape(1, 2, 4, 1)  # a constant block; two 2s
    layer = way(MaxPool2D())
    y, cache = layer.forward(x)
    dx, _ = layer.backward(np.array([5.0, 7]).reshape(y.shape), cache)
    np.testing.assert_array_equal(dx.reshape(2, 4), [[5, 5, 0, 7], [5, 5, 7, 0]])
    np.testing.assert_array_equal(dx, max_pool_gradient(x, np.array([5.0, 7]).reshape(y.shape)))


@every_way
def test_relu_equals_its_definition(way, rng):
    x = rng.standard_normal((2, 3, 4, 2))
    x[0, 0, 0] = 0
    dy = rng.standard_normal(x.shape)
    y, cache = way(ReLU()).forward(x)
    np.testing.assert_array_equal(y, relu(x))
    np.testing.assert_array_equal(way(ReLU()).backward(dy, cache)[0], relu_gradient(x, dy))


@every_way
def test_dense_equals_its_definition(way, rng):
    layer = built(lambda: Dense(4), (2, 3, 2), rng)
    x = rng.standard_normal((3, 2, 3, 2))
    expected = dense(x.reshape(3, 12), layer.parameters["weights"], layer.parameters["bias"])
    np.testing.assert_allclose(way(layer).predict(x), expected, atol=1e-12)


@every_way
def test_batch_normalisation_equals_its_definition_group_by_group(way, rng):
    layer = built(lambda: BatchNorm(group=2), (3, 4, 5), rng)
    x = rng.standard_normal((6, 3, 4, 5))
    expected = [
        batch_norm(group, layer.parameters["scale"], layer.parameters["shift"], layer.epsilon)
        for group in (x[:2], x[2:4], x[4:])
    ]
    np.testing.assert_allclose(way(layer).forward(x)[0], np.concatenate(expected), atol=1e-12)


@every_way
def test_batch_normalisation_predicts_with_the_statistics_it_measured(way, rng):
    layer = built(lambda: BatchNorm(), (3, 4, 5), rng)
    x = rng.standard_normal((6, 3, 4, 5))
    way(layer).measure_statistics(x)
    scale, shift = layer.parameters["scale"], layer.parameters["shift"]
    expected = batch_norm(x, scale, shift, layer.epsilon)
    np.testing.assert_allclose(way(layer).predict(x), expected, atol=1e-12)
    layer.frozen = True
    np.testing.assert_allclose(way(layer).forward(x)[0], expected, atol=1e-12)


@every_way
def test_batch_normalisation_wants_whole_groups(way, rng):
    layer = way(built(lambda: BatchNorm(group=4), (5,), rng))
    assert layer.forward(rng.standard_normal((3, 5)))[0].shape == (3, 5)
    with pytest.raises(ValueError, match="6 images are not whole groups of 4"):
        layer.forward(rng.standard_normal((6, 5)))


@every_way
@every_layer
def test_a_gradient_of_the_wrong_shape_is_refused(make, input_shape, way, rng):
    layer = way(built(make, input_shape, rng))
    y, cache = layer.forward(rng.standard_normal((4, *input_shape)))
    for input_gradient in (True, False):
        with pytest.raises(ValueError, match=r"^a .+ has shape .+, expected "):
            layer.backward(
                rng.standard_normal((1, *y.shape[1:])), cache, input_gradient=input_gradient
            )


@every_way
def test_an_input_of_the_wrong_shape_is_refused(way, rng):
    with pytest.raises(ValueError, match=r"shape \(2, 5, 5, 1\), expected \(2, 5, 5, 3\)"):
        way(built(lambda: Conv2D(4), (5, 5, 3), rng)).forward(np.zeros((2, 5, 5, 1)))
    with pytest.raises(ValueError, match=r"shape \(2, 6\), expected \(2, 8\)"):
        way(built(lambda: Dense(4), (8,), rng)).forward(np.zeros((2, 6)))


@pytest.mark.parametrize(
    ("kind", "options", "reason"),
    [
        (Conv2D, {"filters": 4, "kernel_size": 2}, "odd kernel size"),
        (Conv2D, {"filters": 4, "padding": 3}, "a padding below it"),
        (Conv2D, {"filters": 4, "padding": -1}, "a padding below it"),
        (Conv2D, {"filters": 4, "stride": 0}, "a stride of 1 or more"),
        (Conv2D, {"filters": 0}, r"needs filters.*Conv2D\(filters=0\)"),
        (MaxPool2D, {"size": 0}, "a size of 1 or more, not 0"),
        (Dense, {"units": 0}, "1 unit or more, not 0"),
        (BatchNorm, {"group": 0}, "a group of 1 or more"),
        (BatchNorm, {"epsilon": 0.0}, "an epsilon above 0"),
    ],
)
def test_a_layer_that_makes_no_sense_is_refused(kind, options, reason):
    with pytest.raises(ValueError, match=reason):
        kind(**options)


@pytest.mark.parametrize("make", [lambda: Conv2D(4, kernel_size=5), lambda: MaxPool2D(5)])
def test_a_picture_too_small_for_the_layer_is_refused(make):
    with pytest.raises(ValueError, match="a picture of 4 x 4 is too small"):
        make().output_shape((4, 4, 1))


def test_a_convolution_starts_from_the_variance_that_keeps_activations_as_large(rng):
    layer = Conv2D(64, kernel_size=5)
    Network([layer], input_shape=(9, 9, 16)).initialise(rng)
    weights = layer.parameters["weights"]
    assert weights.shape == (5, 5, 16, 64)
    assert weights.mean() == pytest.approx(0, abs=0.002)
    assert weights.var() == pytest.approx(2 / (5 * 5 * 16), rel=0.05)
    np.testing.assert_array_equal(layer.parameters["bias"], 0)


def test_a_dense_layer_starts_from_a_variance_of_one_per_input(rng):
    layer = Dense(64)
    Network([layer], input_shape=(20, 20, 1)).initialise(rng)
    assert layer.parameters["weights"].var() == pytest.approx(1 / 400, rel=0.05)


def test_batch_normalisation_starts_without_effect(rng):
    layer = BatchNorm(epsilon=1e-12)
    network = Network([layer], input_shape=(3,), dtype=np.float64)
    network.initialise(rng)
    x = rng.standard_normal((4, 3))
    np.testing.assert_allclose(network.predict(x), x, rtol=1e-9)
