import numpy as np
import pytest
from small_training import SMALL, small_network

from model.frame.pixels import to_frames
from model.nn.layers import BatchNorm
from model.nn.losses import cross_entropy, one_hot
from model.nn.network import Network
from model.nn.optimizers import AdamW
from model.samples import NON_DIGIT_LABEL
from model.training.recipes import DEFAULT
from model.training.shards import shard_result

pytestmark = pytest.mark.mnist


def test_a_network_learns_fifty_images_by_heart(mnist):
    network = DEFAULT.network(1)
    frames = to_frames(mnist.train_images[:50])
    targets = one_hot(mnist.train_labels[:50], 10)
    for layer in network.layers:
        if isinstance(layer, BatchNorm):
            layer.group = 50
    optimizer = AdamW(np.zeros(network.vector.size, bool))
    for _ in range(60):
        logits, caches = network.forward(frames)
        losses, gradient = cross_entropy(logits[:, :10], targets)
        if losses.mean() < 0.01:
            break
        dlogits = np.zeros_like(logits)
        dlogits[:, :10] = gradient / 50
        optimizer.step(
            network.vector, network.gradient_vector(network.backward(dlogits, caches)[1]), 0.002
        )
    assert losses.mean() < 0.01


def test_shards_add_up_to_the_whole_batch(mnist):
    network = Network(small_network(1).layers, dtype=np.float64)
    network.initialise(np.random.default_rng(1))
    frames = to_frames(mnist.train_images[:32], np.float64)
    labels = mnist.train_labels[:32].astype(np.int64)
    labels[::5] = NON_DIGIT_LABEL
    whole = shard_result(network, frames, labels, SMALL.loss)
    parts = [
        shard_result(network, frames[start : start + 8], labels[start : start + 8], SMALL.loss)
        for start in range(0, 32, 8)
    ]
    np.testing.assert_allclose(
        sum(part.gradient for part in parts), whole.gradient, rtol=1e-9, atol=1e-12
    )
    assert sum(part.loss for part in parts) == pytest.approx(whole.loss, rel=1e-12)
    assert sum(part.correct for part in parts) == whole.correct
    assert sum(part.digits for part in parts) == whole.digits == (labels >= 0).sum()


def test_a_non_digit_teaches_the_eleventh_output_alone(mnist):
    network = small_network(1)
    frames = to_frames(mnist.train_images[:8])
    result = shard_result(network, frames, np.full(8, NON_DIGIT_LABEL), SMALL.loss)
    gradient = result.gradient[-11 * 10 - 11 :]
    assert result.digits == result.correct == 0
    np.testing.assert_array_equal(gradient[-11:-1], 0)  # the biases of the ten digits
    assert gradient[-1] > 0  # and a step makes "this is one digit" less likely
