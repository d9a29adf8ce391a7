"""Named ways to make a network: its layers and its training, each value with its reason."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import DTypeLike

from model.nn.fast.conv_pool import ConvPoolDense
from model.nn.layers import BatchNorm, Conv2D, Dense, Layer, MaxPool2D, ReLU
from model.nn.network import Network


@dataclass(frozen=True)
class Recipe:
    """All that decides the weights, with the seed, the data and nothing else.

    Attributes:
        name: what ``--recipe`` calls it.
        network: draws an untrained network from a seed.
        epochs: passes over the MNIST images.
        batch: images in a step of the optimizer.
        shard: images that one thread works on at a time; a batch is its shards' sum, so this
            decides rounding (and the groups of batch normalisation), not the method.
        learning_rate: the highest of the schedule, `optimizers.one_cycle`.
        last_learning_rate: the schedule's last, as a share of the highest.
        optimizer: "adamw" or "sgd".
        weight_decay: AdamW's pull of weights towards 0, per unit of learning rate.
        label_smoothing: share of each target spread over all ten digits.
        average_steps: the shipped weights are an exponential average over about so many steps;
            0 for the last step's weights.
        augmented: whether training images are distorted anew each time they are seen.
        validation: training images kept back, by which recipes are compared, probabilities
            calibrated and the gate is judged; with 0 of them nothing is calibrated.
        pen_digits, pen_digits_an_epoch: digits drawn from code: how many, how many of them to
            see in an epoch.
        non_digits, non_digits_an_epoch: likewise for drawings that are no digit.
        settling_epochs, drawn_while_settling: the last epochs, and the share of the drawn pictures
            of an epoch that they see.
        is_digit_weight: the weight of the eleventh output's loss beside the digits'.
        gate: accuracy on the MNIST validation images (without them, on the last epoch's training
            images) below which no weights are written, 0..1.
    """

    name: str
    network: Callable[[int], Network]
    epochs: int
    batch: int
    shard: int
    learning_rate: float
    optimizer: str
    gate: float
    last_learning_rate: float = 0.0
    weight_decay: float = 0.0
    label_smoothing: float = 0.0
    average_steps: int = 0
    augmented: bool = False
    validation: int = 5_000
    pen_digits: int = 0
    pen_digits_an_epoch: int = 0
    non_digits: int = 0
    non_digits_an_epoch: int = 0
    settling_epochs: int = 0
    drawn_while_settling: float = 1.0
    is_digit_weight: float = 0.0


def default_layers() -> list[Layer]:
    """Return the layers of the network that is served: 10.9 million multiply-adds.

    The first convolution halves the picture, so most of the work is done where a product of
    matrices is large and everything between the products is small. Pools stand before batch
    normalisation for the same reason. After 14 every side is even: no pool drops a row.
    """
    return [
        Conv2D(32, kernel_size=5, stride=2, padding=2, bias=False),  # 28x28x1  -> 14x14x32
        BatchNorm(),
        ReLU(),
        Conv2D(64, bias=False),  #                                14x14x32 -> 12x12x64
        MaxPool2D(),  #                                           12x12x64 -> 6x6x64
        BatchNorm(),
        ReLU(),
        Conv2D(128, padding=1, bias=False),  #                    6x6x64   -> 6x6x128
        BatchNorm(),
        ReLU(),
        Conv2D(128, padding=1, bias=False),  #                    6x6x128  -> 6x6x128
        MaxPool2D(),  #                                           6x6x128  -> 3x3x128
        BatchNorm(),
        ReLU(),
        Dense(128),  #                                            1152     -> 128
        BatchNorm(),
        ReLU(),
        Dense(11),  #                     128 -> ten digits, and "this is one digit"
    ]


def default_network(seed: int) -> Network:
    """Return the untrained network of the ``default`` recipe."""
    network = Network(default_layers())
    network.initialise(np.random.default_rng(seed))
    return network


def tutorial_network(rng: np.random.RandomState, dtype: DTypeLike) -> Network:
    """Return the untrained network of the tutorial: 28x28x1 -> 26x26x8 -> 13x13x8 -> 10.

    Drawn by the tutorial's legacy generator in its order: the filters, then the dense weights.
    """
    network = ConvPoolDense(filters=8, units=10, dtype=dtype)
    convolution, _, dense = network.layers
    filters = rng.randn(8, 3, 3) / 9  # the tutorial's axes are (F, K, K), ours (K, K, C, F)
    convolution.parameters["weights"][:, :, 0] = filters.transpose(1, 2, 0)
    dense.parameters["weights"][...] = rng.randn(1352, 10) / 1352
    return network


RECIPES = {
    recipe.name: recipe
    for recipe in (
        Recipe(
            name="default",
            network=default_network,
            epochs=76,  # 7.6 million pictures: 25 minutes on two cores
            batch=128,
            shard=64,  # one for each of two threads: fewer, longer calls, for which they wait less
            learning_rate=0.004,
            optimizer="adamw",
            gate=0.995,  # the validation images; what is below has not converged
            # Small last steps learn the training's styles by heart: the error on styles left out
            # rose from 0.14 to 0.24 % with them. The average of the weights takes their place.
            last_learning_rate=0.4,
            weight_decay=0.02,
            label_smoothing=0.02,
            average_steps=3000,  # five of the last epochs
            augmented=True,
            validation=2_000,  # enough for the temperature; recipes are compared on 15,000
            pen_digits=200_000,
            # Half as many as of MNIST: their variety is learned sooner. 26,000 instead of 44,000
            # read styles left out with 6 % more log loss, and MNIST's images with no less.
            pen_digits_an_epoch=32_000,
            non_digits=100_000,
            non_digits_an_epoch=13_000,
            # Where MNIST's writers and those of the drawn styles mean different digits by one
            # shape, the last steps decide. With a fourth of the drawn pictures in four last epochs
            # about 54 instead of 60 of 15,000 images of MNIST were misread, and the log loss on
            # styles left out was a tenth larger; half is a middle way.
            settling_epochs=8,
            drawn_while_settling=0.5,
            is_digit_weight=0.3,  # the ten digits come first
        ),
        Recipe(
            name="tutorial",
            network=lambda seed: tutorial_network(np.random.RandomState(seed), np.float32),
            epochs=3,  # as in the tutorial, but over all training images
            batch=1,
            shard=1,
            learning_rate=0.005,  # the tutorial's; that it falls at the end gains a point
            optimizer="sgd",
            gate=0.95,
            validation=0,  # nothing is chosen, so every image can be trained on
        ),
    )
}
