"""The training loop: steps over shards, a running average, an error at the end of each epoch.

Every random number of a step comes from (seed, epoch, step, shard). So a run that was broken off
goes on from its checkpoint to the same weights, to the bit, and so does any number of threads.
"""

import math
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from tqdm import tqdm

from model.frame.pixels import to_frames
from model.nn.base import Array
from model.nn.fast.workspace import Workspace
from model.nn.network import Network
from model.nn.optimizers import SGD, AdamW, one_cycle
from model.training.augmentation import augment
from model.training.pools import Pools
from model.training.recipes import Recipe, Update
from model.training.shards import ShardResult, shard_result
from model.training.validation import validation_errors

_STATISTICS_FRAMES = 2048  # enough that batch normalisation's statistics are known to 1 %
_WORTH_A_THREAD = 6_000_000  # multiplications in a shard: with fewer, threads wait for each other
_SAVE_SECONDS = 60.0  # what a crash costs at most


@dataclass(frozen=True)
class Epoch:
    """What was measured in one epoch.

    Attributes:
        epoch: its number, from 1 on.
        loss: the mean over its training images, in nats.
        accuracy: the share of its training digits that were read right, 0 to 1.
        seconds: how long it took.
        validation_errors: at its end, by the names of the validation sets, 0 to 1.
    """

    epoch: int
    loss: float
    accuracy: float
    seconds: float
    validation_errors: dict[str, float]


class Trainer:
    """One training, from its first step or from a checkpoint to its last.

    Attributes:
        recipe, seed, pools: what is trained, by which random numbers, on what.
        network: the network, with the weights of the last step.
        average: the running average of its weights, as `Network.vector`; what is validated and
            kept in the end.
        optimizer: with its state.
        history: a record of each whole epoch.
        step: how many steps of the next epoch are done.
        sums: float64 (3,), loss, correct and digits of that epoch so far.
    """

    def __init__(self, recipe: Recipe, seed: int, pools: Pools, threads: int) -> None:
        self.recipe, self.seed, self.pools = recipe, seed, pools
        self.network = recipe.network(seed)
        self.optimizer = make_optimizer(recipe.update, self.network)
        self.average = self.network.vector.copy()
        self.history: list[Epoch] = []
        self.step = 0
        self.sums = np.zeros(3)
        schedule = recipe.schedule
        # The steps before each epoch, and last those of the whole training.
        self._starts = np.cumsum([0, *map(self._steps, range(schedule.epochs))]).tolist()
        if self.network.multiply_adds() * schedule.shard < _WORTH_A_THREAD:
            threads = 1
        self._threads = threads
        self._workspaces = [Workspace() for _ in range(threads)]
        shards = math.ceil(schedule.batch / schedule.shard)
        self._gradients = np.empty((shards, self.network.vector.size), self.network.vector.dtype)

    @property
    def epoch(self) -> int:
        """How many whole epochs are done."""
        return len(self.history)

    def arrays(self) -> dict[str, Array]:
        """Return every array that a step changes, by name: with ``history`` and ``step``, all."""
        optimizer = {f"optimizer.{name}": array for name, array in self.optimizer.state.items()}
        return {
            "vector": self.network.vector,
            "average": self.average,
            "sums": self.sums,
            **optimizer,
        }

    def run(self, save: Callable[[], None] | None = None, *, progress: bool = True) -> bool:
        """Train to the end. Return False if Ctrl-C ended it early.

        Args:
            save: called once a minute, after each epoch and after Ctrl-C.
            progress: whether to show a bar.
        """
        save = save or (lambda: None)
        with ThreadPoolExecutor(self._threads) as executor, interruptions() as interrupted:
            saved = time.monotonic()
            while self.epoch < self.recipe.schedule.epochs:
                started = time.monotonic()
                rng = np.random.default_rng([self.seed, self.epoch])
                order = self.pools.order(rng, self._drawn(self.epoch))
                steps = self._steps(self.epoch)
                with self._bar(progress) as bar:
                    while self.step < steps:
                        self.take_step(order, executor)
                        self._show(bar)
                        if interrupted() or time.monotonic() - saved > _SAVE_SECONDS:
                            save()
                            saved = time.monotonic()
                        if interrupted():
                            return False
                    self._finish_epoch(time.monotonic() - started, bar)
                save()
        return True

    def take_step(self, order: Array, executor: ThreadPoolExecutor) -> None:
        """Take the next step of an epoch that sees the training pictures in this order."""
        schedule, update = self.recipe.schedule, self.recipe.update
        chosen = order[self.step * schedule.batch : (self.step + 1) * schedule.batch]
        shards = [
            (number, chosen[start : start + schedule.shard])
            for number, start in enumerate(range(0, len(chosen), schedule.shard))
        ]
        # Of two threads, each takes every second shard. The sum below is in the order of the
        # shards, so that its rounding does not depend on the number of threads.
        parts = [shards[thread :: self._threads] for thread in range(self._threads)]
        parts = [part for part in parts if part]
        run = map if len(parts) == 1 else executor.map
        by_thread = run(self._run_shards, self._workspaces, parts)
        results = dict(pair for results in by_thread for pair in results)
        gradient = results[0].gradient
        for number in range(1, len(shards)):
            gradient += results[number].gradient
        gradient /= len(chosen)
        done = self._starts[self.epoch] + self.step
        share = one_cycle(done / self._starts[-1], end=schedule.last_learning_rate)
        self.optimizer.step(self.network.vector, gradient, schedule.learning_rate * share)
        if update.average_steps:
            share = 1 / min(done + 1, update.average_steps)
            self.average += np.float32(share) * (self.network.vector - self.average)
        else:
            self.average[...] = self.network.vector
        self.sums += np.sum([result[1:] for result in results.values()], axis=0)
        self.step += 1

    def averaged_network(self) -> Network:
        """Return a network with the averaged weights, and statistics of training images."""
        network = self.network.like()
        network.vector[...] = self.average
        entropy = [self.seed, 2**32 - 1]
        chosen = self.pools.order(np.random.default_rng(entropy))[:_STATISTICS_FRAMES]
        network.measure_statistics(self._frames(chosen, [*entropy, 1]))
        return network

    def _drawn(self, epoch: int) -> float:
        """Return the share of the drawn pictures that an epoch sees; epochs count from 0 here."""
        data = self.recipe.data
        settling = epoch >= self.recipe.schedule.epochs - data.settling_epochs
        return data.drawn_while_settling if settling else 1.0

    def _steps(self, epoch: int) -> int:
        return sum(self.pools.counts(self._drawn(epoch))) // self.recipe.schedule.batch

    def _run_shards(
        self, workspace: Workspace, shards: Sequence[tuple[int, Array]]
    ) -> list[tuple[int, ShardResult]]:
        results = []
        for number, indexes in shards:
            with workspace.reused():
                frames = self._frames(indexes, [self.seed, self.epoch, self.step, number])
                labels = self.pools.training.labels[indexes]
                out = self._gradients[number]
                result = shard_result(self.network, frames, labels, self.recipe.loss, out)
                results.append((number, result))
        return results

    def _frames(self, indexes: Array, entropy: list[int]) -> Array:
        """Return training pictures as frames, distorted at random if the recipe says so."""
        frames = to_frames(self.pools.training.frames[indexes])
        if not self.recipe.data.augmented:
            return frames
        return augment(frames, np.random.default_rng(entropy))

    def _finish_epoch(self, seconds: float, bar: Any) -> None:
        loss, correct, digits = self.sums.tolist()
        errors = validation_errors(self.averaged_network(), self.pools.validation, self._threads)
        images = self.step * self.recipe.schedule.batch
        record = Epoch(self.epoch + 1, loss / images, correct / digits, seconds, errors)
        shown = "".join(f", {name} validation error {error:.2%}" for name, error in errors.items())
        bar.write(f"epoch {record.epoch}: training accuracy {record.accuracy:.2%}{shown}")
        self.sums[...] = 0
        self.step = 0
        self.history.append(record)

    def _bar(self, shown: bool) -> Any:
        schedule = self.recipe.schedule
        return tqdm(
            total=self._starts[-1] * schedule.batch,
            initial=(self._starts[self.epoch] + self.step) * schedule.batch,
            desc=f"epoch {self.epoch + 1}/{schedule.epochs}",
            unit=" images",
            unit_scale=True,
            mininterval=0.5,
            disable=not shown,
            leave=False,
        )

    def _show(self, bar: Any) -> None:
        batch = self.recipe.schedule.batch
        bar.update(batch)
        if self.step % 20 == 0:
            loss, correct, digits = self.sums
            bar.set_postfix_str(
                f"loss {loss / (self.step * batch):.4f}, accuracy {correct / max(digits, 1):.2%}",
                refresh=False,
            )


def make_optimizer(update: Update, network: Network) -> SGD | AdamW:
    """Return a recipe's optimizer for a network.

    AdamW pulls only weights towards 0: parameters of more than one axis.
    """
    if update.optimizer == "sgd":
        return SGD()
    decayed = [
        np.full(array.size, array.ndim > 1)
        for layer in network.layers
        for array in layer.parameters.values()
    ]
    return AdamW(np.concatenate(decayed), weight_decay=update.weight_decay)


@contextmanager
def interruptions() -> Iterator[Callable[[], bool]]:
    """Turn Ctrl-C into a question to ask between steps, when all arrays fit together."""
    seen: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _frame: seen.append(number))
    try:
        yield lambda: bool(seen)
    finally:
        signal.signal(signal.SIGINT, before)
