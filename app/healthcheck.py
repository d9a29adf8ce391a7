"""python -m app.healthcheck: is the service on this machine's DIGITS_PORT ready?

For the container image, which has no curl. Exit code 0 means yes.
"""

import os
import sys
from http.client import HTTPConnection, HTTPException


def ready(port: int) -> bool:
    """Ask /readyz; False if nothing answers within two seconds, or not with 200."""
    connection = HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(not ready(int(os.environ.get("DIGITS_PORT") or 8000)))
