"""Weights on disk: one `.npz` that says in itself what it is.

It holds each array of the network by name and, as UTF-8 JSON in the array ``about``, a format
number, the architecture to rebuild, every array's shape and dtype, the calibration, and where it
came from: recipe, seed, digests of the data, scores. There are two kinds, of networks that read
one digit and of those that read numbers; a file of one kind is never taken for the other.

A file may come from anyone. What is wrong with it is a WeightsError, found at a bounded cost: a
service that is told to load it goes on with the weights it had.
"""

import hashlib
import io
import json
import math
from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import numpy as np

from model.errors import FileError, WeightsError
from model.files import read_arrays, read_whole, write_whole
from model.nn.base import Array, Layer, Shape, Sides
from model.nn.layers import LAYERS
from model.nn.network import FRAME_SHAPE, Network, count_numbers
from model.number_reader import COLUMN, NumberReader
from model.recognizer import DIGITS, Recognizer

_IN_A_WHEEL = Path(__file__).parent / "shipped"
SHIPPED = _IN_A_WHEEL if _IN_A_WHEEL.is_dir() else Path(__file__).parents[1] / "weights"  # folder
FORMAT = 2  # 1 where there is one network, as in all files before
MAX_BYTES = 64 * 2**20  # of the file, and of what it unpacks to; ours have 1.6 and 3.9 MB
MAX_ABOUT_BYTES = 64 * 2**10  # of JSON, which whoever asks is told; ours have 3.6 and 11 kB
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
# Before the names of the arrays of networks of the same layers that stand behind the first: asked
# where that leaves a doubt, for which half the precision is enough.
_OF_BEHIND = ("second.", "third.")
_REMEDY = "run `python -m model train` to make good ones, or point DIGITS_WEIGHTS at another file"


class _Kind(NamedTuple):
    """What files of one kind hold.

    ``task``: what such a file says that it is for; those for single digits say nothing.
    ``input_shape``: of a network as it is rebuilt. ``outputs``: the shapes that it may give.
    ``calibration``: a temperature, a scale and an offset, as they are called.
    """

    task: str | None
    reads: str
    input_shape: Shape
    outputs: Sequence[Shape]
    calibration: tuple[str, str, str]


_DIGITS = _Kind(
    None,
    "ten digits",
    FRAME_SHAPE,
    [(DIGITS,), (DIGITS + 1,)],
    ("temperature", "is_digit_scale", "is_digit_offset"),
)
_NUMBERS = _Kind(
    "numbers",
    "numbers",
    (36, 30 * COLUMN, 1),  # its numbers fit strips of any width
    [(1, 30, DIGITS + 1)],
    ("temperature", "scale", "offset"),
)


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


def build(
    architecture: Sequence[dict[str, Any]], most_numbers: int, input_shape: Shape = FRAME_SHAPE
) -> Network:
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
            if not _is_option(value, types[name]):
                raise ValueError(f"{value!r} is no {name} of {kind.__name__}")
        layers.append(kind(**options))
    # Refused before there is memory for it: the file cannot fill such a network.
    if count_numbers(layers, input_shape) > most_numbers:
        raise ValueError("too many parameters")
    return Network(layers, input_shape=input_shape)


def _is_option(value: Any, kind: Any) -> bool:
    """Tell whether a value from JSON, where a pair is a list, can be an option of that type."""
    if kind == Sides and type(value) is list:
        return len(value) == 2 and all(_is_option(side, int) for side in value)
    return type(value) is (int if kind == Sides else kind) and 0 <= value <= MAX_OPTION


def save_weights(path: str | Path, recognizer: Recognizer) -> str:
    """Write a recognizer so that the file appears whole or not at all; return its SHA-256.

    Raises:
        ValueError: if what is to be said of it is no JSON, as NaN is not.
        OSError: if it cannot be written.
    """
    return _save(path, recognizer, _DIGITS)


def save_numbers(path: str | Path, reader: NumberReader) -> str:
    """Write a reader of numbers, its digits' network apart; all else is as in `save_weights`."""
    return _save(path, reader, _NUMBERS)


def _save(path: str | Path, saved: Recognizer | NumberReader, kind: _Kind) -> str:
    arrays = saved.network.arrays()
    behind = saved.behind if isinstance(saved, NumberReader) else ()
    for prefix, network in zip(_OF_BEHIND, behind, strict=False):
        for name, array in network.arrays().items():
            arrays[prefix + name] = array.astype(np.float16)
    about = {
        **saved.about,
        **({} if kind.task is None else {"task": kind.task}),
        "format": FORMAT if behind else 1,
        "architecture": describe(saved.network),
        "multiply_adds": saved.network.multiply_adds(),
        "arrays": {
            name: {"shape": list(array.shape), "dtype": str(array.dtype)}
            for name, array in arrays.items()
        },
        **{name: getattr(saved, name) for name in kind.calibration},
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

    def made(networks: Sequence[Network], *others: Any) -> Recognizer:
        [network] = networks
        return Recognizer(network, *others)

    return _load(path, _DIGITS, made)


def numbers_beside(weights: Path) -> Path | None:
    """Return `numbers.npz` beside a file of weights, or None if it is not there."""
    beside = weights.with_name("numbers.npz")
    return beside if beside.is_file() else None


def load_numbers(
    path: str | Path, digits: Recognizer | None = None, *, folded: bool = True
) -> NumberReader:
    """Read, check and rebuild what `save_numbers` wrote; ``digits`` gives a second opinion.

    ``folded`` folds batch normalisation away; without that, the reader can be saved again.

    Raises:
        WeightsError: as `load_weights` does.
    """

    def made(networks: Sequence[Network], *others: Any) -> NumberReader:
        first, *behind = networks
        return replace(NumberReader(first, digits, *others), behind=tuple(behind))

    return _load(path, _NUMBERS, made, folded=folded)


_R = TypeVar("_R", Recognizer, NumberReader)


def _load(path: str | Path, kind: _Kind, make: Callable[..., _R], *, folded: bool = True) -> _R:
    try:
        content = read_whole(Path(path), MAX_BYTES)
        arrays = read_arrays(content, MAX_BYTES, MAX_ARRAYS)
        about = _about(arrays)
        if about.get("task") != kind.task:
            task = "single digits" if kind.task is None else kind.task
            raise FileError(f"is of a network for another task than {task}")
        with np.errstate(all="ignore"):  # what is not finite is looked for
            networks = _rebuild(about, arrays, kind)
            if folded:
                networks = [network.folded() for network in networks]
            digest = hashlib.sha256(content).hexdigest()
            loaded = make(networks, *_calibration(about, kind), about, digest)
            _try_out(loaded, networks)
    except FileError as error:
        raise WeightsError(f"weights file {path} {error}; {_REMEDY}") from None
    except Exception as error:  # a service goes on, whatever nobody thought of
        raise WeightsError(f"weights file {path} cannot be used; {_REMEDY}") from error
    return loaded


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


def _calibration(about: dict[str, Any], kind: _Kind) -> tuple[float, float, float]:
    """Return temperature, scale and offset, see `Recognizer` and `NumberReader`."""
    values = [about.get(name, "") for name in kind.calibration]
    if all(type(value) in (int, float) for value in values):
        temperature, scale, offset = map(float, values)
        lowest, highest = TEMPERATURES
        if lowest <= temperature <= highest and max(abs(scale), abs(offset)) <= MAX_SCALE:
            return temperature, scale, offset
    raise FileError("does not describe how its probabilities are calibrated")


def _rebuild(about: dict[str, Any], arrays: dict[str, Array], kind: _Kind) -> list[Network]:
    """Return the network that a file describes, or those of numbers, with their numbers."""
    # Twice as many as there are: an array that is missing is to be named below.
    most_numbers = 2 * sum(array.size for array in arrays.values())
    networks = [_described(about.get("architecture"), most_numbers, kind)]
    wanted, declared = networks[0].arrays(), about.get("arrays")
    for prefix in _OF_BEHIND if kind is _NUMBERS else ():
        if any(name.startswith(prefix) for name in arrays):
            networks.append(networks[0].like())
            wanted |= {prefix + name: array for name, array in networks[-1].arrays().items()}
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
        may_be_half = name.startswith(_OF_BEHIND) and array.dtype == np.float16
        if array.dtype != target.dtype and not may_be_half:
            raise FileError(f"has {name} of type {dtype[:40]} instead of {target.dtype}")
        if declared[name] != {"shape": list(array.shape), "dtype": dtype}:
            raise FileError(f"says of {name} another shape or type than it has")
        if not np.isfinite(array).all():
            raise FileError(f"has numbers in {name} that are not finite")
        target[...] = array
    return networks


def _described(architecture: Any, most_numbers: int, kind: _Kind) -> Network:
    """Return the network of an architecture, without its numbers, if it can read what it is for."""
    try:
        if len(architecture) > MAX_LAYERS:
            raise FileError(f"describes more than {MAX_LAYERS} layers")
        network = build(architecture, most_numbers, kind.input_shape)
        work = network.multiply_adds()
        values = max(math.prod(shape) for shape in network.shapes)
    except FileError:
        raise
    except Exception:  # noqa: BLE001 - layers fail in many ways on options that make no sense
        raise FileError("describes no network that can be built") from None
    if network.shapes[-1] not in kind.outputs:
        raise FileError(f"does not describe a network that reads {kind.reads}")
    if work > MAX_MULTIPLY_ADDS or values > MAX_VALUES:
        raise FileError("describes a network that takes too much work or memory")
    return network


def _try_out(loaded: Recognizer | NumberReader, networks: Sequence[Network]) -> None:
    """Check that inputs can be read, alone and together, and that none gives what is no number.

    What a layer gives is at most what it gives with all parameters positive on an input that is all
    ink. So one such input tells how large any number can become.
    """
    shape = (5, *loaded.network.input_shape)
    frames = np.linspace(-0.5, 0.5, math.prod(shape), dtype=np.float32).reshape(shape)
    try:
        if isinstance(loaded, NumberReader):
            ink = np.rint(255 * (frames[0, :, :, 0] + 0.5)).astype(np.uint8)
            for which in range(len(networks)):
                loaded.log_probabilities(ink, which)
        else:
            loaded.read(frames[:1])
        for network in networks:
            network.predict(frames)
        largest = [_largest(network, np.full_like(frames[:1], 0.5)) for network in networks]
    except Exception:  # noqa: BLE001 - layers fail in many ways on options that make no sense
        raise FileError("describes a network that cannot read") from None
    if not all(output <= MAX_LOGIT for output in largest):  # nor is NaN
        raise FileError("has numbers that are so large that readings would not be numbers")


def _largest(network: Network, ink: Array) -> float:
    """Return the largest output that a network can have, of all ink."""
    positive = network.folded().copy()
    np.abs(positive.vector, out=positive.vector)
    for layer in positive.layers:
        if "mean" in layer.statistics:  # which is subtracted
            layer.statistics["mean"] = -np.abs(layer.statistics["mean"])
    return float(positive.predict(ink).max())
