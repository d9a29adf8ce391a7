"""What the validation sets are for: errors that training has not seen, and the calibration."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from model.data.mnist import to_frames
from model.nn.base import Array
from model.nn.network import Network
from model.recognizer import DIGITS
from model.training.calibration import fit_sigmoid, fit_temperature
from model.training.pools import NOT_A_DIGIT, Samples


def calibration(
    outputs: dict[str, Array], validation: dict[str, Samples]
) -> tuple[float, float, float]:
    """Return temperature, scale and offset, fitted on all validation sets together."""
    if not validation:
        return 1.0, 1.0, 0.0
    logits = np.concatenate(list(outputs.values()))
    labels = np.concatenate([samples.labels for samples in validation.values()])
    digits = labels != NOT_A_DIGIT
    temperature = fit_temperature(logits[digits, :DIGITS], labels[digits])
    if logits.shape[1] == DIGITS or digits.all():
        return temperature, 1.0, 0.0
    return temperature, *fit_sigmoid(logits[:, DIGITS], digits)


def predict_all(network: Network, frames: Array, executor: ThreadPoolExecutor) -> Array:
    """Return the logits of uint8 frames (N, 28, 28), in pieces spread over the threads."""
    pieces = [frames[start : start + 512] for start in range(0, len(frames), 512)]
    return np.concatenate(
        list(executor.map(lambda piece: network.predict(to_frames(piece)), pieces))
    )


def error_rate(logits: Array, labels: Array) -> float:
    """Return the share of drawings read wrong; of non-digits, the share taken for a digit."""
    if (labels == NOT_A_DIGIT).all():
        return float((logits[:, DIGITS] > 0).mean())
    return float((logits[:, :DIGITS].argmax(axis=1) != labels).mean())
