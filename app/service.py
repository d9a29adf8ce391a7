"""What all requests of one worker share: the network that is loaded, the queue, the metrics."""

import logging

import numpy as np
from starlette.requests import Request

from app.drawings.inputs import Received
from app.drawings.self_test import (
    SELF_TEST_DIGIT,
    SELF_TEST_DRAWING,
    SELF_TEST_NUMBER,
    SELF_TEST_PAIR,
)
from app.errors import Problem, shutting_down
from app.queue.admission import Admission
from app.queue.batches import Batches
from app.queue.memory import Memory
from app.settings import Settings
from app.telemetry.metrics import Metrics
from model.errors import WeightsError
from model.frame.preprocess import frame_drawing
from model.number_reader import NumberReader
from model.recognizer import READ_TOGETHER, Recognizer
from model.weights import load_numbers, load_weights

logger = logging.getLogger("digits")


class Service:
    """The state of one worker.

    `recognizer` is None until weights have passed the self-test; `number_reader` stays None where
    the settings name no file with a network for numbers.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.metrics = Metrics()
        self.admission = Admission(settings)
        self.memory = Memory(settings.decoding_bytes)
        self.batches = Batches()
        self.received = Received()
        self.recognizer: Recognizer | None = None
        self.number_reader: NumberReader | None = None
        self.draining = False

    def load(self) -> None:
        """Load the weights of both networks, and serve them once they have passed the self-test.

        Raises WeightsError; then whatever was loaded before stays, of both. Requests under way keep
        the network they began with.
        """
        recognizer = self._load_digits()
        number_reader = self._load_numbers(recognizer)
        self.metrics.model(
            recognizer.digest, None if self.recognizer is None else self.recognizer.digest
        )
        self.recognizer, self.number_reader = recognizer, number_reader

    def _load_digits(self) -> Recognizer:
        recognizer = load_weights(self.settings.weights)
        frame = frame_drawing(SELF_TEST_DRAWING).frame[np.newaxis]
        # One frame, then a batch, as requests will ask. So the memory for both is taken now: what a
        # batch needs is known after the first one, and kept from the second one on.
        for frames in (frame, frame.repeat(2 * READ_TOGETHER, axis=0)):
            try:
                readings = recognizer.read(frames).probabilities.argmax(axis=1).tolist()
            except Exception as error:
                raise self._bad_weights(
                    f"cannot read a plain {SELF_TEST_DIGIT} ({error!r})"
                ) from error
            for read in readings:
                if read != SELF_TEST_DIGIT:
                    raise self._bad_weights(f"reads a plain {SELF_TEST_DIGIT} as {read}")
        return recognizer

    def _load_numbers(self, recognizer: Recognizer) -> NumberReader | None:
        path = self.settings.numbers
        if not path.exists():
            return None
        number_reader = load_numbers(path, recognizer)
        retrain = "train it again with `python -m model train --recipe numbers`."
        try:
            read = number_reader.read(255 - SELF_TEST_PAIR).number
        except Exception as error:
            reason = f"cannot read a plain {SELF_TEST_NUMBER} ({error!r})"
            raise WeightsError(f"{path} {reason}; {retrain}") from error
        if read != SELF_TEST_NUMBER:
            raise WeightsError(f"{path} reads a plain {SELF_TEST_NUMBER} as {read}; {retrain}")
        return number_reader

    def reload(self) -> bool:
        """Load the weights again; whatever is wrong the old ones stay, and the log says why."""
        try:
            self.load()
        except WeightsError as error:
            logger.error("new weights refused, the old ones stay: %s", error)
            return False
        except Exception:  # whoever calls this goes on serving
            logger.exception("new weights refused, the old ones stay")
            return False
        logger.info("new weights loaded: %s", self.ready().digest)
        return True

    def _bad_weights(self, what: str) -> WeightsError:
        retrain = "train it again with `python -m model train`."
        return WeightsError(f"{self.settings.weights} {what}; {retrain}")

    def check_ready(self) -> None:
        """Raise Problem (503) unless drawings can be read, now and in the near future."""
        if self.draining:
            raise shutting_down()
        self.ready()

    def ready(self) -> Recognizer:
        """Return the network; raise Problem (503) if there is none."""
        if self.recognizer is None:
            raise Problem("not-ready", "The weights are not loaded yet; try again in a moment.")
        return self.recognizer

    def reads_numbers(self) -> NumberReader:
        """Return the network for numbers; raise Problem (503) if there is none."""
        if self.number_reader is None:
            self.ready()
            detail = "This service was started without a network for numbers (DIGITS_NUMBERS)."
            raise Problem("not-ready", detail)
        return self.number_reader


def service_of(request: Request) -> Service:
    """Return the service that a request came to; a dependency of FastAPI costs a tenth more."""
    service: Service = request.app.state.service
    return service
