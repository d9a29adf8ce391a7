"""uvicorn with bounds on its connections, new weights on SIGHUP, and a clean end."""

import asyncio
import contextlib
import errno
import logging
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from types import FrameType
from typing import Any, cast

import uvicorn
from fastapi import FastAPI

from app.environment import hosts_in
from app.server.connections import Connections
from app.server.protocol import BoundedProtocol
from app.service import Service

logger = logging.getLogger("digits")

TICK_SECONDS = 0.1  # how often deadlines and signals are looked at
_NO_SUCH_FAMILY = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)


class Server(uvicorn.Server):
    """One worker's server.

    SIGTERM, Ctrl-C and a terminal that closes are ordinary ends; where there is no terminal, SIGHUP
    reads the weights again.
    """

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
        handlers: dict[signal.Signals, Callable[[int, FrameType | None], None]] = {
            signal.SIGTERM: self.handle_exit,
            signal.SIGINT: self.handle_exit,
        }
        if hasattr(signal, "SIGHUP"):  # which Windows lacks
            hangup = self.handle_exit if ends_with_terminal() else self._ask_for_reload
            handlers[signal.SIGHUP] = hangup
        before = {number: signal.signal(number, handlers[number]) for number in handlers}
        if hasattr(signal, "pthread_sigmask"):  # a worker begins with them blocked
            signal.pthread_sigmask(signal.SIG_UNBLOCK, handlers)
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
            logger.info("listening on %s", addresses(sockets))

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


def ends_with_terminal() -> bool:
    """Whether SIGHUP means that the terminal of this process is closed, and nohup is not used."""
    if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
        return False
    try:
        os.close(os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY))
    except OSError:  # there is none, as in a container, under systemd or cron
        return False
    return True


def bind(host: str, port: int) -> list[socket.socket]:
    """Return the listening sockets of all addresses that `host` lists, on one port.

    Raises OSError, with the name or address that is to blame as its `filename`.
    """
    listening: dict[tuple[Any, ...], socket.socket] = {}
    for name in hosts_in(host):
        try:
            found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
            places = {place: family for family, *_, place in found if place not in listening}
            for place, family in places.items():
                # Where any port would do, all take that of the first.
                first = next(iter(listening.values()), None)
                chosen = first.getsockname()[1] if first else port
                try:
                    listening[place] = socket.create_server(
                        (place[0], chosen, *place[2:]), family=family, backlog=2048
                    )
                except OSError as error:
                    # A name such as localhost may have an address of a family that is not there.
                    if error.errno not in _NO_SUCH_FAMILY or len(places) == 1:
                        raise
        except OSError as error:
            error.filename = name
            for one in listening.values():
                one.close()
            raise
    return list(listening.values())


def addresses(listening: Sequence[socket.socket]) -> str:
    """Return the base URLs of listening sockets, for people."""
    names = [one.getsockname()[:2] for one in listening]
    shown = (f"[{host}]:{port}" if ":" in host else f"{host}:{port}" for host, port in names)
    return " and ".join(f"http://{one}" for one in shown)
