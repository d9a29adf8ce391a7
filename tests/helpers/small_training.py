"""A training that takes a second: a small network, a recipe for it, and a few images of MNIST."""

from dataclasses import replace
from typing import Any

import numpy as np

from model.data.mnist import Mnist
from model.nn.layers import BatchNorm, Conv2D, Dense, MaxPool2D, ReLU
from model.nn.network import Network
from model.samples import Samples
from model.training.pools import Pools
from model.training.recipes import DEFAULT, Data, Recipe, Schedule, Update


def small_network(seed: int) -> Network:
    network = Network(
        [
            Conv2D(8, kernel_size=5, stride=2, padding=2, bias=False),
            BatchNorm(group=8),
            ReLU(),
            MaxPool2D(),
            Dense(11),
        ]
    )
    network.initialise(np.random.default_rng(seed))
    return network


SMALL = Recipe(
    name="small",
    network=small_network,
    gate=0.1,
    schedule=Schedule(epochs=4, batch=32, shard=8, learning_rate=0.004),
    update=Update("adamw", weight_decay=0.02, average_steps=20),
    loss=DEFAULT.loss,
    data=Data(validation=1000, augmented=True),
)


def changed(recipe: Recipe, **values: Any) -> Recipe:
    """The recipe with other values, each in the part that has a field of its name."""
    for name, value in values.items():
        for part in ("schedule", "update", "loss", "data"):
            if hasattr(getattr(recipe, part), name):
                recipe = replace(recipe, **{part: replace(getattr(recipe, part), **{name: value})})
                break
        else:
            recipe = replace(recipe, **{name: value})
    return recipe


def few_of(mnist: Mnist) -> Mnist:
    """1,000 images of MNIST to train on, 1,000 to validate on, 500 to test on."""
    kept = np.r_[:1000, 59_000:60_000]
    return mnist._replace(
        train_images=mnist.train_images[kept],
        train_labels=mnist.train_labels[kept],
        test_images=mnist.test_images[:500],
        test_labels=mnist.test_labels[:500],
    )


def pools_of(mnist: Mnist, count: int = 1000) -> Pools:
    labels = mnist.train_labels.astype(np.int64)
    training = Samples(mnist.train_images[:count], labels[:count])
    kept = Samples(mnist.train_images[-500:], labels[-500:])
    return Pools(training, (count,), (count,), {"mnist": kept}, {"training images": "few"})
