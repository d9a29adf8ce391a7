"""python -m app.healthcheck: is the service on this machine's DIGITS_HOST and DIGITS_PORT ready?

For the container image, which has no curl. Exit code 0 means yes.
"""

import sys
from http.client import HTTPConnection, HTTPException

from app.environment import HOST, PORT, PREFIX, hosts_in, settings_in


def ready(host: str, port: int) -> bool:
    """Ask /readyz; False if nothing answers within two seconds, or not with 200."""
    connection = HTTPConnection(host, port, timeout=2)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def address() -> tuple[str, int]:
    """Return the first address that the service listens on, and its port; raises ValueError."""
    settings = settings_in()
    # Where it listens on every address, 0.0.0.0 or ::, Linux connects to this machine itself.
    hosts = hosts_in(settings.get(f"{PREFIX}HOST", "")) or [HOST]
    return hosts[0], int(settings.get(f"{PREFIX}PORT") or PORT)


def main() -> int:
    """Return the exit code."""
    try:
        return not ready(*address())
    except ValueError:  # with such a port nothing has started
        return 1


if __name__ == "__main__":
    sys.exit(main())
