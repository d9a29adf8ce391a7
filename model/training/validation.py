"""What the validation sets are for: errors on pictures not trained on, and the calibration."""

import numpy as np

from model.nn.base import Array
from model.nn.network import Network
from model.parallel import predict_all
from model.recognizer import DIGITS
from model.samples import NON_DIGIT_LABEL, Samples
from model.training.calibration import fit_sigmoid, fit_temperature


def logits_of(network: Network, samples: Samples, threads: int) -> Array:
    """Return the outputs (N, 10) or (N, 11) for all samples, computed on several threads."""
    return np.concatenate(predict_all(network.predict, samples.frames, threads))


def error_rate(logits: Array, labels: Array) -> float:
    """Return the share of digits that were read wrong, or of non-digits taken for a digit.

    Args:
        logits: (N, 10) or (N, 11).
        labels: (N,), all of digits, or all `NON_DIGIT_LABEL`.
    """
    if (labels == NON_DIGIT_LABEL).all():
        return float((logits[:, DIGITS] > 0).mean())
    return float((logits[:, :DIGITS].argmax(axis=1) != labels).mean())


def validation_errors(
    network: Network, validation: dict[str, Samples], threads: int
) -> dict[str, float]:
    """Return the error rate on each validation set, by its name."""
    return {
        name: error_rate(logits_of(network, samples, threads), samples.labels)
        for name, samples in validation.items()
    }


def calibration(
    network: Network, validation: dict[str, Samples], threads: int
) -> tuple[float, float, float]:
    """Fit the probabilities on all validation sets together.

    Returns:
        The temperature for the digits; and scale and offset for the eleventh output. They are 1, 1
        and 0, which change nothing, where there is nothing to fit them on.
    """
    if not validation:
        return 1.0, 1.0, 0.0
    logits = np.concatenate([logits_of(network, one, threads) for one in validation.values()])
    labels = np.concatenate([samples.labels for samples in validation.values()])
    is_digit = labels != NON_DIGIT_LABEL
    temperature = fit_temperature(logits[is_digit, :DIGITS], labels[is_digit])
    if logits.shape[1] == DIGITS or is_digit.all():
        return temperature, 1.0, 0.0
    return temperature, *fit_sigmoid(logits[:, DIGITS], is_digit)
