"""What is exported answers in another runtime as it does here."""

import numpy as np
import onnx
import onnxruntime
import pytest

from model.drawn.digits.writer import digits
from model.drawn.generator import generate
from model.errors import CommandError
from model.export import export_onnx, logits_onnx
from model.frame.pixels import to_frames
from model.nn.layers import BatchNorm, Conv2D, Dense, MaxPool2D, ReLU
from model.nn.network import Network
from model.recognizer import Recognizer
from model.weights import load_weights


def session(content):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])


@pytest.fixture(scope="module")
def frames():
    """A thousand frames: 300 digits drawn by code, 700 of noise."""
    drawn = to_frames(generate(digits, 300, seed=1, processes=1).frames)
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, (700, 28, 28, 1)).astype(np.float32)
    return np.concatenate([drawn, noise])


@pytest.mark.parametrize("name", ["digits.npz", "tutorial.npz"])
def test_a_thousand_frames_are_answered_as_here(name, frames, tmp_path, weights_path):
    recognizer = load_weights(weights_path.with_name(name))
    path = tmp_path / "new" / "digits.onnx"
    export_onnx(recognizer, path)
    reading = recognizer.read(frames)
    opened = session(path.read_bytes())
    answers = dict(
        zip(
            [output.name for output in opened.get_outputs()],
            opened.run(None, {"frames": frames}),
            strict=True,
        )
    )
    np.testing.assert_allclose(answers["probabilities"], reading.probabilities, atol=1e-5)
    assert len(np.unique(reading.probabilities.argmax(axis=1))) == 10
    if reading.is_digit is None:
        assert "is_digit" not in answers
    else:
        np.testing.assert_allclose(answers["is_digit"], reading.is_digit, atol=1e-5)
        assert np.ptp(reading.is_digit) > 0.9
    [alone] = session(path.read_bytes()).run(["probabilities"], {"frames": frames[:1]})
    np.testing.assert_allclose(alone, reading.probabilities[:1], atol=1e-5)


def test_the_metadata_say_which_weights_these_are(tmp_path, weights_path):
    recognizer = load_weights(weights_path)
    export_onnx(recognizer, tmp_path / "digits.onnx")
    notes = session((tmp_path / "digits.onnx").read_bytes()).get_modelmeta().custom_metadata_map
    assert notes["digest"] == recognizer.digest
    assert notes["frames"].startswith("float32 (N, 28, 28, 1)")
    assert set(notes) == {"digest", "frames", "probabilities", "is_digit"}


def test_the_file_reads_frames_of_any_number(tmp_path, weights_path):
    export_onnx(load_weights(weights_path), tmp_path / "digits.onnx")
    model = onnx.load(tmp_path / "digits.onnx")
    [frames] = model.graph.input
    sides = [one.dim_param or one.dim_value for one in frames.type.tensor_type.shape.dim]
    assert (frames.name, sides) == ("frames", ["N", 28, 28, 1])


@pytest.mark.parametrize(
    "layers",
    [
        [Conv2D(4, (5, 3), (2, 1), (2, 1)), ReLU(), MaxPool2D((2, 3)), Dense(10)],
        [BatchNorm(), Conv2D(4, bias=False), BatchNorm(), Dense(7), ReLU(), BatchNorm(), Dense(11)],
        [Dense(10)],
    ],
    ids=["sides that differ", "batch normalisation", "dense alone"],
)
def test_every_kind_of_layer_gives_the_same_logits(layers, frames):
    rng = np.random.default_rng(1)
    network = Network(layers)
    network.initialise(rng)
    for name, array in network.arrays().items():
        if name.endswith(("scale", "shift", "mean", "variance", "bias")):
            array[...] = rng.uniform(0.5, 1.5, array.shape)
    [logits] = session(logits_onnx(network)).run(None, {"frames": frames[:50]})
    np.testing.assert_allclose(logits, network.predict(frames[:50]), atol=1e-4)


def test_a_name_that_does_not_end_so_is_refused(tmp_path, weights_path):
    recognizer = load_weights(weights_path)
    with pytest.raises(CommandError, match=r"does not end with \.onnx"):
        export_onnx(recognizer, tmp_path / "digits.bin")
    (tmp_path / "file").touch()
    with pytest.raises(CommandError, match="cannot be written"):
        export_onnx(recognizer, tmp_path / "file" / "digits.onnx")
    assert isinstance(recognizer, Recognizer)
