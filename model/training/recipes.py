"""Named ways to make a network: its layers and its training, each value with its reason."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import DTypeLike

from model.nn.fast.conv_pool import ConvPoolDense
from model.nn.layers import BatchNorm, Conv2D, Dense, Layer, MaxPool2D, ReLU
from model.nn.network import Network


@dataclass(frozen=True)
class Schedule:
    """How long the network is trained, in what steps, and how large they are.

    Attributes:
        epochs: passes over the MNIST images.
        batch: images in a step of the optimizer.
        shard: images that one thread works on at a time. A batch is the sum of its shards, so this
            decides rounding (and the groups of batch normalisation), not the method.
        learning_rate: the highest, see `optimizers.one_cycle`.
        last_learning_rate: as a share of the highest.
    """

    epochs: int
    batch: int
    shard: int
    learning_rate: float
    last_learning_rate: float = 0.0


@dataclass(frozen=True)
class Update:
    """What a step makes of a gradient.

    Attributes:
        optimizer: which of `model.nn.optimizers`.
        weight_decay: how much AdamW pulls weights towards 0, per unit of learning rate.
        average_steps: the weights that are kept are an exponential average over about so many
            steps; with 0 they are those of the last step.
    """

    optimizer: Literal["adamw", "sgd"]
    weight_decay: float = 0.0
    average_steps: int = 0


@dataclass(frozen=True)
class Loss:
    """What is made small.

    Attributes:
        label_smoothing: the share of each target that is spread over all ten digits.
        is_digit_weight: the weight of the eleventh output's loss beside that of the ten digits.
    """

    label_smoothing: float = 0.0
    is_digit_weight: float = 0.0


@dataclass(frozen=True)
class Drawn:
    """How many pictures are drawn by code, and how many of them an epoch sees."""

    count: int = 0
    an_epoch: int = 0


@dataclass(frozen=True)
class Data:
    """What the network is trained on and judged by.

    Attributes:
        validation: images of MNIST that are not trained on. On them recipes are compared, the
            probabilities calibrated, and the gate is judged. With 0 nothing is calibrated.
        augmented: whether training pictures are distorted anew each time they are seen.
        digits: digits drawn by code.
        non_digits: drawings by code that are no digit.
        on_paper: digits drawn by code on paper, with what is left of it in the frame.
        images_on_paper: images of MNIST likewise.
        letters_on_paper: letters and other signs likewise: no digit.
        papers: likewise, where the frame shows more of the paper than of the digit: no digit.
        settling_epochs: how many of the last epochs see fewer drawn pictures.
        drawn_while_settling: the share of an epoch's drawn pictures that those see.
    """

    validation: int = 0
    augmented: bool = False
    digits: Drawn = Drawn()
    non_digits: Drawn = Drawn()
    on_paper: Drawn = Drawn()
    images_on_paper: Drawn = Drawn()
    letters_on_paper: Drawn = Drawn()
    papers: Drawn = Drawn()
    settling_epochs: int = 0
    drawn_while_settling: float = 1.0


@dataclass(frozen=True)
class Recipe:
    """All that decides the weights, with the seed, the data and nothing else.

    Attributes:
        name: what ``--recipe`` calls it.
        network: returns an untrained network for a seed.
        gate: below this accuracy no weights are written, 0 to 1; on the validation images of
            MNIST, or without them on the training images of the last epoch.
        schedule, update, loss, data: its parts.
    """

    name: str
    network: Callable[[int], Network]
    gate: float
    schedule: Schedule
    update: Update
    loss: Loss = Loss()
    data: Data = Data()


def default_layers() -> list[Layer]:
    """Return the layers of the network that is served: 10.9 million multiply-adds.

    The first convolution halves the picture, so most of the work is done where a matrix product is
    large and everything between the products is small. Pools stand before batch
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


DEFAULT = Recipe(
    name="default",
    network=default_network,
    gate=0.995,  # what is below has not converged
    schedule=Schedule(
        epochs=70,  # 8.3 million pictures: 45 minutes to two hours on two cores
        batch=128,
        shard=64,  # one for each of two threads: the fewer and longer the calls, the less they wait
        learning_rate=0.004,
        # Small last steps learn the training's styles by heart: the error on styles left out rose
        # from 0.14 to 0.24 % with them. The average of the weights takes their place.
        last_learning_rate=0.4,
    ),
    update=Update(
        optimizer="adamw",
        weight_decay=0.02,
        average_steps=3000,  # five of the last epochs
    ),
    loss=Loss(
        label_smoothing=0.02,
        is_digit_weight=0.3,  # the ten digits come first
    ),
    data=Data(
        validation=2_000,  # enough for the temperature; recipes are compared on 15,000
        augmented=True,
        # An epoch sees half as many as of MNIST: their variety is learned sooner. With 26,000
        # instead of 44,000 the log loss was 6 % larger on styles left out, and no smaller on MNIST.
        digits=Drawn(count=200_000, an_epoch=32_000),
        non_digits=Drawn(count=100_000, an_epoch=13_000),
        # Cut-outs of cheques were read right, but a third of them was refused without these. Drawn
        # digits alone left the network less sure of real hands on paper, and of what no digit is.
        on_paper=Drawn(count=20_000, an_epoch=8_000),
        images_on_paper=Drawn(count=14_000, an_epoch=6_000),
        letters_on_paper=Drawn(count=8_000, an_epoch=3_000),
        papers=Drawn(count=4_000, an_epoch=1_500),
        # Where MNIST's writers and the drawn styles mean different digits by one shape, the last
        # steps decide. With a fourth of the drawn pictures in four last epochs about 54 instead of
        # 60 of 15,000 images of MNIST were misread, and the log loss on styles left out was a
        # tenth larger; half is a middle way.
        settling_epochs=8,
        drawn_while_settling=0.5,
    ),
)

TUTORIAL = Recipe(
    name="tutorial",
    network=lambda seed: tutorial_network(np.random.RandomState(seed), np.float32),
    gate=0.95,
    schedule=Schedule(
        epochs=3,  # as in the tutorial, but over all training images
        batch=1,
        shard=1,
        learning_rate=0.005,  # the tutorial's; that it falls at the end gains a point
    ),
    update=Update(optimizer="sgd"),
    # Nothing is chosen, so every image can be trained on.
)

RECIPES = {recipe.name: recipe for recipe in (DEFAULT, TUTORIAL)}
