import threading

import numpy as np
import pytest

from model.nn.fast.predictor import Predictor
from model.nn.layers import BatchNorm, Conv2D, Dense, MaxPool2D, ReLU
from model.nn.losses import softmax
from model.nn.network import Network
from model.training.numbers.recipe import number_network
from model.training.recipes import RECIPES


def trained(network, rng):
    """Give every layer parameters and statistics as training leaves them: none 0, none 1."""
    network.vector[...] += rng.normal(0, 0.1, network.vector.size)
    network.measure_statistics(rng.uniform(-0.5, 0.5, (64, 28, 28, 1)).astype(network.vector.dtype))
    return network


def networks(rng):
    other = [
        Conv2D(4, padding=2, kernel_size=5),
        BatchNorm(),
        MaxPool2D(3),
        BatchNorm(),
        ReLU(),
        Conv2D(5, padding=1, stride=2, bias=False),
        MaxPool2D(1),
        Dense(6),
        BatchNorm(),
        Dense(3),
    ]
    network = Network(other)
    network.initialise(rng)
    not_folded = Network([BatchNorm(), Dense(4), ReLU(), Dense(3)])
    not_folded.initialise(rng)
    return {
        "shipped": RECIPES["default"].network(1),
        "tutorial": RECIPES["tutorial"].network(1),
        "other": network,
        "batch normalisation first": not_folded,
    }


@pytest.mark.parametrize("name", ["shipped", "tutorial", "other", "batch normalisation first"])
def test_the_planned_path_gives_what_the_plain_one_gives(name):
    rng = np.random.default_rng(6)
    network = trained(networks(rng)[name], rng)
    predictor = Predictor(network)
    frames = rng.uniform(-0.5, 0.5, (70, 28, 28, 1)).astype(np.float32)
    expected = network.predict(frames)
    largest = np.abs(expected).max()  # by which small logits are rounded too
    for count in (1, 3, 70):  # one by one, and in batches
        logits = predictor(frames[:count])
        np.testing.assert_allclose(logits, expected[:count], rtol=0, atol=1e-5 * largest)
        np.testing.assert_allclose(softmax(logits), softmax(expected[:count]), rtol=0, atol=1e-5)
    assert predictor(frames[:0]).shape == (0, *network.shapes[-1])


@pytest.mark.parametrize("name", ["shipped", "tutorial", "other"])
def test_a_network_trained_on_leaves_its_predictor_as_it_was_and_a_new_one_sees_it(name):
    rng = np.random.default_rng(9)
    network = trained(networks(rng)[name], rng)
    frames = rng.uniform(-0.5, 0.5, (8, 28, 28, 1)).astype(np.float32)
    old = Predictor(network)
    before = {count: old(frames[:count]) for count in (1, 8)}
    for _ in range(3):  # steps of training
        logits, caches = network.forward(frames)
        _, grads = network.backward(logits, caches)
        network.vector -= 0.001 * network.gradient_vector(grads)
    expected, new = network.predict(frames), Predictor(network)
    for count in (1, 8):
        np.testing.assert_array_equal(old(frames[:count]), before[count])
        change = np.abs(expected[:count] - before[count]).max()
        assert change > 0.01
        assert np.abs(new(frames[:count]) - expected[:count]).max() < 1e-3 * change


def test_one_for_another_shape_predicts_as_a_network_for_it():
    network = number_network(3, width=120)
    network.measure_statistics(np.random.default_rng(1).random((4, 36, 120, 1), np.float32))
    first = Predictor(network)
    for width in (48, 120, 100, 240):  # of 100 pixels no whole tiles can be made
        x = np.random.default_rng(width).random((5, 36, width, 1), np.float32) - np.float32(0.5)
        expected, other = network.copy((36, width, 1)).predict(x), first.for_shape((36, width, 1))
        for count in (1, 5):
            np.testing.assert_allclose(other(x[:count]), expected[:count], atol=2e-4)
    with pytest.raises(ValueError, match="too small"):
        first.for_shape((4, 120, 1))


def test_predictors_of_a_thread_take_turns_in_its_memory():
    networks = [RECIPES["default"].network(1), number_network(3, width=48)]
    predictors = [Predictor(network) for network in networks]
    predictors.append(predictors[1].for_shape((36, 672, 1)))
    rng = np.random.default_rng(11)
    frames = [
        rng.random((8, *network.input_shape), np.float32) - np.float32(0.5) for network in networks
    ]
    frames.append(rng.random((8, 36, 672, 1), np.float32) - np.float32(0.5))
    first = [predict(x[:1]) for predict, x in zip(predictors, frames, strict=True)]
    for _ in range(2):
        for predict, x, expected in zip(predictors, frames, first, strict=True):
            np.testing.assert_array_equal(predict(x[:1]), expected)
            np.testing.assert_allclose(predict(x)[:1], expected, atol=1e-4)


def test_a_result_is_not_overwritten_by_the_next():
    rng = np.random.default_rng(7)
    predictor = Predictor(RECIPES["default"].network(1))
    frames = rng.uniform(-0.5, 0.5, (2, 1, 28, 28, 1)).astype(np.float32)
    first = predictor(frames[0])
    before = first.copy()
    predictor(frames[1])
    np.testing.assert_array_equal(first, before)


def test_threads_share_a_predictor():
    rng = np.random.default_rng(8)
    predictor = Predictor(RECIPES["default"].network(1))
    frames = rng.uniform(-0.5, 0.5, (4, 1, 28, 28, 1)).astype(np.float32)
    expected = [predictor(frame) for frame in frames]
    wrong = []

    def predict(index):
        answers = (predictor(frames[index]) for _ in range(200))
        wrong.extend(index for answer in answers if not np.array_equal(answer, expected[index]))

    threads = [threading.Thread(target=predict, args=(index,)) for index in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_frames_of_another_shape_are_refused():
    with pytest.raises(ValueError, match=r"frames have shape \(1, 28, 28\)"):
        Predictor(RECIPES["tutorial"].network(1))(np.zeros((1, 28, 28), np.float32))
