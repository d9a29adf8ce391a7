"""Traces for OpenTelemetry, when OTEL_EXPORTER_OTLP_ENDPOINT says where to send them.

FastAPI makes the spans itself, a child of the caller's for each request. Here stands what it is
told: no spans for probes, and our name. Everything else the SDK reads from its own OTEL_*
variables. Without an endpoint nothing of the SDK is imported.
"""

import os

from fastapi.telemetry import TelemetryConfig
from opentelemetry.trace import get_current_span
from starlette.types import Scope

from app.settings import SettingsError

ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
_UNTRACED = ("/livez", "/readyz", "/metrics", "/v2/health/")


def telemetry() -> TelemetryConfig:
    """Return what FastAPI is to trace: every request but probes if an endpoint is set, else none.

    Raises SettingsError if the endpoint cannot be used.
    """
    endpoint = next((name for name in ENDPOINTS if os.environ.get(name)), None)
    if endpoint is None:
        return {"tracing": False, "metrics": False, "logs": False}
    try:
        import opentelemetry.exporter.otlp.proto.http.trace_exporter  # noqa: F401
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
    except ImportError:
        raise SettingsError(
            f"{endpoint} is set, but the packages that send traces are not installed: "
            "run `pip install -e '.[otel]'` in the project's folder, or unset it."
        ) from None
    name = os.environ.get("OTEL_SERVICE_NAME", "digit-recognizer")
    return {
        "tracer_provider": TracerProvider(resource=Resource.create({"service.name": name})),
        "metrics": False,  # /metrics has them
        "logs": False,  # ours go to standard output
        "operation_spans": False,  # they say nothing that `add_to_span` does not
        # It adds what sends the spans when a worker starts to serve: after the fork, since that
        # has a thread. What is left when the worker ends is sent then.
        "auto_configure": True,
        "exclude": _untraced,
    }


def _untraced(scope: Scope) -> bool:
    path: str = scope["path"].removeprefix(scope["root_path"])
    return path.startswith(_UNTRACED)


def add_to_span(timings: dict[str, float]) -> None:
    """Add how long each step of a reading took, in seconds, to the span of this request."""
    span = get_current_span()
    if span.is_recording():
        span.set_attributes({f"digits.{step}_seconds": s for step, s in timings.items()})
