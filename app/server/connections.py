"""Who may connect: how many connections a worker holds, and how many of one address.

When there are too many, a silent one is closed for the new one. If all are busy, the new one is let
in only to be refused, or to ask whether the service is alive: an orchestrator that cannot ask that
would end a service that is merely full.
"""

import asyncio
import ipaddress
from collections import Counter

from app.errors import Problem
from app.settings import Settings

GRACE_SECONDS = 1.0  # a silent connection is left alone so long: its request may be on its way
MAX_REFUSED = 50  # connections that are let in beyond the limit; the oldest goes for the next


class Connections:
    """The connections of one worker, known by their transports. Times are the event loop's."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._trusted = settings.trusted_networks()
        self._sources: dict[asyncio.Transport, str | None] = {}
        self._counts: Counter[str | None] = Counter()
        self._silent: dict[asyncio.Transport, float] = {}  # since when; the oldest is the first
        self._refused: dict[asyncio.Transport, None] = {}

    def admit(
        self, transport: asyncio.Transport, address: str | None, now: float
    ) -> Problem | None:
        """Let a connection in; return the Problem with which it is to be refused, if it must be."""
        source = self._source(address)
        settings = self._settings
        problem = None
        if source is not None and self._counts[source] >= settings.address_connections:
            if not self._close_silent(now, source):
                number = settings.address_connections
                problem = self._too_many("busy", f"{number} connections from your address are open")
        elif len(self._sources) >= settings.connections and not self._close_silent(now):
            number = settings.connections
            problem = self._too_many("overloaded", f"{number} connections are open")
        if problem is None:
            self._sources[transport] = source
            self._counts[source] += 1
        else:
            self._refused[transport] = None
            if len(self._refused) > MAX_REFUSED:
                oldest = next(iter(self._refused))
                del self._refused[oldest]
                oldest.abort()
        return problem

    def trusts(self, address: str | None) -> bool:
        """Whether an address is that of a proxy that is believed."""
        if address is None or not self._trusted:
            return False
        ip = ipaddress.ip_address(address.partition("%")[0])
        return any(ip in network for network in self._trusted)

    def leave(self, transport: asyncio.Transport) -> None:
        """Forget a connection that is closed, or about to be."""
        self._silent.pop(transport, None)
        self._refused.pop(transport, None)
        if transport in self._sources:
            source = self._sources.pop(transport)
            self._counts[source] -= 1
            if not self._counts[source]:
                del self._counts[source]

    def silent(self, transport: asyncio.Transport, now: float) -> None:
        """Note that a connection waits for a request, and may be closed for another."""
        if transport in self._sources:
            self._silent[transport] = now

    def busy(self, transport: asyncio.Transport) -> None:
        """Note that a request has begun."""
        self._silent.pop(transport, None)

    def _close_silent(self, now: float, source: str | None = None) -> bool:
        """Close the connection that has been silent longest, of a source if one is given."""
        for transport, since in self._silent.items():
            if since > now - GRACE_SECONDS:
                break
            if source is None or self._sources[transport] == source:
                self.leave(transport)
                transport.close()
                return True
        return False

    def _source(self, address: str | None) -> str | None:
        """Return what is counted as one address; None for a proxy, behind which are many clients.

        Of IPv6 that is a network of 64 bits: a single client has as many addresses.
        """
        if address is None or self.trusts(address):
            return None
        ip = ipaddress.ip_address(address.partition("%")[0])
        if ip.version == 6:
            return str(ipaddress.ip_network((ip, 64), strict=False))
        return address

    def _too_many(self, kind: str, what: str) -> Problem:
        detail = f"{what}, and no more are taken; try again in a moment."
        retry = {"Retry-After": str(self._settings.retry_seconds)}
        return Problem(kind, detail, headers=retry)
