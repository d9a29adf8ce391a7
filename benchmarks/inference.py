"""How long one image takes: python -m benchmarks.inference [--weights FILE]

NumPy (`model.nn.fast.predictor`) against ONNX Runtime and PyTorch with the same weights, one
thread each, for single images and batches. Their outputs are compared before anything is timed.
"""

import argparse
from pathlib import Path

import numpy as np
import onnxruntime
import torch

from benchmarks.peers import torch_network
from benchmarks.report import bars, interleaved, machine, say, sgemm_peak, table, times_as_fast
from model.export import logits_onnx
from model.nn.fast.predictor import Predictor
from model.weights import load_weights

PROJECT = Path(__file__).resolve().parent.parent
BATCHES = (1, 32, 256)
AGREEMENT = 1e-4  # the largest difference of logits
AIMS = {
    (1, "PyTorch"): 1.25,
    (1, "ONNX Runtime"): 1 / 2.5,
    (256, "PyTorch"): 1.0,
    (256, "ONNX Runtime"): 1 / 2,
}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--weights", type=Path, default=PROJECT / "weights" / "digits.npz")
    network = load_weights(parser.parse_args().weights).network
    torch.set_num_threads(1)
    predictor = Predictor(network)
    plain = torch_network(network).eval()
    channels_last = torch_network(network).eval().to(memory_format=torch.channels_last)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        logits_onnx(network), options, providers=["CPUExecutionProvider"]
    )
    rng = np.random.default_rng(0)
    rows, groups = [], {}
    for batch in BATCHES:
        frames = rng.uniform(-0.5, 0.5, (batch, 28, 28, 1)).astype(np.float32)
        pictures = frames.reshape(batch, 1, 28, 28)
        tensor = torch.from_numpy(pictures)
        tensor_last = tensor.to(memory_format=torch.channels_last)
        contenders = {
            "NumPy": lambda frames=frames: predictor(frames),
            "ONNX Runtime": lambda frames=frames: session.run(None, {"frames": frames})[0],
            "PyTorch, channels first": lambda tensor=tensor: plain(tensor),
            "PyTorch, channels last": lambda tensor=tensor_last: channels_last(tensor),
        }
        with torch.inference_mode():
            agree({name: np.asarray(call()) for name, call in contenders.items()})
            seconds = interleaved(contenders, turns=15, seconds=0.2)
        faster = min(seconds["PyTorch, channels first"], seconds["PyTorch, channels last"])
        seconds = {
            "NumPy": seconds["NumPy"],
            "PyTorch": faster,
            "ONNX Runtime": seconds["ONNX Runtime"],
        }
        groups[f"batch of {batch}"] = {k: v / batch * 1e6 for k, v in seconds.items()}
        rows.append(
            [
                str(batch),
                *(f"{value / batch * 1e6:.0f}" for value in seconds.values()),
                *(
                    times_as_fast(seconds[peer], seconds["NumPy"]) + _aim(batch, peer, seconds)
                    for peer in ("PyTorch", "ONNX Runtime")
                ),
            ]
        )
    reached = network.multiply_adds() * 2 / groups["batch of 1"]["NumPy"] / 1e3
    peak = sgemm_peak(1)
    header = ["batch", "NumPy", "PyTorch", "ONNX Runtime", "to PyTorch", "to ONNX Runtime"]
    picture = bars("inference", "Inference, one thread", "µs per image (less is better)", groups)
    say(
        "inference",
        "Inference of the network that is served, one thread: µs per image",
        table(header, rows),
        f"A single image runs at {reached:.0f} GFLOP/s, {reached / peak:.0%} of the {peak:.0f} "
        "that this machine reaches in large products of matrices.",
        machine("1", "torch", "onnxruntime"),
        f"picture: {picture}",
    )


def agree(outputs: dict[str, np.ndarray]) -> None:
    """End unless all contenders give the same logits."""
    expected = outputs["NumPy"]
    for name, logits in outputs.items():
        difference = float(np.abs(logits - expected).max())
        if not difference <= AGREEMENT:
            raise SystemExit(f"the logits of {name} differ from ours by {difference:.2g}")


def _aim(batch: int, peer: str, seconds: dict[str, float]) -> str:
    if (batch, peer) not in AIMS:
        return ""
    aim = AIMS[batch, peer]
    return f" (aim {aim:.2f}{'' if seconds[peer] / seconds['NumPy'] >= aim else ', MISSED'})"


if __name__ == "__main__":
    main()
