"""Fitting what a reader of numbers says of its confidence, at the end of a training or anew."""

import json
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from model.data.mnist import Mnist
from model.drawn.numbers.pictures import KINDS, OTHER, picture
from model.drawn.numbers.strips import StripMaker
from model.errors import EmptyDrawing, TrainingError
from model.frame.numbers.strip import frame_strip
from model.nn.losses import log_odds_of
from model.nn.network import Network
from model.number_reader import NumberReader
from model.recognizer import Recognizer
from model.training.calibration import fit_sigmoid
from model.training.numbers.pools import validation_strips
from model.training.numbers.recipe import NumberRecipe
from model.weights import describe, load_numbers, save_numbers

_BEHIND = ("second", "third")  # what a file says of the networks behind its first, and how many
_OF_TRAINING = ("recipe", "recipe values", "seed", "data", "scores")  # what is told of them


def calibrate_numbers(
    recipe: NumberRecipe,
    seed: int,
    mnist: Mnist,
    out: Path,
    *,
    digits: Recognizer,
    second: NumberReader | None = None,
    threads: int | None = None,
    progress: bool = True,
    say: Callable[[str], None] = print,
) -> None:
    """Fit the confidence of the weights in ``out`` anew, and write them again.

    For when another network than before reads single digits beside them, or others are to stand
    behind them: those of ``second``, as in `trainer.train_numbers`.

    Raises:
        WeightsError: if there are no such weights.
        TrainingError: if they are of another recipe or seed, or ``second`` has other layers.
    """
    trained = load_numbers(out, digits, folded=False)
    if _of_training(trained.about.get("recipe values"), trained.about.get("seed")) != (
        _of_training(json.loads(json.dumps(asdict(recipe))), seed)
    ):
        raise TrainingError(
            f"{out} is of another recipe or seed; train with those, or without --calibrate"
        )
    if second is not None:
        trained = with_behind(trained, second)
    validation = validation_strips(recipe, seed, mnist, threads, progress=progress)
    trained = replace(trained, about={**trained.about, "recipe values": asdict(recipe)})
    written = write_calibrated(out, trained, recipe, seed, validation)
    say(f"wrote {out}, SHA-256 {written}: its confidence is fitted anew")


def with_behind(reader: NumberReader, earlier: NumberReader) -> NumberReader:
    """Return a reader with the networks of an earlier one behind its own.

    The batch normalisation of neither is folded away.

    Raises:
        TrainingError: if the earlier one has other layers.
    """
    if describe(earlier.network) != describe(reader.network):
        raise TrainingError(
            "the second network has other layers than the one to be trained; "
            "name weights of the same layers, or none"
        )
    about = {name: value for name, value in reader.about.items() if name not in _BEHIND}
    told = [{key: earlier.about.get(key) for key in _OF_TRAINING}]
    told += [earlier.about[name] for name in _BEHIND if name in earlier.about]
    about |= dict(zip(_BEHIND, told, strict=False))
    behind = (earlier.network, *earlier.behind)[: len(_BEHIND)]
    return replace(reader, behind=tuple(map(_at_half_precision, behind)), about=about)


def _at_half_precision(network: Network) -> Network:
    """Return a copy with the numbers that a file keeps of it, so that these are calibrated."""
    copy = network.copy()
    for array in copy.arrays().values():
        array[...] = array.astype(np.float16)
    return copy


def _of_training(values: Any, seed: Any) -> tuple[Any, Any]:
    """Return what decided the weights, calibration apart."""
    if not isinstance(values, dict):
        return values, seed
    kept = {name: value for name, value in values.items() if not name.startswith("calibration")}
    return kept, seed


def write_calibrated(
    out: Path, reader: NumberReader, recipe: NumberRecipe, seed: int, validation: StripMaker
) -> str:
    """Fit a reader's confidence and write it; return the file's SHA-256."""
    beside = reader.digits.digest if reader.digits is not None else None
    fitted = calibrated(reader, validation, seed, recipe)
    return save_numbers(out, replace(fitted, about={**reader.about, "calibrated beside": beside}))


def calibrated(
    reader: NumberReader, maker: StripMaker, seed: int, recipe: NumberRecipe
) -> NumberReader:
    """Return the reader with a confidence that fits pictures of styles and kinds left out.

    As in `model.training.calibration`, but yes and no count as often as they are.
    """
    rng = np.random.default_rng([seed, 2**31])
    log_odds, right = [], []
    for kind in KINDS:
        others = kind == OTHER
        for _ in range(recipe.calibration_others if others else recipe.calibration_pictures):
            grey, text = picture(kind, maker, rng)
            try:
                strip = frame_strip(grey)
            except EmptyDrawing:
                continue
            log_p = reader.log_probabilities(strip.ink)
            number, log_number = reader.candidates(strip, log_p, None, grey)[0]
            log_odds.append(log_odds_of(log_number))
            right.append("".join(map(str, number)) == text)
    scale, offset = fit_sigmoid(np.array(log_odds), np.array(right, np.float64), balanced=False)
    return replace(reader, scale=scale, offset=offset)
