"""What a recipe trains on and is judged by: MNIST, digits drawn from code, and non-digits."""

import hashlib
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.data.mnist import Mnist
from model.drawn.digits import generator as pen_digits
from model.drawn.non_digits import generator as non_digits
from model.training.recipes import Recipe

NOT_A_DIGIT = -1
"""The label of a drawing that is not one digit."""

VALIDATION_DRAWN = 5_000  # drawings of each kind: an error of 1 % is then known to 0.3 points


class Samples(NamedTuple):
    """Pictures, uint8 (N, 28, 28) with 255 = ink, and their labels, int64 (N,)."""

    frames: NDArray[np.uint8]
    labels: NDArray[np.int64]


class Pools(NamedTuple):
    """The training pictures, pool after pool in one array, and the validation sets by name.

    An epoch takes ``an_epoch[i]`` pictures at random from the ``sizes[i]`` of pool i. MNIST's are
    pool 0, those drawn by code the others.
    """

    training: Samples
    sizes: tuple[int, ...]
    an_epoch: tuple[int, ...]
    validation: dict[str, Samples]
    digests: dict[str, str]

    def counts(self, drawn: float = 1.0) -> tuple[int, ...]:
        """Return how many pictures of each pool an epoch takes, with a share of the drawn ones."""
        of_mnist, *of_drawn = self.an_epoch
        return of_mnist, *(round(drawn * count) for count in of_drawn)

    def order(self, rng: np.random.Generator, drawn: float = 1.0) -> NDArray[np.int64]:
        """Return the indexes of one epoch's pictures in ``training``, in random order."""
        starts = np.cumsum((0, *self.sizes[:-1]))
        chosen = [
            start + rng.choice(size, count, replace=False)
            for start, size, count in zip(starts, self.sizes, self.counts(drawn), strict=True)
        ]
        return rng.permutation(np.concatenate(chosen))


def collect(
    recipe: Recipe,
    seed: int,
    mnist: Mnist,
    processes: int | None = None,
    *,
    progress: bool = False,
) -> Pools:
    """Split off the validation images and draw what the recipe wants drawn, on all cores.

    The split is the same for every seed: the last ``recipe.validation`` of the training images.
    Drawn validation pictures are of styles and kinds that training never draws.
    """
    from tqdm import tqdm  # here, since who only reads drawings has not installed it

    kept = len(mnist.train_images) - recipe.validation
    labels = mnist.train_labels.astype(np.int64)
    pools = [Samples(mnist.train_images[:kept], labels[:kept])]
    an_epoch = [kept]
    validation = {}
    if recipe.validation:
        validation["mnist"] = Samples(mnist.train_images[kept:], labels[kept:])
    sources = (
        ("pen digits", pen_digits, recipe.pen_digits, recipe.pen_digits_an_epoch),
        ("non-digits", non_digits, recipe.non_digits, recipe.non_digits_an_epoch),
    )
    for name, source, count, count_an_epoch in sources:
        if not count:
            continue
        with tqdm(
            total=count + VALIDATION_DRAWN, desc=f"drawing {name}", disable=not progress
        ) as bar:
            show = _counter(bar)
            pools.append(_drawn(source, count, seed, False, processes, show))
            validation[name] = _drawn(source, VALIDATION_DRAWN, seed, True, processes, show)
        an_epoch.append(count_an_epoch)
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


def digest(*arrays: NDArray[Any]) -> str:
    """Return the SHA-256 of the bytes of arrays, hexadecimal."""
    total = hashlib.sha256()
    for array in arrays:
        total.update(array.tobytes())
    return total.hexdigest()


def _drawn(
    source: Any,
    count: int,
    seed: int,
    held_out: bool,
    processes: int | None,
    show: Callable[[int, int], None],
) -> Samples:
    drawn = source.generate(count, seed, held_out=held_out, processes=processes, progress=show)
    labels = getattr(drawn, "labels", np.full(count, NOT_A_DIGIT))
    return Samples(drawn.frames, labels.astype(np.int64))


def _counter(bar: Any) -> Callable[[int, int], None]:
    """Return a callback that moves the bar on by what each call says is new."""
    before = 0

    def show(done: int, count: int) -> None:
        nonlocal before
        bar.update(done - before if done >= before else done)
        before = 0 if done == count else done

    return show
