"""python -m app.healthcheck: is the service on this machine's DIGITS_HOST and DIGITS_PORT ready?

For the container image, which has no curl. Exit code 0 means yes.
"""

import os
import sys
from http.client import HTTPConnection, HTTPException


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


if __name__ == "__main__":
    # Where it listens on every address, 0.0.0.0 or ::, Linux connects to this machine itself.
    host = os.environ.get("DIGITS_HOST") or "127.0.0.1"
    sys.exit(not ready(host, int(os.environ.get("DIGITS_PORT") or 8000)))
