"""What a recipe trains on and is judged by: MNIST, and what is drawn by code."""

import hashlib
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from model.data.mnist import Mnist
from model.drawn.digits.writer import digits
from model.drawn.generator import Purpose, Subjects, generate
from model.drawn.non_digits.families import non_digits
from model.drawn.papers.looks import (
    digits_on_paper,
    images_on_paper,
    letters_on_paper,
    paper_with_digits,
)
from model.samples import Samples
from model.training.recipes import Data

VALIDATION_DRAWN = 5_000  # drawings of each kind: an error of 1 % is then known to 0.3 points
# By these the probabilities are calibrated: they are what most people send.
PLAIN = ("mnist", "drawn digits", "non-digits")
VALIDATION_ON_PAPER = 1_500  # they take longer to draw, and tell of the few who send such pictures
# Each so many-th of MNIST's images is put on paper: the processes that do so get them all at once.
EACH_ON_PAPER = 5


class Pools(NamedTuple):
    """The training pictures, pool after pool in one array, and the validation sets.

    Pool 0 is MNIST's, the others are drawn by code.

    Attributes:
        training: all training pictures.
        sizes: how many of them are in each pool.
        an_epoch: how many of each pool an epoch sees, chosen at random.
        validation: the validation sets by name.
        digests: SHA-256 of the data, by what it is.
    """

    training: Samples
    sizes: tuple[int, ...]
    an_epoch: tuple[int, ...]
    validation: dict[str, Samples]
    digests: dict[str, str]

    def counts(self, drawn: float = 1.0) -> tuple[int, ...]:
        """Return how many pictures of each pool an epoch sees, with a share of the drawn ones."""
        of_mnist, *of_drawn = self.an_epoch
        return of_mnist, *(round(drawn * count) for count in of_drawn)

    def order(self, rng: np.random.Generator, drawn: float = 1.0) -> NDArray[np.int64]:
        """Return the indexes in ``training`` of the pictures of one epoch, in random order."""
        starts = np.cumsum((0, *self.sizes[:-1]))
        chosen = [
            start + rng.choice(size, count, replace=False)
            for start, size, count in zip(starts, self.sizes, self.counts(drawn), strict=True)
        ]
        return rng.permutation(np.concatenate(chosen))


def collect(
    data: Data,
    seed: int,
    mnist: Mnist,
    processes: int | None = None,
    *,
    progress: bool = False,
) -> Pools:
    """Split off the validation images of MNIST, and draw what a recipe wants drawn.

    The split is the same for every seed: validation has the last of the training images. Drawn
    validation pictures are of styles and kinds that training never draws.

    Args:
        data: what the recipe wants.
        seed: of what is drawn.
        mnist: the data set.
        processes: that draw; one for each core by default.
        progress: whether to show a bar.
    """
    kept = len(mnist.train_images) - data.validation
    labels = mnist.train_labels.astype(np.int64)
    pools = [Samples(mnist.train_images[:kept], labels[:kept])]
    an_epoch = [kept]
    validation = {}
    if data.validation:
        validation["mnist"] = Samples(mnist.train_images[kept:], labels[kept:])
    of_images = partial(
        images_on_paper,
        {
            Purpose.TRAINING: Samples(
                mnist.train_images[:kept:EACH_ON_PAPER], labels[:kept:EACH_ON_PAPER]
            ),
            Purpose.HELD_OUT: validation.get("mnist", pools[0]),
        },
    )
    for name, subjects, wanted, left_out in (
        ("drawn digits", digits, data.digits, VALIDATION_DRAWN),
        ("non-digits", non_digits, data.non_digits, VALIDATION_DRAWN),
        ("digits on paper", digits_on_paper, data.on_paper, VALIDATION_ON_PAPER),
        ("images on paper", of_images, data.images_on_paper, VALIDATION_ON_PAPER),
        ("letters on paper", letters_on_paper, data.letters_on_paper, VALIDATION_ON_PAPER),
        ("paper with digits", paper_with_digits, data.papers, VALIDATION_ON_PAPER),
    ):
        if wanted.count:
            draw = partial(_draw, name, subjects, seed=seed, processes=processes, progress=progress)
            pools.append(draw(wanted.count, Purpose.TRAINING))
            validation[name] = draw(left_out, Purpose.HELD_OUT)
            an_epoch.append(wanted.an_epoch)
    return Pools(
        Samples(*(np.concatenate(parts) for parts in zip(*pools, strict=True))),
        tuple(len(pool.frames) for pool in pools),
        tuple(an_epoch),
        validation,
        {
            "training images": digest(mnist.train_images, mnist.train_labels),
            "test images": digest(mnist.test_images, mnist.test_labels),
            "drawn": digest(*(array for pool in pools[1:] for array in pool)),
        },
    )


def _draw(
    name: str,
    subjects: Subjects,
    count: int,
    purpose: Purpose,
    *,
    seed: int,
    processes: int | None,
    progress: bool,
) -> Samples:
    with tqdm(total=count, desc=f"drawing {name}", disable=not progress) as bar:
        drawings = generate(
            subjects,
            count,
            seed,
            purpose,
            processes=processes,
            progress=lambda done, _count: bar.update(done - bar.n),
        )
    return Samples(drawings.frames, drawings.labels)


def digest(*arrays: NDArray[Any]) -> str:
    """Return the SHA-256 of the bytes of arrays, hexadecimal."""
    total = hashlib.sha256()
    for array in arrays:
        total.update(array.tobytes())
    return total.hexdigest()
