"""Weights on disk: one `.npz` that says in itself what it is.

It holds each array of the network by name and, as UTF-8 JSON in the array ``about``, a format
number, the architecture to rebuild, every array's shape and dtype, the calibration, and where it
came from: recipe, seed, digests of the data, scores.

A file may come from anyone. What is wrong with it is a WeightsError, found at a bounded cost: a
service that is told to load it goes on with the weights it had.
"""

import hashlib
import io
import json
import math
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

from model.errors import FileError, WeightsError
from model.files import read_arrays, read_whole, write_whole
from model.nn.base import Array, Layer
from model.nn.layers import LAYERS
from model.nn.network import Network, count_numbers
from model.recognizer import DIGITS, Recognizer

FORMAT = 1
MAX_BYTES = 64 * 2**20  # of the file, and of what it unpacks to; ours has 1.6 MB
MAX_ABOUT_BYTES = 64 * 2**10  # of JSON, which whoever asks is told; ours has 3.4 kB
MAX_DEPTH = 10  # of lists and objects in that JSON; ours has 4
MAX_LAYERS = 50  # ours has 18
MAX_ARRAYS = 4 * MAX_LAYERS + 1  # a layer has four at most
MAX_OPTION = 4096  # any number that makes a layer what it is
MAX_VALUES = 2**18  # a layer's output for one frame; ours has 9,216 at most
MAX_MULTIPLY_ADDS = 10**9  # for one frame; ours has 10.9 million
MAX_LOGIT = 1e30  # which the probabilities can still be computed from
TEMPERATURES = (1e-3, 1e3)  # outside nothing is left of a probability
MAX_SCALE = 1e6  # of the eleventh output, and its largest offset
_IN_FILE = {"kernel_size": "kernel"}  # options of layers that format 1 calls by another name
_IN_CODE = {in_file: name for name, in_file in _IN_FILE.items()}
_CALIBRATION = ("temperature", "is_digit_scale", "is_digit_offset")
_REMEDY = "run `python -m model train` to make good ones, or point DIGITS_WEIGHTS at another file"


def describe(network: Network) -> list[dict[str, Any]]:
    """Return the architecture, one JSON-able row for each layer, with its output shape."""
    return [
        {
            "layer": type(layer).__name__,
            **{_IN_FILE.get(name, name): value for name, value in layer.options().items()},
            "output": list(shape),
        }
        for layer, shape in zip(network.layers, network.shapes, strict=True)
    ]


def build(architecture: Sequence[dict[str, Any]], most_numbers: int) -> Network:
    """Return the network that `describe` described, its parameters not yet set.

    Raises:
        KeyError, TypeError, ValueError and others: if the rows name no such layers, have options
            that these do not have, do not fit together, or have more than ``most_numbers`` weights.
    """
    layers: list[Layer] = []
    for row in architecture:
        kind = LAYERS[row["layer"]]
        options = {
            _IN_CODE.get(key, key): value
            for key, value in row.items()
            if key not in ("layer", "output")
        }
        types = {item.name: item.type for item in fields(kind)}
        for name, value in options.items():
            if type(value) is not types[name] or not 0 <= value <= MAX_OPTION:
                raise ValueError(f"{value!r} is no {name} of {kind.__name__}")
        layers.append(kind(**options))
    # Refused before there is memory for it: the file cannot fill such a network.
    if count_numbers(layers) > most_numbers:
        raise ValueError("too many parameters")
    return Network(layers)


def save_weights(path: str | Path, recognizer: Recognizer) -> str:
    """Write a recognizer so that the file appears whole or not at all; return its SHA-256.

    Raises:
        ValueError: if what is to be said of it is no JSON, as NaN is not.
        OSError: if it cannot be written.
    """
    arrays = recognizer.network.arrays()
    about = {
        **recognizer.about,
        "format": FORMAT,
        "architecture": describe(recognizer.network),
        "multiply_adds": recognizer.network.multiply_adds(),
        "arrays": {
            name: {"shape": list(array.shape), "dtype": str(array.dtype)}
            for name, array in arrays.items()
        },
        "temperature": recognizer.temperature,
        "is_digit_scale": recognizer.is_digit_scale,
        "is_digit_offset": recognizer.is_digit_offset,
    }
    buffer = io.BytesIO()
    text = np.frombuffer(json.dumps(about, sort_keys=True, allow_nan=False).encode(), np.uint8)
    np.savez(buffer, allow_pickle=False, about=text, **arrays)
    write_whole(Path(path), buffer.getbuffer())
    return hashlib.sha256(buffer.getbuffer()).hexdigest()


def load_weights(path: str | Path) -> Recognizer:
    """Read, check and rebuild what `save_weights` wrote, batch normalisation folded away.

    Raises:
        WeightsError: if the file is missing, cut short, not ours, pickled, of another format, too
            large in any respect, or its arrays have other names, shapes or dtypes than it says, or
            numbers that are not finite or give readings that are not. Nothing in it is executed.
    """
    try:
        content = read_whole(Path(path), MAX_BYTES)
        arrays = read_arrays(content, MAX_BYTES, MAX_ARRAYS)
        about = _about(arrays)
        with np.errstate(all="ignore"):  # what is not finite is looked for
            network = _rebuild(about, arrays).folded()
            digest = hashlib.sha256(content).hexdigest()
            recognizer = Recognizer(network, *_calibration(about), about, digest)
            _try_out(recognizer)
    except FileError as error:
        raise WeightsError(f"weights file {path} {error}; {_REMEDY}") from None
    except Exception as error:  # a service goes on, whatever nobody thought of
        raise WeightsError(f"weights file {path} cannot be used; {_REMEDY}") from error
    return recognizer


def _about(arrays: dict[str, Array]) -> dict[str, Any]:
    """Take what the file says of itself out of its arrays, and check that anyone can be told it."""
    text = arrays.pop("about", np.empty(0, np.uint8)).tobytes()
    if len(text) > MAX_ABOUT_BYTES:
        raise FileError(f"says more than {MAX_ABOUT_BYTES // 2**10} KiB of itself")
    try:
        about = json.loads(text.decode())
    except (ValueError, RecursionError):
        raise FileError("is not one of ours: it does not say what it holds") from None
    if not isinstance(about, dict) or not _can_be_told(about):
        raise FileError("is not one of ours: what it says of itself is no proper JSON object")
    version = about.get("format")
    if type(version) is not int or version < 1:
        raise FileError("is not one of ours: it has no format number")
    if version > FORMAT:
        raise FileError(
            f"has format {version} and this version reads up to {FORMAT} "
            "(update digit-recognizer to read it)"
        )
    return about


def _can_be_told(value: Any, depth: int = 1) -> bool:
    """Tell whether any reader of JSON takes a value: no NaN, no half characters, not too deep."""
    if isinstance(value, dict):
        parts = [*value, *value.values()]
    elif isinstance(value, list):
        parts = value
    elif isinstance(value, str):
        return not any("\ud800" <= character <= "\udfff" for character in value)
    else:
        return value is None or abs(value) < 2**63  # which NaN is not
    return depth <= MAX_DEPTH and all(_can_be_told(part, depth + 1) for part in parts)


def _calibration(about: dict[str, Any]) -> tuple[float, float, float]:
    """Return temperature, scale and offset, see `Recognizer`."""
    values = [about.get(name, "") for name in _CALIBRATION]
    if all(type(value) in (int, float) for value in values):
        temperature, scale, offset = map(float, values)
        lowest, highest = TEMPERATURES
        if lowest <= temperature <= highest and max(abs(scale), abs(offset)) <= MAX_SCALE:
            return temperature, scale, offset
    raise FileError("does not describe how its probabilities are calibrated")


def _rebuild(about: dict[str, Any], arrays: dict[str, Array]) -> Network:
    """Return the network that a file describes, with its numbers."""
    # Twice as many as there are: an array that is missing is to be named below.
    most_numbers = 2 * sum(array.size for array in arrays.values())
    network = _described(about.get("architecture"), most_numbers)
    wanted, declared = network.arrays(), about.get("arrays")
    if not isinstance(declared, dict):
        raise FileError("does not describe its arrays")
    if set(arrays) != set(wanted) or set(declared) != set(wanted):
        odd = sorted(set(arrays) ^ set(wanted)) or sorted(set(declared) ^ set(wanted))
        shown = ", ".join(ascii(name)[:40] for name in odd[:5])
        raise FileError(f"lacks arrays of its architecture or has others: {shown}")
    for name, array in arrays.items():
        target, dtype = wanted[name], str(array.dtype)
        if array.shape != target.shape:
            raise FileError(f"has {name} of shape {array.shape} instead of {target.shape}")
        if array.dtype != target.dtype:
            raise FileError(f"has {name} of type {dtype[:40]} instead of {target.dtype}")
        if declared[name] != {"shape": list(array.shape), "dtype": dtype}:
            raise FileError(f"says of {name} another shape or type than it has")
        if not np.isfinite(array).all():
            raise FileError(f"has numbers in {name} that are not finite")
        target[...] = array
    return network


def _described(architecture: Any, most_numbers: int) -> Network:
    """Return the network of an architecture, without its numbers, if it can read digits."""
    try:
        if len(architecture) > MAX_LAYERS:
            raise FileError(f"describes more than {MAX_LAYERS} layers")
        network = build(architecture, most_numbers)
        work = network.multiply_adds()
        values = max(math.prod(shape) for shape in network.shapes)
    except FileError:
        raise
    except Exception:  # noqa: BLE001 - layers fail in many ways on options that make no sense
        raise FileError("describes no network that can be built") from None
    if network.shapes[-1] not in ((DIGITS,), (DIGITS + 1,)):
        raise FileError("does not describe a network that reads ten digits")
    if work > MAX_MULTIPLY_ADDS or values > MAX_VALUES:
        raise FileError("describes a network that takes too much work or memory")
    return network


def _try_out(recognizer: Recognizer) -> None:
    """Check that frames can be read, alone and together, and that none gives what is no number.

    What a layer gives is at most what it gives with all parameters positive on a frame that is all
    ink. So one such frame tells how large any number can become.
    """
    frames = np.linspace(-0.5, 0.5, 5 * 28 * 28, dtype=np.float32).reshape(5, 28, 28, 1)
    try:
        recognizer.read(frames[:1])
        recognizer.read(frames)
        positive = recognizer.network.folded()  # a copy
        np.abs(positive.vector, out=positive.vector)
        for layer in positive.layers:
            if "mean" in layer.statistics:  # which is subtracted
                layer.statistics["mean"] = -np.abs(layer.statistics["mean"])
        largest = positive.predict(np.full_like(frames[:1], 0.5))
    except Exception:  # noqa: BLE001 - layers fail in many ways on options that make no sense
        raise FileError("describes a network that cannot read") from None
    if not (largest <= MAX_LOGIT).all():  # nor is NaN
        raise FileError("has numbers that are so large that readings would not be numbers")
