"""The same network behind LitServe, as its documentation serves a model: a peer for serving.py."""

import base64
import io
import os
import sys
from typing import Any

import litserve
import numpy as np
from PIL import Image

from model.frame.preprocess import frame_drawing
from model.weights import load_weights


class Digits(litserve.LitAPI):
    """Reads a PNG, sent as {"image": "<base64>"}."""

    def setup(self, device: str) -> None:
        """Load the weights, once in each worker."""
        self._recognizer = load_weights(os.environ["DIGITS_WEIGHTS"])

    def decode_request(self, request: dict[str, str]) -> np.ndarray:
        """Return the frame."""
        picture = Image.open(io.BytesIO(base64.b64decode(request["image"])))
        return frame_drawing(np.asarray(picture.convert("L"))).frame

    def predict(self, x: np.ndarray) -> list[float]:
        """Return the ten probabilities."""
        return self._recognizer.read(x[np.newaxis]).probabilities[0].tolist()

    def encode_response(self, output: list[float]) -> dict[str, Any]:
        """Return what is sent as JSON."""
        return {"probabilities": output}


if __name__ == "__main__":
    server = litserve.LitServer(Digits(), accelerator="cpu", workers_per_device=1)
    server.run(
        host="127.0.0.1",
        port=int(sys.argv[1]),
        num_api_servers=1,
        generate_client_file=False,
        log_level="warning",
    )
