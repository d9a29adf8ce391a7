"""HTTP/1.1 with limits: uvicorn's httptools protocol, which is fast but trusts its clients.

Of uvicorn's two parsers h11 bounds the headers and takes several times the processor time;
httptools bounds nothing. Neither closes a connection that never sends a request. Here each
connection has a deadline for what it is doing, which one task of the server looks at.
"""

import asyncio
import enum
from typing import Any, cast

from pydantic_core import to_json
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from app.api.middleware import CONTENT_POLICY, SECURITY_HEADERS, request_id_of
from app.errors import MEDIA_TYPE, Problem
from app.service import Service
from app.telemetry.logs import log_request

FLUSH_SECONDS = 2.0  # for the client to take the last answer, once a connection is to be closed
LAST_REQUEST_SECONDS = 1.0  # an idle connection waits so long at the end for a request on its way
_OF_DRAWINGS = (b"/predict", b"/explain")
_SAME_HEADERS = b"".join(
    b"%s: %s\r\n" % header
    for header in (*SECURITY_HEADERS, CONTENT_POLICY, (b"content-type", MEDIA_TYPE.encode()))
)


class Phase(enum.Enum):
    """What a connection waits for."""

    IDLE = enum.auto()  # the first byte of a request
    HEAD = enum.auto()  # the rest of the request line and headers
    BODY = enum.auto()  # the rest of the body
    ANSWER = enum.auto()  # our answer, and that the client takes it
    CLOSING = enum.auto()  # that the last bytes are gone


class AnswerTransport:
    """What uvicorn writes an answer to, and closes after the last one."""

    def __init__(self, protocol: "BoundedProtocol") -> None:
        self._protocol = protocol
        self.write = protocol.transport.write
        self.is_closing = protocol.transport.is_closing

    def close(self) -> None:
        """End the connection; gently, if the request was answered before all of it came."""
        if self._protocol.cycle.more_body:
            self._protocol.end()
        else:
            self._protocol.transport.close()


class BoundedProtocol(HttpToolsProtocol):
    """One connection."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.service = cast(Service, self.app_state["service"])
        self.settings = self.service.settings
        self.phase = Phase.IDLE
        self.deadline = 0.0  # in the loop's time
        self._head_received = 0  # bytes of a head that is not complete yet
        self._head_parsed = 0  # bytes of its address and complete headers
        self._hosts = 0  # Host headers of this head
        self._problem: Problem | None = None  # what is wrong with the request being received
        self._refused = False  # the request being received is answered already
        self._refuse_next: Problem | None = None  # to send once the answer before it is complete

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a connection, if there are not too many already."""
        super().connection_made(transport)
        self._wait_in(Phase.IDLE, self.settings.header_seconds)
        if len(self.connections) > self.settings.connections:
            number = self.settings.connections
            detail = f"{number} connections are open, and no more are taken; try again in a moment."
            retry = {"Retry-After": str(self.settings.retry_seconds)}
            self._refuse(Problem("overloaded", detail, headers=retry))
            self.transport.close()  # not gently: a flood of connections would not end

    def data_received(self, data: bytes) -> None:
        """Parse what came, and stop where the headers have no end."""
        if self.phase is Phase.CLOSING:
            return
        inside_head = self.phase is Phase.HEAD
        super().data_received(data)
        if inside_head and self.phase is Phase.HEAD:
            self._head_received += len(data)
            if self._head_received > self.settings.header_bytes:
                self._refuse(self._head_too_large())

    def eof_received(self) -> bool:  # type: ignore[override]  # as asyncio has it
        """Keep a connection whose client only closed its own half until it has its answer."""
        waiting = self.phase is Phase.ANSWER
        if waiting:
            self.cycle.keep_alive = False
            self.cycle.message_event.set()  # who waits for a message learns that none will come
        return waiting

    def on_message_begin(self) -> None:
        """Begin a request."""
        super().on_message_begin()
        self._refused = False
        self._head_received = self._head_parsed = self._hosts = 0
        self._wait_in(Phase.HEAD, self.settings.header_seconds)

    def on_url(self, url: bytes) -> None:
        """Take a piece of the request line."""
        self._count_head(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header; one that trails the body is dropped, since nothing here wants any."""
        self._count_head(len(name) + len(value))
        if self.phase is Phase.HEAD:
            self._hosts += name.lower() == b"host"
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Start to answer."""
        if self._hosts != 1 and (self._hosts or self.parser.get_http_version() == "1.1"):
            detail = "An HTTP/1.1 request must have one Host header."  # RFC 9112, section 3.2
            self._problem = Problem("bad-request", detail)
            raise self._problem  # as in `_count_head`
        self._wait_in(Phase.BODY, self.settings.body_seconds)
        if self._no_room():
            # Before all else: at twice the capacity every second request ends here, and what
            # that costs is taken from those that are served.
            self._refused = True
            self._write_refusal(self.service.admission.busy(), self.url.decode(), "POST")
            return
        super().on_headers_complete()
        self.cycle.transport = cast(asyncio.Transport, AnswerTransport(self))
        if self.service.draining:
            self.cycle.keep_alive = False

    def on_body(self, body: bytes) -> None:
        """Take a piece of the body; what is refused is dropped."""
        if not self._refused:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """Have the whole request."""
        if self._refused:
            self._wait_in(Phase.IDLE, self.settings.idle_seconds)
            return
        super().on_message_complete()
        if self.cycle.response_complete:
            self._wait_in(Phase.IDLE, self.settings.idle_seconds)
        else:
            self._wait_in(Phase.ANSWER, 2 * self.settings.answer_seconds)

    def on_response_complete(self) -> None:
        """Go on with the next request that was sent ahead, or wait for one."""
        another = bool(self.pipeline)
        if self.phase is Phase.ANSWER and another:
            self._wait_in(Phase.ANSWER, 2 * self.settings.answer_seconds)
        elif self.phase is Phase.ANSWER:
            self._wait_in(Phase.IDLE, self.settings.idle_seconds)
        super().on_response_complete()
        if self._refuse_next is not None and not another:
            self._send_refusal(self._refuse_next)
        if self.transport.is_closing():
            self._wait_in(Phase.CLOSING, FLUSH_SECONDS)

    def send_400_response(self, msg: str) -> None:
        """Refuse what is not HTTP, or what a callback above has refused."""
        detail = "The bytes sent are no valid HTTP/1.1 request."
        self._refuse(self._problem or Problem("bad-request", detail))

    def shutdown(self) -> None:
        """Close after the answer under way; if there is none, after a request on its way."""
        if self.phase is Phase.IDLE:
            self.deadline = min(self.deadline, self.loop.time() + LAST_REQUEST_SECONDS)
        elif self.cycle is not None:
            self.cycle.keep_alive = False

    def expire(self) -> None:
        """End what has taken too long."""
        if self.phase is Phase.HEAD:
            seconds = self.settings.header_seconds
            self._refuse(Problem("too-slow", f"The headers took longer than {seconds:g} s."))
        elif self.phase is Phase.BODY and not (self._refused or self.cycle.response_started):
            seconds = self.settings.body_seconds
            self._refuse(Problem("too-slow", f"The body took longer than {seconds:g} s."))
        elif self.phase is Phase.IDLE:
            self.transport.close()
            self._wait_in(Phase.CLOSING, FLUSH_SECONDS)
        else:  # nothing can be said in the middle of an answer, or to who does not listen
            self.transport.abort()

    def _unsupported_upgrade_warning(self) -> None:
        """Ignore an Upgrade without a word; the parser reads nothing more behind it, so close."""
        self.cycle.keep_alive = False

    def _wait_in(self, phase: Phase, seconds: float) -> None:
        self.phase = phase
        self.deadline = self.loop.time() + seconds

    def _count_head(self, size: int) -> None:
        self._head_parsed += size
        too_many = len(self.headers) >= self.settings.header_count
        if self._head_parsed > self.settings.header_bytes or too_many:
            self._problem = self._head_too_large()
            raise self._problem  # the parser stops, and send_400_response is called

    def _head_too_large(self) -> Problem:
        settings = self.settings
        return Problem(
            "headers-too-large",
            f"At most {settings.header_count} headers and {settings.header_bytes} bytes of them "
            "with the address are read.",
        )

    def _refuse(self, problem: Problem) -> None:
        """Answer without the app and close; in order, if an answer is still under way."""
        answering = self.cycle is not None and not self.cycle.response_complete
        if answering and not self.cycle.more_body:
            self._refuse_next = problem
            self.flow.pause_reading()
            self._wait_in(Phase.ANSWER, 2 * self.settings.answer_seconds)
        elif answering and self.cycle.response_started:
            self.transport.abort()
        else:
            self._send_refusal(problem)

    def _no_room(self) -> bool:
        """Whether a drawing is coming that can be refused at once, on a connection that stays."""
        return (
            self.service.admission.full
            and self.url in _OF_DRAWINGS
            and self.parser.get_method() == b"POST"
            and self.parser.should_keep_alive()
            and (self.cycle is None or self.cycle.response_complete)
            and not self.service.draining
            and not self.settings.cors_origins  # which needs headers of its own
        )

    def _send_refusal(self, problem: Problem) -> None:
        self._write_refusal(problem, "other", "other", {"Connection": "close"})
        self.end()

    def _write_refusal(
        self, problem: Problem, route: str, method: str, headers: dict[str, str] | None = None
    ) -> None:
        request_id = request_id_of(self.headers or [])
        self.service.metrics.request(route, method, problem.status, 0.0)
        self.service.metrics.refusal(problem.kind)
        log_request(
            {
                "request": request_id,
                "client": self.client[0] if self.client else None,
                "method": method,
                "path": route,
                "status": problem.status,
                "problem": problem.kind,
            }
        )
        body = to_json(problem.body(request_id))
        lines = "".join(
            f"{name}: {value}\r\n"
            for name, value in ((problem.headers or {}) | (headers or {})).items()
        )
        own = f"{lines}x-request-id: {request_id}\r\ncontent-length: {len(body)}\r\n\r\n".encode()
        self.transport.write(STATUS_LINE[problem.status] + _SAME_HEADERS + own + body)

    def end(self) -> None:
        """Send no more, and close when the client has done so or has had time to.

        To close while it still sends would reset the connection, and the client's system throws
        away what it has not read by then: our answer. What it sends is dropped.
        """
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self.flow.resume_reading()
        self._wait_in(Phase.CLOSING, FLUSH_SECONDS)
