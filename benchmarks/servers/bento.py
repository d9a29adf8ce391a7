"""The same network behind BentoML, as its documentation serves a model: a peer for serving.py."""

import os
from typing import Any

import bentoml
import numpy as np
from PIL.Image import Image as Picture

from model.frame.preprocess import frame_drawing
from model.weights import load_weights


@bentoml.service(workers=1)
class Digits:
    """Reads a PNG, sent as the part `image` of a form."""

    def __init__(self) -> None:
        self._recognizer = load_weights(os.environ["DIGITS_WEIGHTS"])

    @bentoml.api
    def predict(self, image: Picture) -> dict[str, Any]:
        """Return the ten probabilities."""
        frame = frame_drawing(np.asarray(image.convert("L"))).frame
        reading = self._recognizer.read(frame[np.newaxis])
        return {"probabilities": reading.probabilities[0].tolist()}
