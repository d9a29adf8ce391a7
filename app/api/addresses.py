"""Addresses that no route has: with a slash too many, or unknown."""

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.types import Receive, Scope, Send

# A proxy's rule that keeps strangers from these may name them exactly: so must a request.
_EXACT = frozenset({"/metrics/", "/model/"})


class OtherAddresses:
    """What the router asks where none of its routes matches (`starlette.routing.Router.default`).

    `/predict/` is answered as `/predict` is. A redirect would lose the bodies of many clients, and
    its address would be made of the client's Host header.
    """

    def __init__(self, router: APIRouter) -> None:
        self._router = router

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Look for the route without the slash. Raises HTTPException (404) if there is none."""
        path = scope["path"]
        below = path.removeprefix(scope["root_path"])
        if not path.endswith("/") or path.endswith("//") or below in _EXACT:
            raise HTTPException(404)
        scope["path"] = path[:-1]
        await self._router(scope, receive, send)
