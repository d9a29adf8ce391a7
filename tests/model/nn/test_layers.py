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
)

from model.nn.fast.workspace import Workspace, empty, scratch
from model.nn.layers import BatchNorm, Conv2D, Dense, MaxPool2D, ReLU

LAYERS = {
    "convolution": (lambda: Conv2D(4), (7, 6, 3)),
    "convolution without bias": (lambda: Conv2D(4, bias=False), (7, 6, 3)),
    "padded convolution": (lambda: Conv2D(4, padding=1), (7, 6, 3)),
    "5x5 convolution": (lambda: Conv2D(3, kernel=5, padding=2), (7, 8, 2)),
    "1x1 convolution": (lambda: Conv2D(3, kernel=1), (4, 5, 2)),
    "convolution in strides": (lambda: Conv2D(3, kernel=5, stride=2, padding=2), (8, 9, 2)),
    "convolution in strides of 3": (lambda: Conv2D(3, stride=3, padding=1), (8, 9, 2)),
    "convolution by tiles": (lambda: Conv2D(9), (14, 14, 8)),
    "padded convolution by tiles": (lambda: Conv2D(8, padding=1), (12, 15, 9)),
    "pool": (lambda: MaxPool2D(), (6, 8, 3)),
    "pool that leaves a row out": (lambda: MaxPool2D(), (7, 5, 3)),
    "pool of 3": (lambda: MaxPool2D(3), (9, 7, 2)),
    "relu": (lambda: ReLU(), (5, 4, 3)),
    "dense": (lambda: Dense(6), (3, 2, 4)),
    "batch normalisation": (lambda: BatchNorm(group=2), (3, 4, 5)),
    "batch normalisation of vectors": (lambda: BatchNorm(group=4), (5,)),
    "frozen batch normalisation": (lambda: BatchNorm(frozen=True), (3, 4, 5)),
}


@pytest.fixture
def rng():
    return np.random.default_rng(20)


def built(make, input_shape, rng, dtype=np.float64):
    """Return the layer with random numbers in every parameter and statistic."""
    layer = make()
    layer.build(input_shape, rng, dtype)
    for array in (*layer.parameters.values(), *layer.statistics.values()):
        array += rng.uniform(0.1, 0.9, array.shape)
    return layer


@pytest.mark.parametrize(("make", "input_shape"), LAYERS.values(), ids=LAYERS)
def test_gradients_equal_central_differences(make, input_shape, rng):
    layer = built(make, input_shape, rng)
    x = rng.standard_normal((4, *input_shape))
    y, cache = layer.forward(x)
    dy = rng.standard_normal(y.shape)
    dx, grads = layer.backward(dy, cache)

    check_gradient(lambda x: (layer.forward(x)[0] * dy).sum(), x, dx, rng)
    if not getattr(layer, "frozen", False):
        assert set(grads) == set(layer.parameters)
    for name, gradient in grads.items():
        parameter = layer.parameters[name]

        def loss(value, name=name):
            layer.parameters[name] = value
            return (layer.forward(x)[0] * dy).sum()

        check_gradient(loss, parameter, gradient, rng)
        layer.parameters[name] = parameter


def test_the_checker_catches_a_gradient_that_is_off_by_a_thousandth(rng):
    x = rng.standard_normal((3, 4))
    check_gradient(lambda x: (x**2).sum(), x, 2 * x, rng)
    with pytest.raises(AssertionError, match="they differ by"):
        check_gradient(lambda x: (x**2).sum(), x, 2.002 * x, rng)


@pytest.mark.parametrize(("make", "input_shape"), LAYERS.values(), ids=LAYERS)
def test_forward_and_backward_change_nothing_they_were_given(make, input_shape, rng):
    layer = built(make, input_shape, rng, np.float32)
    x = rng.standard_normal((4, *input_shape), np.float32)
    before = [array.copy() for array in (x, *layer.parameters.values())]
    y, cache = layer.forward(x)
    dy = rng.standard_normal(y.shape, np.float32)
    dy_before = dy.copy()
    dx, grads = layer.backward(dy, cache)
    for array, copy in zip((x, *layer.parameters.values()), before, strict=True):
        np.testing.assert_array_equal(array, copy)
    np.testing.assert_array_equal(dy, dy_before)
    assert y.dtype == dx.dtype == np.float32
    assert all(gradient.dtype == np.float32 for gradient in grads.values())


@pytest.mark.parametrize(("make", "input_shape"), LAYERS.values(), ids=LAYERS)
def test_a_batch_gives_what_its_images_give_one_by_one(make, input_shape, rng):
    layer = built(make, input_shape, rng)
    x = rng.standard_normal((4, *input_shape))
    one_by_one = np.concatenate([layer.predict(x[i : i + 1]) for i in range(4)])
    np.testing.assert_allclose(layer.predict(x), one_by_one, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(("make", "input_shape"), LAYERS.values(), ids=LAYERS)
def test_reused_memory_changes_no_result(make, input_shape, rng):
    layer = built(make, input_shape, rng)
    workspace = Workspace()
    for _ in range(3):
        x = rng.standard_normal((4, *input_shape))
        y, cache = layer.forward(x)
        dy = rng.standard_normal(y.shape)
        dx, grads = layer.backward(dy, cache)
        with workspace.reused():
            y_reused, cache = layer.forward(x)
            dx_reused, grads_reused = layer.backward(dy, cache)
            np.testing.assert_array_equal(y_reused, y)
            np.testing.assert_array_equal(dx_reused, dx)
            for name, gradient in grads.items():
                np.testing.assert_array_equal(grads_reused[name], gradient)


@pytest.mark.parametrize(
    ("kernel", "stride", "padding"),
    [(1, 1, 0), (3, 1, 0), (3, 1, 1), (5, 1, 2), (5, 2, 2), (3, 2, 0), (5, 1, 4), (3, 3, 1)],
)
@pytest.mark.parametrize("bias", [True, False])
def test_convolution_equals_its_definition(kernel, stride, padding, bias, rng):
    layer = built(
        lambda: Conv2D(3, kernel=kernel, stride=stride, padding=padding, bias=bias), (6, 7, 2), rng
    )
    x = rng.standard_normal((2, 6, 7, 2))
    y, cache = layer.forward(x)
    expected = convolution(
        x,
        layer.parameters["weights"],
        layer.parameters.get("bias"),
        stride=stride,
        padding=padding,
    )
    np.testing.assert_allclose(y, expected, atol=1e-12)
    dy = rng.standard_normal(y.shape)
    dx, grads = layer.backward(dy, cache)
    dx_expected, dweights, dbias = convolution_gradients(
        x, layer.parameters["weights"], dy, stride=stride, padding=padding
    )
    np.testing.assert_allclose(dx, dx_expected, atol=1e-12)
    np.testing.assert_allclose(grads["weights"], dweights, atol=1e-12)
    if bias:
        np.testing.assert_allclose(grads["bias"], dbias, atol=1e-12)


def test_convolution_by_hand():
    # One 2x2 picture, one 1x1 kernel of weight 3 and bias 1: 3 * (1, 2, 3, 4) + 1.
    layer = Conv2D(1, kernel=1)
    layer.build((2, 2, 1), np.random.default_rng(0), np.float64)
    layer.parameters["weights"][...] = 3
    layer.parameters["bias"][...] = 1
    x = np.array([[1.0, 2.0], [3.0, 4.0]]).reshape(1, 2, 2, 1)
    y, cache = layer.forward(x)
    np.testing.assert_array_equal(y.ravel(), [4, 7, 10, 13])
    # dL/dy = (1, 0, 0, 2): dweights = 1*1 + 2*4 = 9, dbias = 3, dx = 3 * dy.
    dx, grads = layer.backward(np.array([1.0, 0, 0, 2]).reshape(y.shape), cache)
    assert grads["weights"].item() == 9
    assert grads["bias"].item() == 3
    np.testing.assert_array_equal(dx.ravel(), [3, 0, 0, 6])


@pytest.mark.parametrize(("size", "height", "width"), [(2, 6, 4), (2, 7, 5), (3, 9, 8)])
def test_max_pool_equals_its_definition(size, height, width, rng):
    x = rng.standard_normal((2, height, width, 3))
    layer = MaxPool2D(size)
    y, cache = layer.forward(x)
    np.testing.assert_array_equal(y, max_pool(x, size))
    dy = rng.standard_normal(y.shape)
    np.testing.assert_array_equal(layer.backward(dy, cache)[0], max_pool_gradient(x, dy, size))


def test_every_pixel_that_ties_for_the_maximum_gets_the_gradient():
    x = np.array([[1.0, 1, 0, 2], [1, 1, 2, 1]]).reshape(1, 2, 4, 1)  # a constant block; two 2s
    layer = MaxPool2D()
    y, cache = layer.forward(x)
    dx, _ = layer.backward(np.array([5.0, 7]).reshape(y.shape), cache)
    np.testing.assert_array_equal(dx.reshape(2, 4), [[5, 5, 0, 7], [5, 5, 7, 0]])
    np.testing.assert_array_equal(dx, max_pool_gradient(x, np.array([5.0, 7]).reshape(y.shape)))


def test_dense_equals_its_definition(rng):
    layer = built(lambda: Dense(4), (2, 3, 2), rng)
    x = rng.standard_normal((3, 2, 3, 2))
    expected = dense(x.reshape(3, 12), layer.parameters["weights"], layer.parameters["bias"])
    np.testing.assert_allclose(layer.predict(x), expected, atol=1e-12)


def test_batch_normalisation_equals_its_definition_group_by_group(rng):
    layer = built(lambda: BatchNorm(group=2), (3, 4, 5), rng)
    x = rng.standard_normal((6, 3, 4, 5))
    expected = [
        batch_norm(group, layer.parameters["scale"], layer.parameters["shift"], layer.epsilon)
        for group in (x[:2], x[2:4], x[4:])
    ]
    np.testing.assert_allclose(layer.forward(x)[0], np.concatenate(expected), atol=1e-12)


def test_batch_normalisation_wants_whole_groups(rng):
    layer = built(lambda: BatchNorm(group=4), (5,), rng)
    assert layer.forward(rng.standard_normal((3, 5)))[0].shape == (3, 5)
    with pytest.raises(ValueError, match="6 images are not whole groups of 4"):
        layer.forward(rng.standard_normal((6, 5)))


@pytest.mark.parametrize(("make", "input_shape"), LAYERS.values(), ids=LAYERS)
def test_a_gradient_of_the_wrong_shape_is_refused(make, input_shape, rng):
    layer = built(make, input_shape, rng)
    y, cache = layer.forward(rng.standard_normal((4, *input_shape)))
    with pytest.raises(ValueError, match="shape"):
        layer.backward(rng.standard_normal((1, *y.shape[1:])), cache)


def test_an_input_of_the_wrong_shape_is_refused(rng):
    with pytest.raises(ValueError, match=r"shape \(2, 5, 5, 1\), expected \(2, 5, 5, 3\)"):
        built(lambda: Conv2D(4), (5, 5, 3), rng).forward(np.zeros((2, 5, 5, 1)))
    with pytest.raises(ValueError, match=r"shape \(2, 6\), expected \(2, 8\)"):
        built(lambda: Dense(4), (8,), rng).forward(np.zeros((2, 6)))


@pytest.mark.parametrize("options", [{"kernel": 2}, {"padding": 3}, {"stride": 0}])
def test_a_convolution_that_makes_no_sense_is_refused(options):
    with pytest.raises(ValueError, match="odd kernel"):
        Conv2D(4, **options)


@pytest.mark.parametrize("make", [lambda: Conv2D(4, kernel=5), lambda: MaxPool2D(5)])
def test_a_picture_too_small_for_the_layer_is_refused(make, rng):
    with pytest.raises(ValueError, match="too small"):
        make().build((4, 4, 1), rng, np.float32)


def test_scratch_memory_is_cut_again_and_the_rest_is_not():
    workspace = Workspace()
    for _ in range(2):  # the first time, to see how much is needed
        with workspace.reused():
            kept = empty((5,), np.float64)
            kept[...] = 1
            with scratch():
                first = empty((7,), np.float64)
            second = empty((7,), np.float64)
            second[...] = 2
    assert np.shares_memory(first, second)
    np.testing.assert_array_equal(kept, 1)
    with scratch():  # without a workspace it changes nothing
        empty((3,), np.float64)[...] = 3
