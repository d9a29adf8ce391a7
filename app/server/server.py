"""uvicorn with bounds on its connections, new weights on SIGHUP, and a clean end."""

import asyncio
import contextlib
import logging
import os
import signal
import socket
import threading
from collections.abc import Iterator
from functools import partial
from types import FrameType
from typing import cast

import uvicorn
from fastapi import FastAPI

from app.server.connections import Connections
from app.server.protocol import BoundedProtocol
from app.service import Service

logger = logging.getLogger("digits")

TICK_SECONDS = 0.1  # how often deadlines and signals are looked at


class Server(uvicorn.Server):
    """One worker's server. SIGTERM and Ctrl-C are ordinary ends; SIGHUP reads the weights again."""

    def __init__(self, app: FastAPI) -> None:
        self.service: Service = app.state.service
        settings = self.service.settings
        self._protocol = partial(BoundedProtocol, Connections(settings))
        trusted = settings.forwarded_allow_ips
        super().__init__(
            uvicorn.Config(
                app,
                http=cast(type[asyncio.Protocol], self._protocol),
                ws="none",
                lifespan="on",
                log_config=None,  # ours is set up already
                access_log=False,
                server_header=False,
                proxy_headers=bool(trusted),
                forwarded_allow_ips=["*"] if "*" in trusted else list(trusted),
                timeout_keep_alive=int(settings.idle_seconds) + 1,  # ours comes first
                timeout_graceful_shutdown=cast(int, settings.shutdown_seconds),
                workers=1,  # see app.server.workers
            )
        )
        # Without its supervisor a worker would hold the port, and nobody would end or replace it.
        self._supervisor = os.getppid() if settings.workers > 1 else None
        self._reload_wanted = False
        self._reloading = threading.Thread()
        self._drain_until: float | None = None  # in the loop's time
        self._watch: asyncio.Task[None] | None = None

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Handle signals while serving; uvicorn's own way would raise them again at the end."""
        handlers = {
            signal.SIGTERM: self.handle_exit,
            signal.SIGINT: self.handle_exit,
            signal.SIGHUP: self._ask_for_reload,
        }
        before = {number: signal.signal(number, handlers[number]) for number in handlers}
        signal.pthread_sigmask(signal.SIG_UNBLOCK, handlers)  # a worker begins with them blocked
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to end: not ready from now on; a second Ctrl-C waits for nothing."""
        drain_seconds = self.service.settings.drain_seconds
        if self.service.draining and sig == signal.SIGINT:
            self.should_exit = self.force_exit = True
        elif sig == signal.SIGTERM and drain_seconds > 0 and not self.service.draining:
            self._drain_until = asyncio.get_running_loop().time() + drain_seconds
        else:
            self.should_exit = True
        self.service.draining = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to serve, and to watch over deadlines."""
        await super().startup(sockets)
        self._watch = asyncio.create_task(self._watch_over())
        if sockets and self._supervisor is None:  # which says it otherwise
            logger.info("listening on %s", address(sockets[0]))

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Answer what was accepted and what still waits in the sockets, then end."""
        await self._accept_waiting(sockets or [])
        await super().shutdown(sockets)
        if self._watch is not None:
            self._watch.cancel()

    async def _accept_waiting(self, sockets: list[socket.socket]) -> None:
        """Take the connections that wait in the sockets: closing these would reset them."""
        loop = asyncio.get_running_loop()

        def protocol() -> BoundedProtocol:
            return self._protocol(self.config, self.server_state, self.lifespan.state, loop)

        for listening in sockets:
            with contextlib.suppress(BlockingIOError):
                while True:
                    waiting, _ = listening.accept()
                    await loop.connect_accepted_socket(protocol, waiting)

    async def _watch_over(self) -> None:
        while True:
            await asyncio.sleep(TICK_SECONDS)
            for look in (self._end_slow_connections, self._end_if_asked, self._reload_if_asked):
                try:
                    look()
                except Exception:  # one fault must not end the watch over everything else
                    logger.exception("a fault while watching over connections and signals")

    def _end_slow_connections(self) -> None:
        now = asyncio.get_running_loop().time()
        for connection in list(self.server_state.connections):
            if cast(BoundedProtocol, connection).deadline < now:
                try:
                    cast(BoundedProtocol, connection).expire()
                except Exception:
                    logger.exception("a fault while ending a connection")
                    connection.transport.abort()

    def _end_if_asked(self) -> None:
        now = asyncio.get_running_loop().time()
        if self._drain_until is not None and now >= self._drain_until:
            self.should_exit = True
        if self._supervisor not in (None, os.getppid()):
            logger.error("the supervisor is gone; worker %d ends", os.getpid())
            self.should_exit = self.service.draining = True
            self._supervisor = None

    def _reload_if_asked(self) -> None:
        if self._reload_wanted and not self._reloading.is_alive():
            self._reload_wanted = False
            # Not one of the loop's threads: it waits for these when it ends.
            self._reloading = threading.Thread(target=self.service.reload, daemon=True)
            self._reloading.start()

    def _ask_for_reload(self, sig: int, frame: FrameType | None) -> None:
        self._reload_wanted = True


def bind(host: str, port: int) -> socket.socket:
    """Return a listening socket; raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=2048)


def address(listening: socket.socket) -> str:
    """Return the base URL of a listening socket."""
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
