"""HTTP/1.1 with limits: uvicorn's httptools protocol, which is fast but trusts its clients.

Of uvicorn's two parsers h11 bounds the headers and takes several times the processor time;
httptools bounds nothing. Neither closes a connection that never sends a request. Here a connection
parses one request, and the next one only when that is answered. It has a deadline for what it is
doing; one task of the server checks all of them.
"""

import asyncio
import enum
from typing import Any, cast

import httptools
from fastapi.routing import APIRoute
from starlette.types import Message, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from app.api.middleware import PROBES
from app.api.routes import drawings
from app.errors import Problem
from app.server.addresses import below, forwarded_prefix, with_path
from app.server.connections import GRACE_SECONDS, Connections
from app.server.incoming import Flow, Incoming
from app.server.refusals import refusal
from app.service import Service

FLUSH_SECONDS = 2.0  # for the client to take the last answer, once a connection is to be closed
# What is not body in a chunked body (sizes, their extensions, trailers) may be as long as a head,
# and besides an eighth of the body: so a body of any length may come in chunks of 40 bytes.
_FRAMING_SHARE = 8
_EMPTY_LINE_BYTES = 32  # as so much of that an empty line counts, behind which parsing begins anew
_OF_DRAWINGS = frozenset(
    route.path.encode() for route in drawings.routes if isinstance(route, APIRoute)
)


class Phase(enum.Enum):
    """What a connection waits for."""

    IDLE = enum.auto()  # the first byte of a request
    HEAD = enum.auto()  # the rest of the request line and headers
    BODY = enum.auto()  # the rest of the body
    ANSWER = enum.auto()  # our answer, and that the client takes it
    CLOSING = enum.auto()  # that the last bytes are gone


_RECEIVING = (Phase.IDLE, Phase.HEAD, Phase.BODY)


class AnswerTransport:
    """The transport as uvicorn sees it: it writes answers to it and closes it after the last."""

    def __init__(self, protocol: "BoundedProtocol") -> None:
        self._protocol = protocol
        self._transport = protocol.transport
        self.is_closing = protocol.transport.is_closing

    def write(self, data: bytes) -> None:
        """Send; what is for a client that has left is dropped, and uvicorn is told soon."""
        if not self._transport.is_closing():
            self._transport.write(data)

    def close(self) -> None:
        """End the connection; gently, if the client has sent more than what is answered."""
        self._protocol.finish()


class BoundedProtocol(HttpToolsProtocol):
    """One connection."""

    flow: Flow

    def __init__(self, others: Connections, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.service = cast(Service, self.app_state["service"])
        self.settings = self.service.settings
        self._real_app = self.app
        self.app = self._answer
        self.phase = Phase.IDLE
        self.deadline = 0.0  # in the loop's time
        self._others = others
        self._incoming = Incoming()
        self._framing = 0  # bytes of this head, or of what is not body in this chunked body
        self._body_bytes = 0  # received of this body
        self._body_length: int | None = None  # that is declared; None: chunks, or no body
        self._hosts = 0  # Host headers of this head
        self._trailers = 0  # headers behind this body
        self._problem: Problem | None = None  # with the request that is being received
        self._refused = False  # the request that is being received is already answered
        self._from_proxy = False  # which is believed
        self._unwanted: Problem | None = None  # why this connection is one too many

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a connection; one too many may only ask for a probe, and at once."""
        super().connection_made(transport)
        self.flow = Flow(transport)
        address = self.client[0] if self.client else None
        self._from_proxy = self._others.trusts(address)
        self._unwanted = self._others.admit(transport, address, self.loop.time())
        self._wait_in(Phase.IDLE, GRACE_SECONDS if self._unwanted else self.settings.header_seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self.phase = Phase.CLOSING
        self._others.leave(self.transport)
        self._incoming.clear()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what came."""
        if self.phase is not Phase.CLOSING:
            self._incoming.add(data)
            self._parse()

    def eof_received(self) -> bool:  # type: ignore[override]  # as asyncio has it
        """Keep a connection whose client only closed its own half until it has its answer."""
        waiting = self.phase is Phase.ANSWER
        if waiting:
            self.cycle.keep_alive = False
            self.cycle.message_event.set()  # who waits for a message learns that none will come
        return waiting

    def on_message_begin(self) -> None:
        """Begin a request."""
        if self.phase is not Phase.IDLE:  # the parser has found an end where we have not
            raise self._wrong("The bytes sent are no valid HTTP/1.1 request.")
        super().on_message_begin()
        self._refused = False
        self._hosts = self._trailers = 0
        self._wait_in(Phase.HEAD, GRACE_SECONDS if self._unwanted else self.settings.header_seconds)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header; one that trails the body is dropped, since nothing here wants any."""
        trailing = self.phase is Phase.BODY
        self._trailers += trailing
        count = self._trailers if trailing else len(self.headers) + 1
        if count > self.settings.header_count:
            self._problem = self._head_too_large()
            raise self._problem  # the parser stops, and `_feed` refuses
        if not trailing:
            self._hosts += name.lower() == b"host"
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Start to answer."""
        if self.parser.should_upgrade():
            if self.parser.get_method() == b"CONNECT":
                raise self._wrong("This is no proxy.")
            return  # to come again, see `_ignore_upgrade`
        if self._hosts != 1 and (self._hosts or self.parser.get_http_version() == "1.1"):
            # RFC 9112, section 3.2
            raise self._wrong("An HTTP/1.1 request must have one Host header.")
        self._take_address()
        if self._unwanted is not None and self._path() not in PROBES:
            self._problem = self._unwanted
            raise self._unwanted
        self._body_length = self._declared_length()
        self._framing = self._body_bytes = 0
        self._incoming.begin()
        if self._no_room():
            # Before all else: at twice the capacity every second request ends here, and what
            # that costs is taken from those that are served.
            self._refused = True
            path = self._path().decode()
            self._write(self.service.admission.busy(), route=path, method="POST", closing=False)
        else:
            super().on_headers_complete()
            self.cycle.transport = cast(asyncio.Transport, AnswerTransport(self))
            if self.service.draining or self._unwanted is not None:
                self.cycle.keep_alive = False
        self._wait_in(Phase.BODY, self.settings.body_seconds)

    def on_body(self, body: bytes) -> None:
        """Take a piece of the body; what is refused is dropped."""
        self._framing -= len(body)
        self._body_bytes += len(body)
        if not self._refused:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """Have the whole request."""
        if self.parser.should_upgrade():
            return
        self._framing = 0
        self._body_length = None
        if not self._refused:
            super().on_message_complete()
        if self._refused or self.cycle.response_complete:
            self._wait_in(Phase.IDLE, self.settings.idle_seconds)
        else:
            self._wait_in(Phase.ANSWER, 2 * self.settings.answer_seconds)

    def on_response_complete(self) -> None:
        """Go on with what was sent ahead, or wait for the next request."""
        if self.phase is Phase.CLOSING or self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.phase is Phase.ANSWER:
            self._wait_in(Phase.IDLE, self.settings.idle_seconds)
            if self._incoming:
                self._parse()

    def shutdown(self) -> None:
        """Close after the answer under way; if there is none, after a request on its way."""
        if self.phase is Phase.IDLE:
            self.deadline = min(self.deadline, self.loop.time() + GRACE_SECONDS)
        elif self.cycle is not None:
            self.cycle.keep_alive = False

    def expire(self) -> None:
        """End what has taken too long."""
        if self._unwanted is not None and self.phase in (Phase.IDLE, Phase.HEAD):
            self._refuse(self._unwanted)
        elif self.phase is Phase.HEAD:
            seconds = self.settings.header_seconds
            self._refuse(Problem("too-slow", f"The headers took longer than {seconds:g} s."))
        elif self.phase is Phase.BODY and not (self._refused or self.cycle.response_started):
            seconds = self.settings.body_seconds
            self._refuse(Problem("too-slow", f"The body took longer than {seconds:g} s."))
        elif self.phase is Phase.IDLE:
            self.transport.close()
            self._wait_in(Phase.CLOSING, FLUSH_SECONDS)
        else:  # in the middle of an answer, or to a client that reads nothing
            self.transport.abort()

    def finish(self) -> None:
        """Close after an answer."""
        if self.cycle.more_body or self._incoming:
            self._end()
        else:
            self.transport.close()
            self._wait_in(Phase.CLOSING, FLUSH_SECONDS)

    def _parse(self) -> None:
        """Give the parser what has come, up to the end of one request."""
        incoming = self._incoming
        while incoming and self.phase in _RECEIVING:
            if self.phase is Phase.IDLE:
                incoming.skip_empty_lines()
                if not incoming:
                    break
            left = (self._body_length or 0) - self._body_bytes
            piece = incoming.take(left) if left > 0 else incoming.take_up_to_empty_line()
            self._framing += len(piece)
            if self.phase is not Phase.BODY and self._framing > self.settings.header_bytes:
                self._refuse(self._head_too_large())
                break
            self._feed(piece)
            if self.phase is Phase.BODY and self._body_length is None:
                self._check_chunks()
            elif self.phase is Phase.IDLE:
                # A request that was refused is complete. Others have their turn before the next.
                if incoming:
                    self.loop.call_soon(self._parse)
                break
        # What is not parsed yet is in memory: no more of it until it is gone.
        waiting = bool(incoming) and self.phase is not Phase.CLOSING
        if waiting != self.flow.held:
            self.flow.hold(waiting)

    def _check_chunks(self) -> None:
        """Refuse a chunked body too much of which is not body."""
        if self._incoming.at_empty_line:
            self._framing += _EMPTY_LINE_BYTES
        allowed = self.settings.header_bytes + self._body_bytes // _FRAMING_SHARE
        if self._framing > allowed:
            detail = "The chunks of the body are too small, or what trails it is too long."
            self._refuse(Problem("bad-request", detail))

    def _feed(self, piece: memoryview | bytes) -> None:
        try:
            self.parser.feed_data(piece)
        except httptools.HttpParserUpgrade:
            self._ignore_upgrade()
        except httptools.HttpParserError:
            detail = "The bytes sent are no valid HTTP/1.1 request."
            self._refuse(self._problem or Problem("bad-request", detail))

    def _ignore_upgrade(self) -> None:
        """Parse the head again without its Upgrade, behind which the parser reads no body.

        A server may go on in HTTP/1.1 (RFC 9110, section 7.8), which those that offer h2c expect.
        """
        version = self.parser.get_http_version().encode()
        lines = [b"%s %s HTTP/%s" % (self.parser.get_method(), self.url, version)]
        lines += [b"%s: %s" % header for header in self.headers if header[0] != b"upgrade"]
        self.parser = httptools.HttpRequestParser(self)
        self._wait_in(Phase.IDLE, self.settings.header_seconds)
        self._feed(b"\r\n".join([*lines, b"", b""]))

    def _declared_length(self) -> int | None:
        """Return the length of the body; None if it comes in chunks, or if there is none."""
        length = None
        for name, value in self.headers:
            if name == b"content-length":
                length = int(value)  # the parser has refused all but one number
            elif name == b"transfer-encoding" and value.strip().lower() != b"chunked":
                raise self._wrong("No Transfer-Encoding but chunked is read.")
        return length

    def _take_address(self) -> None:
        """Leave the path out below which a proxy serves us, and note it as ASGI's `root_path`."""
        ours = self.settings.root_path
        said = forwarded_prefix(self.headers) if self._from_proxy else ""
        self.root_path = self.scope["root_path"] = said or ours
        self.url = below(with_path(self.url), ours)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the app answer. What is wrong with the body is raised where the app waits for it."""

        async def receive_or_refuse() -> Message:
            message = await receive()
            if self._problem is not None:
                raise self._problem
            return message

        await self._real_app(scope, receive_or_refuse, send)

    def _wait_in(self, phase: Phase, seconds: float) -> None:
        now = self.loop.time()
        if phase is Phase.IDLE:
            self._others.silent(self.transport, now)
        elif self.phase is Phase.IDLE:
            self._others.busy(self.transport)
        self.phase = phase
        self.deadline = now + seconds

    def _wrong(self, detail: str) -> Problem:
        """Note what is wrong with the request; raised in the parser, it stops, `_feed` refuses."""
        self._problem = Problem("bad-request", detail)
        return self._problem

    def _head_too_large(self) -> Problem:
        settings = self.settings
        return Problem(
            "headers-too-large",
            f"At most {settings.header_count} headers and {settings.header_bytes} bytes of them "
            "with the address are read.",
        )

    def _refuse(self, problem: Problem) -> None:
        """Refuse the request that is being received, and close."""
        if self.phase in (Phase.IDLE, Phase.HEAD):
            self._write(problem)
            self._end()
        elif self._refused or self.cycle.response_complete:
            self._end()
        else:  # the app answers, where it waits for the body
            self._problem = problem
            self.cycle.keep_alive = False
            self.cycle.message_event.set()
            self._wait_in(Phase.ANSWER, 2 * self.settings.answer_seconds)

    def _no_room(self) -> bool:
        """Whether a drawing is coming that can be refused at once, on a connection that stays."""
        return (
            self.service.admission.full
            and self._path() in _OF_DRAWINGS
            and self.parser.get_method() == b"POST"
            and self.parser.should_keep_alive()
            and not self.service.draining
            and not self.settings.cors_origins  # which needs headers of its own
        )

    def _path(self) -> bytes:
        return self.url.partition(b"?")[0]

    def _write(self, problem: Problem, **how: Any) -> None:
        client = self.client[0] if self.client else None
        headers = self.headers if self.phase is Phase.HEAD else []  # else they are the last one's
        self.transport.write(refusal(self.service, problem, client, headers, **how))

    def _end(self) -> None:
        """Send no more, and close when the client has done so or has had time to.

        To close while it still sends would reset the connection, and the client's system throws
        away what it has not read by then: our answer. What it sends is dropped.
        """
        if self.transport.can_write_eof() and not self.transport.is_closing():
            self.transport.write_eof()
        self._incoming.clear()
        self.flow.hold(False)
        self._wait_in(Phase.CLOSING, FLUSH_SECONDS)
