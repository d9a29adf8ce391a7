"""What a recipe trains on and what it chooses by: MNIST, digits drawn from code, and non-digits."""

import hashlib
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from model import non_digits, pen_digits
from model.mnist import Mnist
from model.recipes import Recipe

NOT_A_DIGIT = -1
"""The label of a drawing that is not one digit."""

VALIDATION_DRAWN = 5_000  # drawings of each kind: an error of 1 % is then known to 0.3 points


class Samples(NamedTuple):
    """Pictures, uint8 (N, 28, 28) with 255 = ink, and their labels, int64 (N,)."""

    frames: NDArray[np.uint8]
    labels: NDArray[np.int64]


class Pools(NamedTuple):
    """The training pictures, pool after pool in one array, and the validation sets by name.

    An epoch takes ``an_epoch[i]`` pictures at random from the ``sizes[i]`` of pool i.
    """

    training: Samples
    sizes: tuple[int, ...]
    an_epoch: tuple[int, ...]
    validation: dict[str, Samples]
    digests: dict[str, str]

    def order(self, rng: np.random.Generator) -> NDArray[np.int64]:
        """Return the indexes of one epoch's pictures in ``training``, in random order."""
        starts = np.cumsum((0, *self.sizes[:-1]))
        chosen = [
            start + rng.choice(size, count, replace=False)
            for start, size, count in zip(starts, self.sizes, self.an_epoch, strict=True)
        ]
        return rng.permutation(np.concatenate(chosen))


def collect(recipe: Recipe, seed: int, mnist: Mnist, processes: int | None = None) -> Pools:
    """Split off the validation images and draw what the recipe wants drawn, on all cores.

    The split is the same for every seed: the last ``recipe.validation`` of the training images.
    Drawn validation pictures are of styles and kinds that training never draws.
    """
    kept = len(mnist.train_images) - recipe.validation
    labels = mnist.train_labels.astype(np.int64)
    pools = [Samples(mnist.train_images[:kept], labels[:kept])]
    an_epoch = [kept]
    validation = {"mnist": Samples(mnist.train_images[kept:], labels[kept:])}
    if recipe.pen_digits:
        pools.append(_pen_digits(recipe.pen_digits, seed, False, processes))
        an_epoch.append(recipe.pen_digits_an_epoch)
        validation["pen digits"] = _pen_digits(VALIDATION_DRAWN, seed, True, processes)
    if recipe.non_digits:
        pools.append(_non_digits(recipe.non_digits, seed, False, processes))
        an_epoch.append(recipe.non_digits_an_epoch)
        validation["non-digits"] = _non_digits(VALIDATION_DRAWN, seed, True, processes)
    return Pools(
        Samples(*(np.concatenate(parts) for parts in zip(*pools, strict=True))),
        tuple(len(pool.frames) for pool in pools),
        tuple(an_epoch),
        validation,
        {
            "training images": _digest(mnist.train_images, mnist.train_labels),
            "test images": _digest(mnist.test_images, mnist.test_labels),
            "drawn": _digest(*(array for pool in pools[1:] for array in pool)),
        },
    )


def _digest(*arrays: NDArray[Any]) -> str:
    total = hashlib.sha256()
    for array in arrays:
        total.update(np.ascontiguousarray(array))
    return total.hexdigest()


def _pen_digits(count: int, seed: int, held_out: bool, processes: int | None) -> Samples:
    drawn = pen_digits.generate(count, seed, held_out=held_out, processes=processes)
    return Samples(drawn.frames, drawn.labels.astype(np.int64))


def _non_digits(count: int, seed: int, held_out: bool, processes: int | None) -> Samples:
    drawn = non_digits.generate(count, seed, held_out=held_out, processes=processes)
    return Samples(drawn.frames, np.full(count, NOT_A_DIGIT, np.int64))
