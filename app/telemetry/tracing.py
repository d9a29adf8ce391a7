"""Traces for OpenTelemetry, when OTEL_EXPORTER_OTLP_ENDPOINT says where to send them.

Otherwise nothing of it is imported. What else there is to set, the SDK reads from its own
OTEL_* variables; the service's name is digit-recognizer unless OTEL_SERVICE_NAME says another.
"""

import os
from functools import cache
from typing import TYPE_CHECKING

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.settings import SettingsError

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"
_UNTRACED = ("/livez", "/readyz", "/metrics", "/v2/health/")


def tracing_wanted() -> bool:
    """Return whether an endpoint is set. Raises SettingsError if it cannot be used."""
    if not os.environ.get(ENDPOINT):
        return False
    try:
        import opentelemetry.exporter.otlp.proto.http.trace_exporter
        import opentelemetry.sdk.trace  # noqa: F401
    except ImportError:
        raise SettingsError(
            f"{ENDPOINT} is set, but the packages that send traces are not installed: "
            "run `pip install -e '.[otel]'` in the project's folder, or unset it."
        ) from None
    return True


class Traced:
    """ASGI middleware: a span for each request, a child of the caller's if it sent one."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request in a span."""
        if scope["type"] != "http" or scope["path"].startswith(_UNTRACED):
            await self._app(scope, receive, send)
            return
        from opentelemetry.trace import SpanKind, Status, StatusCode
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        status = 0

        async def send_and_note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        headers = {
            name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]
        }
        context = TraceContextTextMapPropagator().extract(headers)
        tracer = _provider().get_tracer("digit-recognizer")
        with tracer.start_as_current_span(scope["method"], context, SpanKind.SERVER) as span:
            await self._app(scope, receive, send_and_note)
            route = getattr(scope.get("route"), "path", None)
            span.update_name(f"{scope['method']} {route}" if route else scope["method"])
            # https://opentelemetry.io/docs/specs/semconv/http/http-spans/
            span.set_attribute("http.request.method", scope["method"])
            span.set_attribute("http.response.status_code", status)
            span.set_attribute("url.path", scope["path"])
            if route:
                span.set_attribute("http.route", route)
            for step, seconds in scope.get("timings", {}).items():
                span.set_attribute(f"digits.{step}_seconds", seconds)
            if status >= 500:
                span.set_status(Status(StatusCode.ERROR))


@cache
def _provider() -> "TracerProvider":
    """Return this process's provider; it has a thread, so it is not made before a fork."""
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    name = os.environ.get("OTEL_SERVICE_NAME", "digit-recognizer")
    provider = TracerProvider(resource=Resource.create({"service.name": name}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return provider


def send_last_traces() -> None:
    """Send what is left when the service ends."""
    _provider().shutdown()
