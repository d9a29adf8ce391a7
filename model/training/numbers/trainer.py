"""Training the network that reads numbers: strips drawn anew in every step, and the loop.

Every random number of a step comes from (seed, step, shard), so that a run which was broken off
goes on from its checkpoint to the same weights, to the bit, whatever the number of threads.
"""

import io
import json
import os
import threading
import time
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from tqdm import tqdm

from model.data.mnist import Mnist
from model.drawn.numbers.strips import Strips
from model.errors import TrainingError
from model.files import write_whole
from model.nn.ctc import NO_SIGN, ctc_loss
from model.nn.fast.workspace import Workspace
from model.nn.layers import Array
from model.nn.network import Network
from model.nn.optimizers import AdamW
from model.number_reader import NumberReader
from model.recognizer import Recognizer
from model.training.numbers.calibration import with_behind, write_calibrated
from model.training.numbers.pools import NumberPools, collect_sprites, draw_ahead, draw_shard
from model.training.numbers.recipe import OUTPUTS, NumberRecipe, number_network, rate_at
from model.training.pools import digest
from model.training.trainer import interruptions

_STATISTICS_WIDTH = 120  # of the strips that statistics are measured on
_VALIDATION_WIDTHS = (48, 96, 144, 240)
_CHECKPOINT_SECONDS = 60.0


def to_network(ink: Array) -> Array:
    """Return strips uint8 (N, H, W) as float32 (N, H, W, 1) in [-0.5, 0.5], ink +0.5."""
    x = ink[..., np.newaxis] * np.float32(1 / 255)
    x -= np.float32(0.5)
    return x


def columns(logits: Array) -> Array:
    """Return the network's outputs (N, 1, T, 11) as (N, T, 11)."""
    return logits.reshape(len(logits), -1, OUTPUTS)


def best_path(logits: Array) -> list[tuple[int, ...]]:
    """Return what the likeliest path of each picture (N, T, 11) says."""
    best = logits.argmax(axis=2)
    new = np.ones(best.shape, bool)
    new[:, 1:] = best[:, 1:] != best[:, :-1]
    new &= best != OUTPUTS - 1
    return [tuple(row[keep].tolist()) for row, keep in zip(best, new, strict=True)]


def texts_of(strips: Strips) -> list[tuple[int, ...]]:
    """Return the texts of strips as tuples of digits."""
    return [tuple(text[text != NO_SIGN].tolist()) for text in strips.texts]


class ShardResult(NamedTuple):
    """The sums over a shard: gradient as Network.vector, loss, strips read right, strips, signs."""

    gradient: Array
    loss: float
    right: int
    strips: int
    signs: int


def shard_result(network: Network, strips: Strips, out: Array | None = None) -> ShardResult:
    """Run strips forward and backward; the gradient is written to ``out`` if that is given."""
    logits, caches = network.forward(to_network(strips.ink))
    by_column = columns(logits)
    losses, gradient = ctc_loss(by_column, strips.texts)
    _, grads = network.backward(gradient.reshape(logits.shape), caches)
    said = best_path(by_column)
    right = sum(a == b for a, b in zip(said, texts_of(strips), strict=True))
    signs = int((strips.texts != NO_SIGN).sum())
    vector = network.gradient_vector(grads, out)
    return ShardResult(vector, float(losses.sum()), right, len(said), signs)


class NumberTrainer:
    """One training, from its first step or from a checkpoint to its last."""

    def __init__(self, recipe: NumberRecipe, seed: int, pools: NumberPools, threads: int) -> None:
        self.recipe, self.seed, self.pools = recipe, seed, pools
        self.network = number_network(seed)
        decayed = [
            np.full(array.size, array.ndim > 1)
            for layer in self.network.layers
            for array in layer.parameters.values()
        ]
        self.optimizer = AdamW(np.concatenate(decayed), weight_decay=recipe.weight_decay)
        self.average = self.network.vector.copy()
        self.history: list[dict[str, Any]] = []
        self.step = 0
        self._sums = np.zeros(4)  # loss, right, strips, signs since the last check
        self._threads = min(threads, recipe.shards)
        self._local = threading.local()
        shape = (recipe.shards, self.network.vector.size)
        self._gradients = np.empty(shape, self.network.vector.dtype)
        self._validation = [
            pools.validation.strips(
                recipe.validation_strips, width, np.random.default_rng([seed, width])
            )
            for width in _VALIDATION_WIDTHS
        ]

    def run(
        self, checkpoint: Path, interrupted: Callable[[], bool], *, progress: bool = True
    ) -> bool:
        """Train to the end, writing checkpoints; False if it was broken off."""
        recipe = self.recipe
        saved = started = time.monotonic()
        with (
            closing(self._shards()) as drawn,
            ThreadPoolExecutor(self._threads) as executor,
            tqdm(
                total=recipe.steps,
                initial=self.step,
                unit=" steps",
                mininterval=1.0,
                disable=not progress,
            ) as bar,
        ):
            for shards in drawn:
                self._take_step(shards, executor)
                bar.update()
                if self.step % 20 == 0:
                    loss, right, strips, signs = self._sums
                    shown = f"loss {loss / (signs + strips):.4f}, right {right / strips:.2%}"
                    bar.set_postfix_str(shown, refresh=False)
                if self.step % recipe.check_steps == 0 or self.step == recipe.steps:
                    self._check(bar, time.monotonic() - started)
                if interrupted() or time.monotonic() - saved > _CHECKPOINT_SECONDS:
                    self.save(checkpoint)
                    saved = time.monotonic()
                if interrupted():
                    return False
        return True

    def _shards(self) -> Generator[list[Strips]]:
        """Yield the shards of each step that is left."""
        maker, recipe, seed = self.pools.training, self.recipe, self.seed
        if self._threads > 1:
            yield from draw_ahead(maker, recipe, seed, self.step)
            return
        for step in range(self.step, recipe.steps):
            yield [draw_shard(maker, recipe, seed, step, number) for number in range(recipe.shards)]

    def _take_step(self, shards: Sequence[Strips], executor: ThreadPoolExecutor) -> None:
        recipe = self.recipe
        run = map if self._threads == 1 else executor.map
        results = list(run(self._run_shard, range(len(shards)), shards))
        gradient = results[0].gradient
        for result in results[1:]:  # in the shards' order, so that rounding is always the same
            gradient += result.gradient
        gradient /= sum(result.strips + result.signs for result in results)
        self.optimizer.step(self.network.vector, gradient, rate_at(recipe, self.step))
        share = 1 / min(self.step + 1, recipe.average_steps)
        self.average += np.float32(share) * (self.network.vector - self.average)
        self._sums += np.sum([result[1:] for result in results], axis=0)
        self.step += 1

    def _run_shard(self, number: int, strips: Strips) -> ShardResult:
        workspace = getattr(self._local, "workspace", None)
        if workspace is None:
            workspace = self._local.workspace = Workspace()
        with workspace.reused():
            return shard_result(self.network, strips, self._gradients[number])

    def averaged_network(self) -> Network:
        """Return a network with the averaged weights and statistics of training strips."""
        network = self.network.like()
        network.vector[...] = self.average
        width, count = _STATISTICS_WIDTH, self.recipe.statistics_strips
        rng = np.random.default_rng([self.seed, 2**32 - 1])
        network.measure_statistics(to_network(self.pools.training.strips(count, width, rng).ink))
        return network

    def validate(self, network: Network) -> dict[str, float]:
        """Return the share of validation strips read wrong, by width."""
        errors = {}
        for strips in self._validation:
            x = to_network(strips.ink)
            logits = columns(network.copy(x.shape[1:]).predict(x))
            wrong = sum(a != b for a, b in zip(best_path(logits), texts_of(strips), strict=True))
            errors[f"width {strips.ink.shape[2]}"] = wrong / len(strips.ink)
        return errors

    def _check(self, bar: Any, seconds: float) -> None:
        loss, right, strips, signs = self._sums
        errors = self.validate(self.averaged_network())
        record = {
            "step": self.step,
            "loss": loss / (strips + signs),
            "right": right / strips,
            "seconds": seconds,
            **errors,
        }
        self.history.append(record)
        shown = ", ".join(f"{name} {error:.2%}" for name, error in errors.items())
        bar.write(
            f"step {self.step}: {seconds:.0f} s, loss {record['loss']:.4f}, "
            f"right {record['right']:.2%}, validation errors: {shown}"
        )
        self._sums[...] = 0

    def _fingerprint(self) -> str:
        """What the weights of a step that is not yet one of the settling ones depend on."""
        later = {"steps", "settling_steps", "check_steps", "validation_strips", "gate"}
        later |= {"calibration_pictures", "calibration_others", "statistics_strips"}
        values = {name: value for name, value in vars(self.recipe).items() if name not in later}
        return json.dumps([values, self.seed], sort_keys=True)

    def resume(self, path: Path) -> None:
        """Go back to where a checkpoint was written.

        Raises:
            TrainingError: if there is none that can be read, or it is of another training.
        """
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as saved:
                about = json.loads(str(saved["about"]))
                if about["fingerprint"] != self._fingerprint():
                    raise TrainingError(
                        f"the checkpoint {path} is of another recipe or seed; "
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
        self.step, self.history = about["step"], about["history"]

    def save(self, path: Path) -> None:
        """Write all that `resume` needs, so that the file appears whole or not at all."""
        about = {"fingerprint": self._fingerprint(), "step": self.step, "history": self.history}
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


def train_numbers(
    recipe: NumberRecipe,
    seed: int,
    mnist: Mnist,
    out: Path,
    *,
    digits: Recognizer | None = None,
    second: NumberReader | None = None,
    resume: bool = False,
    threads: int | None = None,
    progress: bool = True,
    say: Callable[[str], None] = print,
) -> list[dict[str, Any]] | None:
    """Train a recipe to the end and write its weights to ``out``.

    ``digits`` reads single digits beside it, so confidence is calibrated for both together. The
    networks of ``second``, whose batch normalisation is not folded away, are written as those that
    are asked where the trained one leaves a doubt: its first as second, its second as third.

    The checkpoint lies beside ``out`` until then. Returns the history, or None if Ctrl-C broke the
    training off.

    Raises:
        TrainingError: if the gate is not passed (no weights are written then), the checkpoint to
            resume from is missing, damaged or another training's, or ``second`` has other layers.
    """
    if second is not None:  # refused now, not after the training
        with_behind(NumberReader(number_network(seed), digits), second)
    threads = threads or os.cpu_count() or 1
    checkpoint = out.with_name(f"{out.stem}.checkpoint.npz")
    pools = collect_sprites(recipe, seed, mnist, threads, progress=progress)
    trainer = NumberTrainer(recipe, seed, pools, threads)
    if resume:
        trainer.resume(checkpoint)
    with interruptions() as interrupted:
        if not trainer.run(checkpoint, interrupted, progress=progress):
            say(f"stopped; the same command with --resume goes on from {checkpoint}")
            return None
    network = trainer.averaged_network()
    errors = trainer.validate(network)
    right = 1 - float(np.mean(list(errors.values())))
    if right < recipe.gate:
        trainer.save(checkpoint)
        raise TrainingError(
            f"only {right:.1%} of the validation strips are read right and {recipe.gate:.1%} are "
            "wanted; no weights were written"
        )
    about = {
        "recipe": recipe.name,
        "recipe values": asdict(recipe),
        "seed": seed,
        "data": {"training images": digest(mnist.train_images, mnist.train_labels)},
        "scores": {f"{name} validation error": error for name, error in errors.items()},
    }
    uncalibrated = NumberReader(network, digits, about=about)
    if second is not None:
        uncalibrated = with_behind(uncalibrated, second)
    written = write_calibrated(out, uncalibrated, recipe, seed, pools.validation)
    checkpoint.unlink(missing_ok=True)
    say(f"wrote {out}, SHA-256 {written}: {right:.1%} of the validation strips read right")
    return trainer.history
