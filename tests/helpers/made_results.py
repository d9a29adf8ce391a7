"""Results made by hand."""

import numpy as np

from model.evaluation.results import Results


def results(labels, digits, confidence=0.9, is_digit=None, verdicts="digit"):
    """Results of drawings that are `labels` and were read as `digits`; a single value is of all."""
    count = len(labels)
    return Results(
        frames=np.full((count, 28, 28), 7, np.uint8),
        labels=np.array(labels),
        digits=np.array(digits),
        confidence=np.broadcast_to(np.array(confidence, float), (count,)),
        is_digit=(
            None if is_digit is None else np.broadcast_to(np.array(is_digit, float), (count,))
        ),
        verdicts=np.broadcast_to(np.array(verdicts), (count,)),
    )
