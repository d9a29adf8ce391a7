"""A network and a data set for evaluations that take no time and read nothing well."""

import numpy as np
import pytest

from model.data.mnist import Mnist
from model.frame.pixels import to_frames
from model.recognizer import Recognizer
from model.training.recipes import default_network
from model.weights import save_weights


@pytest.fixture(scope="session")
def noise():
    """Noise in the place of MNIST."""
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (2, 60, 28, 28), dtype=np.uint8)
    labels = rng.integers(0, 10, (2, 60), dtype=np.uint8)
    return Mnist(images[0], labels[0], images[1], labels[1])


@pytest.fixture(scope="session")
def weights(tmp_path_factory, noise):
    """An untrained network's weights."""
    network = default_network(1)
    network.measure_statistics(to_frames(noise.train_images))
    about = {"recipe": "default", "seed": 1, "data": {"training images": "ab12"}, "scores": {}}
    path = tmp_path_factory.mktemp("weights") / "digits.npz"
    save_weights(path, Recognizer(network, 1.5, 1.0, 0.0, about))
    return path
