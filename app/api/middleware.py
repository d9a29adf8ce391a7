"""What is around every request: its id, headers, metrics, log line, and the last safety net."""

import asyncio
import logging
import re
import secrets
import time
from typing import Any

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.errors import plain_problem, problem_response, shutting_down
from app.notes import Notes, take_notes
from app.service import Service
from app.telemetry.logs import FIELDS, log_request
from app.telemetry.tracing import add_to_span

logger = logging.getLogger("digits")

_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_TRACE = re.compile(rb"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
# Asked every few seconds: answered even where no more connections are taken, and not logged.
PROBES = frozenset({b"/livez", b"/readyz", b"/metrics", b"/v2/health/live", b"/v2/health/ready"})
_QUIET = frozenset(path.decode() for path in PROBES)
_CLIENT = 64  # characters of a client's address in the log: a proxy may pass on anything
_DISCONNECTED = 499  # in the log and metrics, as nginx does: the client left, nothing was answered

# What every answer has.
SECURITY_HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
]
# Of all that is no page; a page has its own (see pages).
CONTENT_POLICY = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")
NOT_STORED = (b"cache-control", b"no-store")
_TLS_ONLY = (b"strict-transport-security", b"max-age=31536000")


class AroundEveryRequest:
    """ASGI middleware; the outermost."""

    def __init__(self, app: ASGIApp, service: Service) -> None:
        self._app = app
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request and tell what became of it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if scope["method"] == "HEAD":  # answered as GET; the server leaves the body out
            scope = {**scope, "method": "GET"}
        start = time.perf_counter()
        notes = take_notes(scope, request_id_of(scope["headers"]))
        metrics = self._service.metrics
        status = 0

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = self._headers(scope, notes, message["headers"], start)
            await send(message)

        metrics.in_flight.inc()
        try:
            if b"%" in scope["raw_path"]:
                # No address here needs an escape, and to take /%6detrics for /metrics would lead
                # around a proxy's rule for it.
                response = problem_response(scope, plain_problem("not-found"))
                await response(scope, receive, send_with_headers)
            else:
                await self._app(scope, receive, send_with_headers)
        except ClientDisconnect:
            status = status or _DISCONNECTED
        except asyncio.CancelledError:  # the time to shut down is over
            if status == 0:  # uvicorn would answer that it failed
                response = problem_response(scope, shutting_down())
                await response(scope, receive, send_with_headers)
            raise
        # Whatever it is: the caller gets one fixed text, the log all of it.
        except Exception:
            logger.exception(
                "a fault while answering", extra={FIELDS: {"request": notes.request_id}}
            )
            if status == 0:
                response = problem_response(scope, plain_problem("internal"))
                await response(scope, receive, send_with_headers)
        finally:
            metrics.in_flight.dec()
            self._report(scope, notes, status or _DISCONNECTED, time.perf_counter() - start)

    def _headers(
        self, scope: Scope, notes: Notes, headers: list[tuple[bytes, bytes]], start: float
    ) -> list[tuple[bytes, bytes]]:
        headers = [*headers, *SECURITY_HEADERS, (b"x-request-id", notes.request_id.encode())]
        if not notes.is_page:
            headers += [CONTENT_POLICY, NOT_STORED]
        if scope["scheme"] == "https":
            headers.append(_TLS_ONLY)
        if notes.digest is not None:
            headers.append((b"x-model-digest", notes.digest.encode()))
        if notes.timings:
            add_to_span(notes.timings)
            steps = {**notes.timings, "total": time.perf_counter() - start}
            timing = ", ".join(f"{step};dur={s * 1e3:.2f}" for step, s in steps.items())
            headers.append((b"server-timing", timing.encode()))
        return headers

    def _report(self, scope: Scope, notes: Notes, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "other")
        method = scope["method"] if scope["method"] in _METHODS else "other"
        metrics = self._service.metrics
        metrics.request(route, method, status, seconds)
        if notes.problem is not None:
            metrics.refusal(notes.problem)
        if route not in _QUIET or status >= 500:
            fields: dict[str, Any] = {
                "request": notes.request_id,
                "client": scope["client"][0][:_CLIENT] if scope["client"] else None,
                "method": method,
                "path": scope["path"][:200],
                "status": status,
                "ms": round(seconds * 1e3, 2),
            }
            if notes.problem is not None:
                fields["problem"] = notes.problem
            log_request(fields)


def request_id_of(headers: list[tuple[bytes, bytes]]) -> str:
    """Return the id that the caller gave, the trace's, or a new one."""
    trace = None
    for name, value in headers:
        if name == b"x-request-id" and _REQUEST_ID.fullmatch(value):
            given: bytes = value
            return given.decode()
        if name == b"traceparent" and (match := _TRACE.fullmatch(value)):
            trace = match[1].decode()
    return trace or secrets.token_hex(8)
