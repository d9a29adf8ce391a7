"""What the network for numbers is trained on and judged by: makers of strips.

Digits come from drawn hands and from MNIST; letters, doodles and scribbles stand for what is no
number. Validation has styles, kinds and images of its own.
"""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from functools import partial
from itertools import islice
from typing import NamedTuple

import numpy as np
from tqdm import tqdm

from model.data.mnist import Mnist
from model.drawn.numbers.sprites import frame_sprites, other_sprites, pen_sprites
from model.drawn.numbers.strips import Pool, StripMaker, Strips
from model.parallel import Processes
from model.training.numbers.recipe import NumberRecipe

_AHEAD = 4  # steps whose strips are drawn before their turn


class NumberPools(NamedTuple):
    """What strips are made of, for training and, of other styles and images, for validation."""

    training: StripMaker
    validation: StripMaker


def collect_sprites(
    recipe: NumberRecipe, seed: int, mnist: Mnist, processes: int | None, *, progress: bool
) -> NumberPools:
    """Draw all sprites on all cores: digits by drawn hands, MNIST's, and what is no digit."""
    kept = len(mnist.train_images) - recipe.validation
    of_training = partial(_strip_maker, recipe, seed, processes=processes, progress=progress)
    return NumberPools(
        of_training(mnist, slice(kept), writers=recipe.writers, others=recipe.others),
        validation_strips(recipe, seed, mnist, processes, progress=progress),
    )


def validation_strips(
    recipe: NumberRecipe, seed: int, mnist: Mnist, processes: int | None, *, progress: bool
) -> StripMaker:
    """Return what draws the strips that a training is judged and calibrated by."""
    return left_out_strips(
        recipe,
        seed,
        mnist,
        writers=max(recipe.writers // 10, 20),
        others=max(recipe.others // 6, 40),
        processes=processes,
        progress=progress,
    )


def left_out_strips(
    recipe: NumberRecipe,
    seed: int,
    mnist: Mnist,
    *,
    writers: int,
    others: int,
    processes: int | None = None,
    progress: bool = False,
) -> StripMaker:
    """Return what draws strips of styles, kinds and images that training does not see."""
    kept = len(mnist.train_images) - recipe.validation
    return _strip_maker(
        recipe,
        seed,
        mnist,
        slice(kept, None),
        writers=writers,
        others=others,
        held_out=True,
        processes=processes,
        progress=progress,
    )


def _strip_maker(
    recipe: NumberRecipe,
    seed: int,
    mnist: Mnist,
    images: slice,
    *,
    writers: int,
    others: int,
    held_out: bool = False,
    processes: int | None,
    progress: bool,
) -> StripMaker:
    def bar(name: str) -> Callable[[int, int], None]:
        shown = tqdm(desc=f"drawing {name}", disable=not progress, leave=False)

        def show(done: int, count: int) -> None:
            shown.total = count
            shown.update(done - shown.n)

        return show

    rng = np.random.default_rng([seed, int(held_out)])
    drawn, canvas, paper = recipe.pen_share, recipe.in_haste_on_canvas, recipe.in_haste_on_paper
    draw = partial(pen_sprites, writers, seed, processes=processes)
    if held_out:
        pens = [Pool(draw(held_out=True, progress=bar("digits")), drawn, drawn)]
    else:
        with_care = draw(progress=bar("digits"))
        in_haste = draw(in_haste=True, progress=bar("digits in haste"))
        pens = [
            Pool(with_care, drawn * (1 - canvas), drawn * (1 - paper)),
            Pool(in_haste, drawn * canvas, drawn * paper),
        ]
    of_mnist = frame_sprites(mnist.train_images[images], mnist.train_labels[images], rng)
    rest = other_sprites(
        others, seed, held_out=held_out, processes=processes, progress=bar("letters")
    )
    return StripMaker([*pens, Pool(of_mnist, 1 - drawn, 1 - drawn)], rest, rng)


def draw_shard(
    maker: StripMaker, recipe: NumberRecipe, seed: int, step: int, number: int
) -> Strips:
    """Return the strips of a shard: which, its step, its number and the seed alone decide."""
    rng = np.random.default_rng([seed, step, number])
    by_area = np.array([width * share for width, share in recipe.widths.items()])
    width = int(rng.choice(list(recipe.widths), p=by_area / by_area.sum()))
    count = max(1, recipe.shard // width // 4) * 4  # numbers with divisors multiply faster
    return maker.strips(count, width, rng)


def draw_ahead(
    maker: StripMaker, recipe: NumberRecipe, seed: int, first: int
) -> Iterator[list[Strips]]:
    """Yield the shards of each step from ``first`` on, drawn before their turn in a new process.

    Drawing takes a sixth of the time of a step, in many small calls. On the threads that multiply
    it made a step half as long again, since each such call needs Python's lock.

    Raises:
        ProcessDied: if that process dies.
    """
    with Processes(1) as process:
        process.call(_keep, maker)

        def ask(step: int) -> list[Future[Strips]]:
            return [
                process.threads.submit(process.call, _draw_kept, recipe, seed, step, number)
                for number in range(recipe.shards)
            ]

        steps = iter(range(first, recipe.steps))
        asked = deque(ask(step) for step in islice(steps, _AHEAD))
        while asked:
            drawn = [shard.result() for shard in asked.popleft()]
            asked.extend(ask(step) for step in islice(steps, 1))
            yield drawn


_kept: list[StripMaker] = []  # in the new process: too large to be sent with each call


def _keep(maker: StripMaker) -> None:
    _kept[:] = [maker]


def _draw_kept(recipe: NumberRecipe, seed: int, step: int, number: int) -> Strips:
    return draw_shard(_kept[0], recipe, seed, step, number)
