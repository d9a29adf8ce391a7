"""Weights files of strangers: whatever is wrong with one is a WeightsError."""

import copy
import json
import random
import warnings

import numpy as np
import pytest
from odd_weights import (
    CONV,
    DENSE,
    FRAMES,
    fitting,
    good_file,
    mutated,
    with_a_change,
    with_damage,
    write,
)

from model.errors import WeightsError
from model.weights import load_weights


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    return good_file(tmp_path_factory.mktemp("good") / "weights.npz")


def reason(path):
    """The one printable line that refuses a file, without its name and what to do."""
    with pytest.raises(WeightsError) as caught:
        load_weights(path)
    return told(caught.value, path)


def told(error, path):
    said = str(error).removeprefix(f"weights file {path} ")
    assert said.isprintable()
    assert len(said) < 300
    return said.partition("; run `python -m model train`")[0]


# ---- what a file says of itself ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "does not say what it holds"),
        (b"{", "does not say what it holds"),
        (b"\xff\xfe", "does not say what it holds"),
        (b"[" * 30_000, "does not say what it holds"),
        (b'{"format": 1, "a": ' + b"9" * 5000 + b"}", "does not say what it holds"),
        (b"[1]", "no proper JSON object"),
        (b'{"format": 1, "a": ' + b"[" * 900 + b"]" * 900 + b"}", "no proper JSON object"),
        (b'{"format": 1, "a": [[[[[[[[[[1]]]]]]]]]]}', "no proper JSON object"),
        (b'{"format": 1, "a": NaN}', "no proper JSON object"),
        (b'{"format": 1, "a": [-Infinity]}', "no proper JSON object"),
        (b'{"format": 1, "a": 1e999}', "no proper JSON object"),
        (b'{"format": 1, "a": 9223372036854775808}', "no proper JSON object"),
        (b'{"format": 1, "a": "\\ud800"}', "no proper JSON object"),
        (b'{"format": 1, "\\udfff": 1}', "no proper JSON object"),
        ('{"format": 1, "a": "\ud800"}'.encode("utf-8", "surrogatepass"), "does not say what"),
        (b'{"format": 1, "a": "' + b"x" * 2**16 + b'"}', "more than 64 KiB of itself"),
        (b"{}", "has no format number"),
        (b'{"format": true}', "has no format number"),
        (b'{"format": "1"}', "has no format number"),
        (b'{"format": 0}', "has no format number"),
        (b'{"format": 1}', "describes no network that can be built"),
    ],
)
def test_what_it_says_of_itself_must_be_json_that_anyone_takes(tmp_path, good, text, said):
    assert said in reason(write(tmp_path / "w.npz", None, good[1], text=text))


def test_all_that_json_has_comes_through(tmp_path, good):
    more = {"a": ["\U0001f600 é \x00", None, True, -(2**63) + 1, 1e-300, [[[[[{}]]]]]], "": {}}
    loaded = load_weights(write(tmp_path / "w.npz", good[0] | {"more": more}, good[1]))
    assert loaded.about["more"] == more


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"architecture": [{"layer": "ReLU"}] * 51}, "more than 50 layers"),
        ({"temperature": True}, "how its probabilities are calibrated"),
        ({"temperature": 1e-4}, "how its probabilities are calibrated"),
        ({"is_digit_scale": 1e7}, "how its probabilities are calibrated"),
        ({"is_digit_offset": [0.0]}, "how its probabilities are calibrated"),
        ({"arrays": []}, "does not describe its arrays"),
        ({"arrays": {}}, "lacks arrays of its architecture or has others: '0.weights', "),
    ],
)
def test_a_value_that_cannot_be_used_is_named(tmp_path, good, change, said):
    assert said in reason(write(tmp_path / "w.npz", good[0] | change, good[1]))


@pytest.mark.parametrize(
    ("row", "option", "value"),
    [
        (3, "size", 0),
        (3, "size", -1),
        (3, "size", True),
        (3, "size", 29),
        (0, "kernel", 2.0),
        (0, "filters", 4097),
        (0, "stride", 0),
        (0, "bias", 1),
        (0, "parameters", {}),
        (1, "epsilon", -1.0),
        (1, "frozen", None),
        (1, "layer", ["ReLU"]),
        (1, "layer", "Layer"),
    ],
)
def test_an_option_that_makes_no_sense_is_refused(tmp_path, good, row, option, value):
    about = copy.deepcopy(good[0])
    about["architecture"][row][option] = value
    assert "no network that can be built" in reason(write(tmp_path / "w.npz", about, good[1]))


@pytest.mark.parametrize(
    "architecture",
    [
        [CONV | {"filters": 336}, DENSE],
        [CONV | {"filters": 300}, CONV | {"filters": 300, "kernel": 5, "padding": 2}, DENSE],
    ],
)
def test_a_network_that_takes_too_much_is_refused(tmp_path, good, architecture):
    about, arrays = fitting(architecture)
    assert "too much work or memory" in reason(write(tmp_path / "w.npz", good[0] | about, arrays))


def test_numbers_that_may_overflow_are_refused_whatever_the_frame(tmp_path, good):
    small = [CONV | {"filters": 2}] * 3 + [DENSE]
    about, arrays = fitting(small)
    load_weights(write(tmp_path / "w.npz", good[0] | about, arrays))
    about, arrays = fitting(small, scale=1e12)
    assert "so large that" in reason(write(tmp_path / "w.npz", good[0] | about, arrays))
    # Where what is too large cancels, as it does for most frames, it may not for another.
    arrays["0.weights"][..., 1] = arrays["0.weights"][..., 0]
    arrays["1.weights"][..., 1, :] = -arrays["1.weights"][..., 0, :]
    assert "so large that" in reason(write(tmp_path / "w.npz", good[0] | about, arrays))
    arrays = dict(good[1])
    arrays["1.variance"] = -arrays["1.variance"]
    assert "so large that" in reason(write(tmp_path / "w.npz", good[0], arrays))


# ---- thousands of files ------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(3))
def test_every_fault_of_a_mutated_file_is_a_weights_error(tmp_path, good, seed):
    rng, path = random.Random(seed), tmp_path / "w.npz"
    loaded = refused = 0
    for _ in range(200):
        about, arrays = good
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what the mutation itself casts and overflows
            if rng.random() < 0.75:
                about = mutated(about, rng)
            try:  # to come further with what can be built
                new, arrays = fitting(about["architecture"], rng.choice((0.1, 0.1, 1, 1e10)))
                about = about | new
            except Exception:  # noqa: BLE001 - else it is refused early, as it should
                pass
            if arrays and rng.random() < 0.3:
                arrays = with_a_change(arrays, rng)
        write(path, about, arrays)
        if rng.random() < 0.15:
            path.write_bytes(with_damage(path.read_bytes(), rng))
        try:
            recognizer = load_weights(path)
        except WeightsError as error:
            told(error, path)
            refused += 1
            continue
        loaded += 1
        json.dumps(recognizer.about, allow_nan=False).encode()
        for frames in (FRAMES[:1], FRAMES):
            reading = recognizer.read(frames)
            assert np.isfinite(reading.probabilities).all()
            assert reading.is_digit is None or np.isfinite(reading.is_digit).all()
    assert loaded > 20
    assert refused > 80
