"""What /metrics tells. With several workers the numbers are those of all of them together.

prometheus_client then keeps them in files, in the folder that PROMETHEUS_MULTIPROC_DIR names
before it is imported; `shared_metrics` sees to that.
"""

import os
from functools import cache

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector

CONTENT_TYPE = CONTENT_TYPE_LATEST
_SECONDS = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_CONFIDENCE = (0.2, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 0.999, 1)

disable_created_metrics()  # type: ignore[no-untyped-call]  # they double what is scraped


class Metrics:
    """The counters of one worker. Every label has few values, whatever clients send."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        registry = self._registry
        self._requests = Counter(
            "digits_requests", "requests answered", ["route", "method", "status"], registry=registry
        )
        self._latency = Histogram(
            "digits_request_seconds",
            "time from the headers to the answer",
            ["route"],
            buckets=_SECONDS,
            registry=registry,
        )
        self.in_flight = Gauge(
            "digits_requests_in_flight",
            "requests accepted and not yet answered",
            multiprocess_mode="livesum",
            registry=registry,
        )
        self._readings = Counter(
            "digits_readings", "drawings read", ["digit", "verdict"], registry=registry
        )
        self._numbers = Counter(
            "digits_numbers", "drawings of numbers read", ["verdict"], registry=registry
        )
        self._confidence = Histogram(
            "digits_confidence",
            "probability of the digit that was read",
            buckets=_CONFIDENCE,
            registry=registry,
        )
        self._steps = Histogram(
            "digits_step_seconds",
            "time of a step of reading a drawing",
            ["step"],
            buckets=_SECONDS,
            registry=registry,
        )
        self._refusals = Counter(
            "digits_refusals",
            "requests and drawings of batches refused",
            ["reason"],
            registry=registry,
        )
        self._model = Gauge(
            "digits_model_info",
            "1 for the weights that are loaded",
            ["digest"],
            multiprocess_mode="livemax",
            registry=registry,
        )
        # Looking up a child by its labels takes longer than counting with it.
        self._requests_with = cache(self._requests.labels)
        self._latency_of = cache(self._latency.labels)
        self._refusals_for = cache(self._refusals.labels)
        self._readings_with = cache(self._readings.labels)
        self._seconds_of = cache(self._steps.labels)
        # What the process uses; with several workers that is not one number.
        if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
            ProcessCollector(registry=registry)
            PlatformCollector(registry=registry)

    def request(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count an answer; `status` by its class, a method that HTTP does not know as other."""
        self._requests_with(route, method, f"{status // 100}xx").inc()
        self._latency_of(route).observe(seconds)

    def refusal(self, reason: str) -> None:
        """Count a refusal, of a request or of a drawing in a batch, by the kind of its problem."""
        self._refusals_for(reason).inc()

    def reading(self, digit: int, verdict: str, confidence: float) -> None:
        """Count a drawing that was read."""
        self._readings_with(digit, verdict).inc()
        self._confidence.observe(confidence)

    def number(self, verdict: str) -> None:
        """Count a drawing of a number that was read."""
        self._numbers.labels(verdict).inc()

    def steps(self, timings: dict[str, float]) -> None:
        """Note how long each step of a reading took, in seconds."""
        for step, seconds in timings.items():
            self._seconds_of(step).observe(seconds)

    def model(self, digest: str, before: str | None) -> None:
        """Tell which weights are loaded, and which were."""
        if before is not None:
            self._model.labels(before).set(0)
        self._model.labels(digest).set(1)

    def exposition(self) -> bytes:
        """Return everything in the text format of Prometheus."""
        if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
            together = CollectorRegistry()
            MultiProcessCollector(together)  # type: ignore[no-untyped-call]
            return generate_latest(together)
        return generate_latest(self._registry)
