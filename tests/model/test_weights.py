import io
import json
import pickle
import zipfile
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from model.errors import WeightsError
from model.nn.layers import BatchNorm, Conv2D, Dense, MaxPool2D, ReLU
from model.nn.network import Network
from model.recognizer import Recognizer, verdict
from model.training.recipes import RECIPES
from model.weights import load_numbers, load_weights, save_numbers, save_weights

WEIGHTS = Path(__file__).parents[2] / "weights"


def recognizer(outputs=11):
    rng = np.random.default_rng(5)
    layers = [Conv2D(4, bias=False), BatchNorm(), ReLU(), MaxPool2D(), BatchNorm(), Dense(outputs)]
    network = Network(layers)
    network.initialise(rng)
    network.measure_statistics(rng.uniform(-0.5, 0.5, (16, 28, 28, 1)).astype(np.float32))
    return Recognizer(network, 1.5, 0.8, -0.1, {"recipe": "test", "seed": 5})


@pytest.fixture
def saved(tmp_path):
    path = tmp_path / "weights.npz"
    save_weights(path, recognizer())
    return path


@pytest.fixture
def frames():
    return np.random.default_rng(6).uniform(-0.5, 0.5, (3, 28, 28, 1)).astype(np.float32)


def rewritten(path, change):
    """Write the file again with its arrays (a dict) changed by ``change``."""
    with np.load(path) as archive:
        arrays = dict(archive)
    about = json.loads(arrays.pop("about").tobytes())
    change(about, arrays)
    arrays["about"] = np.frombuffer(json.dumps(about).encode(), np.uint8)
    np.savez(path, **arrays)
    return path


def test_round_trip(tmp_path, frames):
    original = recognizer()
    digest = save_weights(tmp_path / "new" / "weights.npz", original)
    loaded = load_weights(tmp_path / "new" / "weights.npz")
    assert loaded.digest == digest
    assert loaded.about["recipe"] == "test"
    assert (loaded.temperature, loaded.is_digit_scale, loaded.is_digit_offset) == (1.5, 0.8, -0.1)
    np.testing.assert_allclose(
        loaded.network.predict(frames), original.network.predict(frames), atol=1e-5
    )
    reading = loaded.read(frames)
    np.testing.assert_allclose(reading.probabilities.sum(axis=1), 1, atol=1e-12)
    assert reading.is_digit.shape == (3,)
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["weights.npz"]


def test_a_reader_of_numbers_comes_back_and_is_taken_for_no_reader_of_digits(tmp_path, saved):
    served = load_numbers(WEIGHTS / "numbers.npz")
    trained = replace(served, about={"recipe": "numbers"})  # which has not been on disk yet
    digest = save_numbers(tmp_path / "numbers.npz", trained)
    loaded = load_numbers(tmp_path / "numbers.npz")
    assert loaded.digest == digest
    assert loaded.about["task"] == "numbers"
    assert (loaded.temperature, loaded.scale, loaded.offset) == (
        served.temperature,
        served.scale,
        served.offset,
    )
    arrays = loaded.network.arrays()
    for name, array in served.network.arrays().items():
        np.testing.assert_array_equal(arrays[name], array)
    with pytest.raises(WeightsError, match="for another task than single digits"):
        load_weights(tmp_path / "numbers.npz")
    with pytest.raises(WeightsError, match="for another task than numbers"):
        load_numbers(saved)


@pytest.fixture
def of_three(tmp_path):
    """Weights of three networks that read numbers, and what was saved."""
    served = load_numbers(WEIGHTS / "numbers.npz")
    behind = (served.network.like(), served.network.like())
    for network, step in zip(behind, (1, -1), strict=True):
        network.vector[...] = np.roll(served.network.vector, 7)[::step].astype(np.float16)
    reader = replace(served, behind=behind)
    save_numbers(tmp_path / "numbers.npz", reader)
    return tmp_path / "numbers.npz", reader


def test_three_networks_come_back_each_with_its_numbers(of_three):
    path, saved_reader = of_three
    loaded = load_numbers(path)
    assert loaded.about["format"] == 2
    assert {array["dtype"] for array in loaded.about["arrays"].values()} == {"float32", "float16"}
    np.testing.assert_array_equal(loaded.network.vector, saved_reader.network.vector)
    ink = np.random.default_rng(0).integers(0, 256, (36, 96)).astype(np.uint8)
    said = [loaded.log_probabilities(ink)]
    pairs = zip(loaded.behind, saved_reader.behind, strict=True)
    for which, (network, wanted) in enumerate(pairs, start=1):
        np.testing.assert_array_equal(network.vector, wanted.vector)
        said.append(loaded.log_probabilities(ink, which))
        np.testing.assert_allclose(said[-1], saved_reader.log_probabilities(ink, which), atol=1e-9)
    assert not any(np.allclose(one, other) for one, other in combinations(said, 2))


@pytest.mark.parametrize("prefix", ["second", "third"])
def test_a_network_behind_that_lacks_something_is_refused(of_three, prefix):
    path, _ = of_three
    rewritten(path, lambda about, arrays: arrays.pop(f"{prefix}.0.weights"))
    with pytest.raises(WeightsError, match=rf"lacks arrays .* '{prefix}\.0\.weights"):
        load_numbers(path)


@pytest.mark.parametrize("prefix", ["second", "third"])
def test_a_network_behind_with_numbers_too_large_is_refused(of_three, prefix):
    def enlarge(about, arrays):
        name = f"{prefix}.0.weights"
        arrays[name] = np.full(arrays[name].shape, 1e30, np.float32)
        about["arrays"][name]["dtype"] = "float32"

    path, _ = of_three
    rewritten(path, enlarge)
    with pytest.raises(WeightsError, match="so large that readings would not be numbers"):
        load_numbers(path)


def test_only_the_networks_behind_may_be_of_half_precision(of_three):
    def halve(about, arrays):
        arrays["0.weights"] = arrays["0.weights"].astype(np.float16)
        about["arrays"]["0.weights"]["dtype"] = "float16"

    path, _ = of_three
    rewritten(path, halve)
    with pytest.raises(WeightsError, match="of type float16 instead of float32"):
        load_numbers(path)


def test_a_reader_of_digits_has_no_second_network(saved):
    rewritten(saved, lambda about, arrays: arrays.update({"second.5.bias": arrays["5.bias"]}))
    with pytest.raises(WeightsError, match=r"has others: 'second\.5\.bias"):
        load_weights(saved)


def test_the_same_weights_give_the_same_file(tmp_path):
    digests = {save_weights(tmp_path / name, recognizer()) for name in ("a.npz", "b.npz")}
    assert len(digests) == 1


def test_a_tutorial_network_is_loaded_as_its_plain_layers(tmp_path, frames):
    # It was trained with its layers taken together, and the file must not depend on that.
    network = RECIPES["tutorial"].network(1)
    save_weights(tmp_path / "w.npz", Recognizer(network, 1.0, 1.0, 0.0, {}))
    loaded = load_weights(tmp_path / "w.npz")
    assert [type(layer) for layer in loaded.network.layers] == [Conv2D, MaxPool2D, Dense]
    np.testing.assert_array_equal(loaded.network.predict(frames), network.predict(frames))
    np.testing.assert_array_equal(
        loaded.read(frames).probabilities, Recognizer(network, 1, 1, 0, {}).read(frames)[0]
    )
    rows = loaded.about["architecture"]
    assert rows == load_weights(WEIGHTS / "tutorial.npz").about["architecture"]
    assert rows[0]["kernel"] == 3  # as format 1 calls the kernel size


def test_ten_outputs_say_nothing_of_being_a_digit(tmp_path, frames):
    save_weights(tmp_path / "w.npz", recognizer(outputs=10))
    assert load_weights(tmp_path / "w.npz").read(frames).is_digit is None


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(WeightsError, match="does not exist; run `python -m model train`"):
        load_weights(tmp_path / "none.npz")


def test_a_folder_is_refused(tmp_path):
    with pytest.raises(WeightsError, match="cannot be read"):
        load_weights(tmp_path)


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.9, 0.999])
def test_a_truncated_file_is_refused(saved, kept):
    content = saved.read_bytes()
    saved.write_bytes(content[: int(kept * len(content))])
    with pytest.raises(WeightsError, match="damaged or was cut short"):
        load_weights(saved)


def test_a_damaged_byte_is_noticed(saved):
    content = bytearray(saved.read_bytes())
    content[len(content) // 2] ^= 255
    saved.write_bytes(content)
    with pytest.raises(WeightsError):
        load_weights(saved)


@pytest.mark.parametrize("content", [b"", b"hello", b"\x93NUMPY", b"GIF89a"])
def test_something_else_is_refused(saved, content):
    saved.write_bytes(content)
    with pytest.raises(WeightsError, match="is not an"):
        load_weights(saved)


def test_somebody_elses_npz_is_refused(saved):
    np.savez(saved, w=np.zeros(3))
    with pytest.raises(WeightsError, match="not one of ours"):
        load_weights(saved)


def test_a_zip_that_unpacks_to_too_much_is_refused(saved):
    with zipfile.ZipFile(saved, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("about.npy", bytes(65 * 2**20))
    with pytest.raises(WeightsError, match="unpacks to more than 64 MiB"):
        load_weights(saved)


class Trap:
    """Unpickling it would write a file."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (open, (str(self.path), "w"))


def test_pickles_are_refused_and_nothing_is_executed(saved, tmp_path):
    trap = tmp_path / "executed"
    pickle.loads(pickle.dumps(Trap(trap))).close()  # noqa: S301 - the trap works
    assert trap.exists()
    trap.unlink()
    objects = np.empty(1, object)
    objects[0] = Trap(trap)
    np.savez(saved, about=objects)
    with pytest.raises(WeightsError, match="pickled objects, which are never loaded"):
        load_weights(saved)
    assert not trap.exists()
    saved.write_bytes(pickle.dumps(Trap(trap)))
    with pytest.raises(WeightsError, match="is not an"):
        load_weights(saved)
    assert not trap.exists()


def test_a_future_format_is_refused(saved):
    rewritten(saved, lambda about, arrays: about.update(format=99))
    with pytest.raises(
        WeightsError, match=r"has format 99 and this version reads up to 2 \(update"
    ):
        load_weights(saved)


def test_a_wrong_shape_is_refused(saved):
    rewritten(saved, lambda about, arrays: arrays.update({"5.bias": np.zeros(12, np.float32)}))
    with pytest.raises(WeightsError, match=r"5.bias of shape \(12,\) instead of \(11,\)"):
        load_weights(saved)


def test_a_wrong_dtype_is_refused(saved):
    rewritten(saved, lambda about, arrays: arrays.update({"5.bias": np.zeros(11)}))
    with pytest.raises(WeightsError, match=r"5\.bias of type float64 instead of float32"):
        load_weights(saved)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_numbers_that_are_not_finite_are_refused(saved, value):
    rewritten(saved, lambda about, arrays: arrays["5.weights"].__setitem__((3, 4), value))
    with pytest.raises(WeightsError, match=r"numbers in 5\.weights that are not finite"):
        load_weights(saved)


def test_missing_and_additional_arrays_are_refused(saved):
    rewritten(saved, lambda about, arrays: arrays.pop("1.mean"))
    with pytest.raises(WeightsError, match=r"lacks arrays .*1\.mean"):
        load_weights(saved)


@pytest.mark.parametrize(
    "change",
    [
        lambda about: about["architecture"].append({"layer": "Dropout"}),
        lambda about: about["architecture"][0].update(filters="many"),
        lambda about: about["architecture"][0].update(surprise=1),
        lambda about: about["architecture"].clear(),
        lambda about: about.pop("temperature"),
        lambda about: about.update(temperature="warm"),
        lambda about: about.update(temperature=0),
        lambda about: about.update(arrays=None),
        lambda about: about.update(architecture=None),
        lambda about: about["architecture"].pop(),
        lambda about: about["architecture"][0].update(filters=10**9),
        lambda about: about["architecture"][0].update(kernel=10**9 + 1),
        lambda about: about["architecture"][-1].update(units=0),
        lambda about: about["architecture"][3].update(size=0),
    ],
)
def test_an_architecture_that_cannot_be_built_is_refused(saved, change):
    rewritten(saved, lambda about, arrays: change(about))
    with pytest.raises(WeightsError, match="describe"):
        load_weights(saved)


def test_a_failed_write_leaves_the_old_file(saved, monkeypatch):
    before = saved.read_bytes()
    monkeypatch.setattr("os.fsync", lambda _: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        save_weights(saved, recognizer())
    assert saved.read_bytes() == before
    assert list(saved.parent.iterdir()) == [saved]


@pytest.mark.parametrize(
    ("confidence", "is_digit", "expected"),
    [
        (0.99, 0.99, "digit"),
        (0.99, None, "digit"),
        (0.5, None, "unsure"),
        (0.5, 0.99, "unsure"),
        (0.99, 0.7, "unsure"),
        (0.99, 0.1, "not a digit"),
        (0.3, 0.1, "not a digit"),
    ],
)
def test_verdict(confidence, is_digit, expected):
    assert verdict(confidence, is_digit) == expected


def test_explanation(saved, frames):
    loaded = load_weights(saved)
    explanation = loaded.explain(frames[0])
    assert explanation.digit == loaded.read(frames[:1]).probabilities[0].argmax()
    assert explanation.feature_maps.shape == (4, 26, 26)
    assert explanation.feature_maps.min() == 0
    assert explanation.feature_maps.max() == 1
    assert explanation.influence.shape == (28, 28)
    assert np.abs(explanation.influence).max() == pytest.approx(1)


def test_a_network_that_begins_with_a_dense_layer_can_be_explained(frames):
    network = Network([Dense(6), ReLU(), Dense(11)])
    network.initialise(np.random.default_rng(1))
    explanation = Recognizer(network, 1.0, 1.0, 0.0, {}).explain(frames[0])
    assert explanation.feature_maps.shape == (6, 1, 1)
    assert explanation.feature_maps.max() == 1
    assert explanation.influence.shape == (28, 28)


def test_the_file_is_an_ordinary_npz(saved):
    with np.load(io.BytesIO(saved.read_bytes()), allow_pickle=False) as archive:
        about = json.loads(archive["about"].tobytes())
        assert about["format"] == 1
        assert set(about["arrays"]) == set(archive.files) - {"about"}
