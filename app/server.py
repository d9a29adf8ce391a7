"""uvicorn, made to end cleanly."""

import contextlib
import logging
import signal
import socket
from collections.abc import Iterator

import uvicorn

from app.main import create_app
from app.settings import Settings

logger = logging.getLogger("digits")


class Server(uvicorn.Server):
    """A server whose SIGTERM and Ctrl-C are ordinary ends, with exit code 0."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Handle signals while serving; uvicorn's own would raise them again at the end."""
        handlers = {
            number: signal.signal(number, self.handle_exit)
            for number in (signal.SIGTERM, signal.SIGINT)
        }
        try:
            yield
        finally:
            for number, handler in handlers.items():
                signal.signal(number, handler)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and say where."""
        await super().startup(sockets)
        if self.started:
            host, port = self.servers[0].sockets[0].getsockname()[:2]
            host = f"[{host}]" if ":" in host else host
            logger.info("listening on http://%s:%d", host, port)


def serve(settings: Settings) -> int:
    """Serve until told to end; return the exit code."""
    app = create_app(settings)
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        http="httptools",
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(settings.forwarded_allow_ips),
        forwarded_allow_ips=list(settings.forwarded_allow_ips),
        timeout_keep_alive=int(settings.idle_seconds),
        timeout_graceful_shutdown=int(settings.shutdown_seconds),
    )
    server = Server(config)
    server.run()
    return 0 if server.started else 1
