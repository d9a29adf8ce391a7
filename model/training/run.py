"""A whole training: from the data to a weights file, if the network passes its gate."""

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from model.data.mnist import Mnist
from model.errors import TrainingError
from model.recognizer import Recognizer
from model.samples import Samples
from model.training import checkpoint
from model.training.pools import collect
from model.training.recipes import Recipe
from model.training.trainer import Epoch, Trainer
from model.training.validation import calibration, error_rate, logits_of
from model.weights import save_weights


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
) -> tuple[Recognizer, list[Epoch]] | None:
    """Train a recipe to the end and write its weights.

    Returns the recognizer and a record of each epoch, or None if Ctrl-C broke the training off.

    Args:
        recipe: what to train.
        seed: of all random numbers, 0 or more.
        mnist: the data set.
        out: the weights file. Until it is written, a checkpoint lies beside it.
        resume: whether to go on from that checkpoint.
        threads: that compute, and processes that draw; one for each core by default.
        progress: whether to show bars.
        say: told how it ended.

    Raises:
        TrainingError: if the network does not pass the gate (no weights are written then), or the
            checkpoint to resume from is missing, damaged or of another training.
    """
    threads = threads or os.cpu_count() or 1
    saved = out.with_name(f"{out.stem}.checkpoint.npz")
    pools = collect(recipe.data, seed, mnist, threads, progress=progress)
    trainer = Trainer(recipe, seed, pools, threads)
    if resume:
        checkpoint.resume(trainer, saved)
    if not trainer.run(partial(checkpoint.save, trainer, saved), progress=progress):
        say(f"stopped; the same command with --resume goes on from {saved}")
        return None
    _pass_gate(recipe, trainer.history[-1])
    recognizer = _recognizer(trainer, mnist, threads)
    digest = save_weights(out, recognizer)
    saved.unlink(missing_ok=True)
    test_error = recognizer.about["scores"]["mnist test error"]
    say(f"wrote {out}, SHA-256 {digest}: MNIST test error {test_error:.2%}")
    return recognizer, trainer.history


def _pass_gate(recipe: Recipe, last: Epoch) -> None:
    """Raise TrainingError if the last epoch's accuracy is below the recipe's gate."""
    seen, accuracy = "training", last.accuracy
    if "mnist" in last.validation_errors:
        seen, accuracy = "validation", 1 - last.validation_errors["mnist"]
    if accuracy < recipe.gate:
        raise TrainingError(
            f"accuracy on the {seen} images is {accuracy:.2%} and the gate of the recipe "
            f"{recipe.name} {recipe.gate:.2%}; no weights were written"
        )


def _recognizer(trainer: Trainer, mnist: Mnist, threads: int) -> Recognizer:
    """Return the trained network with its calibration, and with what is to be known of it."""
    network, pools = trainer.averaged_network(), trainer.pools
    # The one look at the test images, for the record: nothing is chosen by it.
    test = Samples(mnist.test_images, mnist.test_labels.astype(np.int64))
    test_error = error_rate(logits_of(network, test, threads), test.labels)
    errors = trainer.history[-1].validation_errors
    scores = {f"{name} validation error": error for name, error in errors.items()}
    about = {
        "recipe": trainer.recipe.name,
        "seed": trainer.seed,
        "data": pools.digests,
        "scores": {"mnist test error": test_error, **scores},
    }
    return Recognizer(network, *calibration(network, pools.validation, threads), about=about)
