"""How the network that reads numbers is made: its layers and its training, each with its reason."""

from dataclasses import dataclass

import numpy as np

from model.drawn.numbers.strips import COLUMN, ROWS
from model.nn.layers import BatchNorm, Conv2D, Layer, MaxPool2D, ReLU
from model.nn.network import Network

OUTPUTS = 11  # of each column: ten digits and the blank
_GROUP = 128  # no shard has more strips: each is one group of batch normalisation


@dataclass(frozen=True)
class NumberRecipe:
    """All that decides the weights, with the seed, the data and nothing else.

    Attributes:
        name: what ``--recipe`` calls it.
        steps: of the optimizer. A step sees one shard of strips for each of two threads.
        shards: that are added up to a batch.
        shard: pixels of width of all strips of a shard together. Strips of a shard have one width,
            so many narrow ones cost what few wide ones do.
        widths: of strips, in pixels, each with its share of all strips.
        learning_rate: of all steps but the first and the last.
        warmup_steps: the first, in which the rate rises to it from 0.
        settling_steps: the last, in which it falls to 0. Only they depend on how long the training
            is, so a training can be made longer or shorter while it runs.
        weight_decay: AdamW's pull of weights towards 0, per unit of learning rate.
        average_steps: the shipped weights are an exponential average over about so many steps.
        writers: hands that draw digits in the training's styles, 20 digits each; and as many that
            draw them in haste.
        others: sprites of letters, doodles and scribbles.
        pen_share: of the numbers, those written by drawn hands; the rest are of MNIST's digits.
        in_haste_on_canvas, in_haste_on_paper: of those by drawn hands, the ones written in haste.
        validation: images of MNIST kept back, as in the digits' recipe.
        check_steps: between two looks at the validation strips.
        validation_strips: of each of four widths, of styles and images left out of training.
        calibration_pictures: of each kind of drawn numbers, by which confidence is calibrated.
        calibration_others: drawings without a number among them.
        statistics_strips: by which batch normalisation's statistics are measured.
        gate: share of validation strips to be read exactly right; below, no weights are written.
    """

    name: str
    steps: int
    shards: int
    shard: int
    widths: dict[int, float]
    learning_rate: float
    warmup_steps: int
    settling_steps: int
    weight_decay: float
    average_steps: int
    writers: int
    others: int
    pen_share: float
    in_haste_on_canvas: float
    in_haste_on_paper: float
    validation: int
    check_steps: int
    validation_strips: int
    calibration_pictures: int
    calibration_others: int
    statistics_strips: int
    gate: float


def rate_at(recipe: NumberRecipe, step: int) -> float:
    """Return the learning rate of a step: a rise, a plateau, and a fall in a straight line."""
    rise = (step + 1) / recipe.warmup_steps
    fall = (recipe.steps - step) / recipe.settling_steps
    return recipe.learning_rate * min(rise, 1.0, fall)


def number_layers() -> list[Layer]:
    """Return the layers of the network that reads numbers.

    Each output column sees COLUMN = 4 pixels of the strip and 44 on either side. Height is pooled
    away, width only to a fourth: a narrow 1 still has two columns, and CTC needs a blank between
    two equal digits. Rows are 18 and 6, and columns divide by 3, which is what Winograd's tiles
    fit.
    """
    return [
        Conv2D(
            24, kernel_size=5, stride=2, padding=2, bias=False
        ),  # 36 x W x 1    -> 18 x W/2 x 24
        BatchNorm(_GROUP),
        ReLU(),
        Conv2D(48, padding=1, bias=False),  #                                   -> 18 x W/2 x 48
        MaxPool2D((3, 2)),  #                                                   -> 6 x W/4 x 48
        BatchNorm(_GROUP),
        ReLU(),
        Conv2D(96, padding=1, bias=False),  #                                   -> 6 x W/4 x 96
        BatchNorm(_GROUP),
        ReLU(),
        Conv2D(128, padding=1, bias=False),  #                                  -> 6 x W/4 x 128
        MaxPool2D((2, 1)),  #                                                   -> 3 x W/4 x 128
        BatchNorm(_GROUP),
        ReLU(),
        Conv2D(128, padding=(0, 1), bias=False),  #                             -> 1 x W/4 x 128
        BatchNorm(_GROUP),
        ReLU(),
        Conv2D(
            128, kernel_size=(1, 5), padding=(0, 2), bias=False
        ),  #              -> 1 x W/4 x 128
        BatchNorm(_GROUP),
        ReLU(),
        Conv2D(
            128, kernel_size=(1, 5), padding=(0, 2), bias=False
        ),  #              -> 1 x W/4 x 128
        BatchNorm(_GROUP),
        ReLU(),
        Conv2D(OUTPUTS, kernel_size=1),  #                                           -> 1 x W/4 x 11
    ]


def number_network(seed: int, width: int = 30 * COLUMN) -> Network:
    """Return the untrained network, for strips of a width; the weights are alike for all."""
    network = Network(number_layers(), input_shape=(ROWS, width, 1))
    network.initialise(np.random.default_rng(seed))
    return network


NUMBERS = NumberRecipe(
    name="numbers",
    # 80 to 90 minutes on two cores without AVX-512, less with it. After 28,000, on twice as many
    # hands, people's numbers were read no better than after 20,000.
    steps=14_000,
    shards=2,
    shard=3840,  # 32 strips of 120 pixels
    # Multiples of 12 pixels give columns that divide by 3. Lone digits often: each of ten is to be
    # read as well as by the digits' network.
    widths={48: 0.22, 72: 0.18, 96: 0.19, 120: 0.16, 144: 0.12, 192: 0.09, 240: 0.04},
    learning_rate=0.003,
    warmup_steps=300,
    settling_steps=5_000,
    weight_decay=0.02,
    average_steps=700,
    writers=2_500,
    others=12_000,
    pen_share=0.65,
    # Nines like a P and sevens like a t are clerks', on forms and cheques; on a canvas a person who
    # draws such a sign mostly means the letter.
    in_haste_on_canvas=0.1,
    in_haste_on_paper=0.5,
    validation=2_000,
    check_steps=500,
    validation_strips=400,
    calibration_pictures=800,
    # With as many as of numbers of each kind, 92 % of the touching ones were said to be right where
    # 97 % were (drawn, of styles left out); without any, confidence on other people's paper is too
    # high, since what is drawn is easier.
    calibration_others=200,
    statistics_strips=1024,
    gate=0.85,
)
