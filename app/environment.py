"""What the environment says to the service, and what of it only looks as if it did.

In every pod Kubernetes describes the services of the namespace by variables, as Docker's links did
before it. Those of a service whose name begins with `digits` look like settings.
"""

import os
import re
from collections.abc import Mapping

PREFIX = "DIGITS_"
HOST, PORT = "127.0.0.1", 8000
_EVERYWHERE = "::"  # in most servers that is every address of IPv4 too
_OF_A_SERVICE = re.compile(
    rf"{PREFIX}(\w+_)?(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)"
)
_OF_A_PORT = re.compile(rf"{PREFIX}(\w+_)?PORT")
_ADDRESS = re.compile(r"(tcp|udp|sctp)://")


def settings_in(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the variables that are meant as settings, by their names in capitals."""
    named = {name.upper(): value for name, value in environment.items()}
    return {
        name: value
        for name, value in named.items()
        if name.startswith(PREFIX) and not _injected(name, value)
    }


def hosts_in(host: str) -> list[str]:
    """Return the addresses that DIGITS_HOST lists; `::` alone stands for all of both families."""
    listed = [name.strip(" []") for name in host.split(",") if name.strip(" []")]
    return ["0.0.0.0", _EVERYWHERE] if listed == [_EVERYWHERE] else listed


def _injected(name: str, value: str) -> bool:
    """Whether Kubernetes has put a variable there (Pod.spec.enableServiceLinks)."""
    if _OF_A_SERVICE.fullmatch(name):
        return True
    return _OF_A_PORT.fullmatch(name) is not None and _ADDRESS.match(value) is not None
