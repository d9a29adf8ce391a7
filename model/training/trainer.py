"""The training loop: shards, progress, checkpoints, validation, the gate.

Every random number of a step comes from (seed, epoch, step, shard). So a run that was broken off
goes on from its checkpoint to the same weights, to the bit, and so does any number of threads.
"""

import io
import json
import math
import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from tqdm import tqdm

from model.data.mnist import Mnist, to_frames
from model.files import write_whole
from model.nn.fast.workspace import Workspace
from model.nn.layers import Array
from model.nn.losses import binary_cross_entropy, cross_entropy, one_hot
from model.nn.network import Network
from model.nn.optimizers import SGD, AdamW, one_cycle
from model.recognizer import DIGITS, Recognizer
from model.training.augmentation import augment
from model.training.pools import NOT_A_DIGIT, Pools, collect
from model.training.recipes import Recipe
from model.training.validation import calibration, error_rate, predict_all
from model.weights import save_weights

_CALIBRATION_FRAMES = 2048  # enough that batch normalisation's statistics are known to 1 %
_WORTH_A_THREAD = 6_000_000  # multiplications in a shard: with fewer, threads wait for each other
_CHECKPOINT_SECONDS = 60.0  # what a crash costs at most


class TrainingError(Exception):
    """Training cannot start or ended without weights; the message says why, in one sentence."""


class ShardResult(NamedTuple):
    """The sums over a shard's images; sums, so that shards add up to their batch."""

    gradient: Array  # as Network.vector
    loss: float
    correct: int
    digits: int


def shard_result(
    network: Network, frames: Array, labels: Array, recipe: Recipe, out: Array | None = None
) -> ShardResult:
    """Run a shard forward and backward; frames (N, 28, 28, 1), labels (N,), -1 for no digit.

    The gradient is written to ``out`` if that is given.

    The loss is cross-entropy over the ten digits for images that are digits, and, where the
    network has an eleventh output, binary cross-entropy of "this is one digit" for all.
    """
    logits, caches = network.forward(frames)
    is_digit = labels != NOT_A_DIGIT
    targets = one_hot(np.where(is_digit, labels, 0), DIGITS, recipe.label_smoothing)
    targets *= is_digit[:, np.newaxis]
    losses, gradient = cross_entropy(logits[:, :DIGITS], targets.astype(logits.dtype))
    loss = float(losses.sum())
    dlogits = np.zeros_like(logits)
    dlogits[:, :DIGITS] = gradient
    if logits.shape[1] > DIGITS:
        losses, gradient = binary_cross_entropy(logits[:, DIGITS], is_digit.astype(logits.dtype))
        loss += recipe.is_digit_weight * float(losses.sum())
        dlogits[:, DIGITS] = recipe.is_digit_weight * gradient
    _, grads = network.backward(dlogits, caches)
    correct = int((logits[:, :DIGITS].argmax(axis=1) == labels).sum())
    return ShardResult(network.gradient_vector(grads, out), loss, correct, int(is_digit.sum()))


def make_optimizer(recipe: Recipe, network: Network) -> SGD | AdamW:
    """Return the recipe's optimizer; AdamW pulls only weights of more than one axis to 0."""
    if recipe.optimizer == "sgd":
        return SGD()
    decayed = [
        np.full(array.size, array.ndim > 1)
        for layer in network.layers
        for array in layer.parameters.values()
    ]
    return AdamW(np.concatenate(decayed), weight_decay=recipe.weight_decay)


class Trainer:
    """One training, from its first step or from a checkpoint to its last.

    Attributes:
        network: the network, with the weights of the last step.
        average: the running average of its weights, as a vector; what is validated and shipped.
        history: a record of each epoch: loss, accuracy, validation errors, seconds.
    """

    def __init__(self, recipe: Recipe, seed: int, pools: Pools, threads: int) -> None:
        self.recipe, self.seed, self.pools = recipe, seed, pools
        self.network = recipe.network(seed)
        self.optimizer = make_optimizer(recipe, self.network)
        self.average = self.network.vector.copy()
        self.history: list[dict[str, Any]] = []
        self.epoch = 0
        self.step = 0
        # The steps before each epoch, and last those of the whole training.
        self._starts = np.cumsum([0, *map(self._steps, range(recipe.epochs))]).tolist()
        self._sums = np.zeros(3)  # loss, correct, digits of the epoch so far
        if self.network.multiply_adds() * recipe.shard < _WORTH_A_THREAD:
            threads = 1
        self._threads = threads
        self._workspaces = [Workspace() for _ in range(threads)]
        shards = math.ceil(recipe.batch / recipe.shard)
        self._gradients = np.empty((shards, self.network.vector.size), self.network.vector.dtype)

    def _drawn(self, epoch: int) -> float:
        """Return the share of the drawn pictures that this epoch takes."""
        settling = epoch >= self.recipe.epochs - self.recipe.settling_epochs
        return self.recipe.drawn_while_settling if settling else 1.0

    def _steps(self, epoch: int) -> int:
        return sum(self.pools.counts(self._drawn(epoch))) // self.recipe.batch

    def run(self, checkpoint: Path, *, progress: bool = True) -> bool:
        """Train to the end, writing checkpoints; False if Ctrl-C ended it early."""
        with ThreadPoolExecutor(self._threads) as executor, interruptions() as interrupted:
            saved = time.monotonic()
            while self.epoch < self.recipe.epochs:
                started, first = time.monotonic(), self.step
                rng = np.random.default_rng([self.seed, self.epoch])
                order = self.pools.order(rng, self._drawn(self.epoch))
                steps = self._steps(self.epoch)
                with self._bar(progress) as bar:
                    while self.step < steps:
                        self._take_step(order, executor)
                        self._show(bar, started, first)
                        if interrupted() or time.monotonic() - saved > _CHECKPOINT_SECONDS:
                            self.save(checkpoint)
                            saved = time.monotonic()
                        if interrupted():
                            return False
                    self._finish_epoch(executor, time.monotonic() - started, bar)
                self.save(checkpoint)
        return True

    def _take_step(self, order: Array, executor: ThreadPoolExecutor) -> None:
        recipe = self.recipe
        chosen = order[self.step * recipe.batch : (self.step + 1) * recipe.batch]
        shards = [
            (number, chosen[start : start + recipe.shard])
            for number, start in enumerate(range(0, len(chosen), recipe.shard))
        ]
        # A thread takes every so-many-th shard; the sum below is in the shards' order, so that
        # its rounding does not depend on the number of threads.
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
        progress = done / self._starts[-1]
        rate = recipe.learning_rate * one_cycle(progress, end=recipe.last_learning_rate)
        self.optimizer.step(self.network.vector, gradient, rate)
        if recipe.average_steps:
            share = 1 / min(done + 1, recipe.average_steps)
            self.average += np.float32(share) * (self.network.vector - self.average)
        else:
            self.average[...] = self.network.vector
        self._sums += np.sum([result[1:] for result in results.values()], axis=0)
        self.step += 1

    def _run_shards(
        self, workspace: Workspace, shards: Sequence[tuple[int, Array]]
    ) -> list[tuple[int, ShardResult]]:
        results = []
        for number, indexes in shards:
            with workspace.reused():
                frames = self._frames(indexes, [self.seed, self.epoch, self.step, number])
                labels = self.pools.training.labels[indexes]
                out = self._gradients[number]
                result = shard_result(self.network, frames, labels, self.recipe, out)
                results.append((number, result))
        return results

    def _frames(self, indexes: Array, entropy: list[int]) -> Array:
        """Return training pictures as frames, distorted at random if the recipe says so."""
        frames = to_frames(self.pools.training.frames[indexes])
        return augment(frames, np.random.default_rng(entropy)) if self.recipe.augmented else frames

    def _finish_epoch(self, executor: ThreadPoolExecutor, seconds: float, bar: Any) -> None:
        loss, correct, digits = self._sums
        network = self.averaged_network(self.average)
        errors = {
            name: error_rate(predict_all(network, samples.frames, executor), samples.labels)
            for name, samples in self.pools.validation.items()
        }
        self.history.append(
            {
                "epoch": self.epoch + 1,
                "loss": loss / (self.step * self.recipe.batch),
                "accuracy": correct / digits,
                "seconds": seconds,
                **{f"{name} error": error for name, error in errors.items()},
            }
        )
        shown = "".join(f", {name} validation error {error:.2%}" for name, error in errors.items())
        bar.write(f"epoch {self.epoch + 1}: training accuracy {correct / digits:.2%}{shown}")
        self._sums[...] = 0
        self.step = 0
        self.epoch += 1

    def averaged_network(self, vector: Array) -> Network:
        """Return a network with these weights, its statistics measured on training images."""
        network = self.recipe.network(self.seed)
        network.vector[...] = vector
        entropy = [self.seed, 2**32 - 1]
        chosen = self.pools.order(np.random.default_rng(entropy))[:_CALIBRATION_FRAMES]
        network.measure_statistics(self._frames(chosen, [*entropy, 1]))
        return network

    def _bar(self, shown: bool) -> Any:
        return tqdm(
            total=self._starts[-1] * self.recipe.batch,
            initial=(self._starts[self.epoch] + self.step) * self.recipe.batch,
            desc=f"epoch {self.epoch + 1}/{self.recipe.epochs}",
            unit=" images",
            unit_scale=True,
            mininterval=0.5,
            disable=not shown,
            leave=False,
        )

    def _show(self, bar: Any, started: float, first: int) -> None:
        bar.update(self.recipe.batch)
        if self.step % 20 == 0:
            loss, correct, digits = self._sums
            bar.set_postfix_str(
                f"loss {loss / (self.step * self.recipe.batch):.4f}, "
                f"accuracy {correct / max(digits, 1):.2%}",
                refresh=False,
            )

    def _fingerprint(self) -> str:
        values = {k: v for k, v in vars(self.recipe).items() if not callable(v)}
        return json.dumps([values, self.seed, self.pools.digests], sort_keys=True)

    def save(self, path: Path) -> None:
        """Write all that `resume` needs, so that the file appears whole or not at all."""
        about = {
            "fingerprint": self._fingerprint(),
            "epoch": self.epoch,
            "step": self.step,
            "history": self.history,
        }
        buffer = io.BytesIO()
        np.savez(
            buffer,
            allow_pickle=False,
            about=np.array(json.dumps(about)),
            vector=self.network.vector,
            average=self.average,
            sums=self._sums,
            **{f"optimizer.{name}": array for name, array in self.optimizer.state.items()},
        )
        write_whole(path, buffer.getbuffer())

    def resume(self, path: Path) -> None:
        """Go back to where a checkpoint was written.

        Raises:
            TrainingError: if there is none that can be read, or it is of another training.
        """
        try:
            with np.load(path, allow_pickle=False) as saved:
                about = json.loads(str(saved["about"]))
                if about["fingerprint"] != self._fingerprint():
                    raise TrainingError(
                        f"the checkpoint {path} is of another recipe, seed or data; "
                        "train with those, or without --resume"
                    )
                self.network.vector[...] = saved["vector"]
                self.average[...] = saved["average"]
                self._sums[...] = saved["sums"]
                for name, array in self.optimizer.state.items():
                    array[...] = saved[f"optimizer.{name}"]
        except FileNotFoundError:
            raise TrainingError(f"there is no checkpoint {path}; train without --resume") from None
        except TrainingError:
            raise
        except Exception:  # noqa: BLE001 - a damaged archive fails in many ways
            raise TrainingError(
                f"the checkpoint {path} is damaged; train without --resume"
            ) from None
        self.epoch, self.step = about["epoch"], about["step"]
        self.history = about["history"]


def train(
    recipe: Recipe,
    seed: int,
    mnist: Mnist,
    out: Path,
    *,
    resume: bool = False,
    threads: int | None = None,
    progress: bool = True,
    say: Callable[[str], None] = print,
) -> tuple[Recognizer, list[dict[str, Any]]] | None:
    """Train a recipe to the end and write its weights to ``out``.

    The checkpoint lies beside ``out`` until then. Returns the recognizer and the history of the
    epochs, or None if Ctrl-C broke the training off.

    Raises:
        TrainingError: if the accuracy gate is not passed (no weights are written then), or the
            checkpoint to resume from is missing, damaged or another training's.
    """
    threads = threads or os.cpu_count() or 1
    checkpoint = out.with_name(f"{out.stem}.checkpoint.npz")
    pools = collect(recipe, seed, mnist, threads, progress=progress)
    trainer = Trainer(recipe, seed, pools, threads)
    if resume:
        trainer.resume(checkpoint)
    if not trainer.run(checkpoint, progress=progress):
        say(f"stopped; the same command with --resume goes on from {checkpoint}")
        return None
    network = trainer.averaged_network(trainer.average)
    with ThreadPoolExecutor(threads) as executor:
        outputs = {
            name: predict_all(network, samples.frames, executor)
            for name, samples in pools.validation.items()
        }
        errors = {
            name: error_rate(outputs[name], samples.labels)
            for name, samples in pools.validation.items()
        }
        seen = "validation" if "mnist" in errors else "training"
        accuracy = 1 - errors.get("mnist", 1 - trainer.history[-1]["accuracy"])
        if accuracy < recipe.gate:
            raise TrainingError(
                f"accuracy on the {seen} images is {accuracy:.2%} and the gate of the recipe "
                f"{recipe.name} {recipe.gate:.2%}; no weights were written"
            )
        # The one look at the test images, for the record: nothing is chosen by it.
        test_error = error_rate(
            predict_all(network, mnist.test_images, executor), mnist.test_labels
        )
    recognizer = Recognizer(
        network,
        *calibration(outputs, pools.validation),
        about={
            "recipe": recipe.name,
            "seed": seed,
            "data": pools.digests,
            "scores": {
                "mnist test error": test_error,
                **{f"{name} validation error": error for name, error in errors.items()},
            },
        },
    )
    digest = save_weights(out, recognizer)
    checkpoint.unlink(missing_ok=True)
    say(f"wrote {out}, SHA-256 {digest}: MNIST test error {test_error:.2%}")
    return recognizer, trainer.history


@contextmanager
def interruptions() -> Iterator[Callable[[], bool]]:
    """Turn Ctrl-C into a question to ask between steps, when all arrays fit together."""
    seen: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _frame: seen.append(number))
    try:
        yield lambda: bool(seen)
    finally:
        signal.signal(signal.SIGINT, before)
