"""The page and the documentation: a few files, read once at start and served from memory.

Only what was found then can be asked for, so no path can lead anywhere else. Each file goes out
compressed where that helps, with an ETag of its content: a browser that has it gets a 304.
"""

import gzip
import hashlib
import mimetypes
from collections.abc import Awaitable, Callable
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from app.notes import notes_of
from app.settings import PROJECT

STATIC = PROJECT / "static"
DOCUMENTATION = Path(__file__).parent / "documentation"
# Of this package nothing is used but the files that it brings.
SWAGGER_UI = Path(str(files("fastapi_swagger"))) / "resources"

_TYPES = {".js": "text/javascript"}  # whatever the system's table of types says
_HEADERS = {
    "Cache-Control": "no-cache",  # keep it, but ask each time whether it is still the same
    "Vary": "Accept-Encoding",
}
DOCUMENT_HEADERS = {  # a browser looks for them at what it shows, not at what that loads
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}


class Page(NamedTuple):
    """A file in memory; `compressed` is None where it would not be smaller."""

    content: bytes
    compressed: bytes | None
    media_type: str
    etag: str


def read_pages(folder: Path) -> dict[str, Page]:
    """Read every file below a folder, by its path there; hidden ones and code are left out."""
    pages = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        hidden = any(part.startswith((".", "__")) for part in name.split("/"))
        if path.is_file() and not hidden:
            pages[name] = _page(path)
    return pages


def page_router(folder: Path, prefix: str) -> APIRouter:
    """Serve a folder below a prefix, a route for each file, its index.html at the prefix itself."""
    router = APIRouter(include_in_schema=False)
    pages = read_pages(folder)
    for name, page in pages.items():
        path = f"{prefix}/{name}".removesuffix("/index.html") or "/"
        router.add_api_route(path, _endpoint(page), methods=["GET"])
    if (
        prefix and "index.html" in pages
    ):  # what the index refers to would be looked for one folder deeper
        router.add_api_route(f"{prefix}/", _one_up(prefix), methods=["GET"])
    return router


def _one_up(prefix: str) -> Callable[[], Awaitable[Response]]:
    async def redirect() -> Response:
        return Response(status_code=308, headers={"Location": f"..{prefix}"})

    return redirect


def _endpoint(page: Page) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        notes_of(request.scope).is_page = True
        return _answer(page, request)

    return answer


def _page(path: Path) -> Page:
    content = path.read_bytes()
    compressed = gzip.compress(content, mtime=0)
    media_type = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0]
    if media_type is not None and media_type.startswith("text/"):
        media_type += "; charset=utf-8"
    return Page(
        content,
        compressed if len(compressed) < len(content) else None,
        media_type or "application/octet-stream",
        hashlib.sha256(content).hexdigest()[:16],
    )


def _answer(page: Page, request: Request) -> Response:
    gzipped = page.compressed is not None and accepts_gzip(request)
    etag = f'"{page.etag}-gzip"' if gzipped else f'"{page.etag}"'
    headers = {**_HEADERS, "ETag": etag}
    if not page.media_type.startswith(("text/javascript", "text/css")):
        headers |= DOCUMENT_HEADERS
    # A weak tag is as good here (RFC 9110, section 13.1.2); proxies that compress make ours weak.
    known = request.headers.get("if-none-match", "").split(",")
    if {tag.strip().removeprefix("W/") for tag in known} & {etag, "*"}:
        return Response(status_code=304, headers=headers)
    if gzipped:
        headers["Content-Encoding"] = "gzip"
    content = page.compressed if gzipped else page.content
    return Response(content, headers=headers, media_type=page.media_type)


def accepts_gzip(request: Request) -> bool:
    """Whether a client takes an answer that is compressed with gzip."""
    for choice in request.headers.get("accept-encoding", "").split(","):
        name, _, quality = choice.replace(" ", "").lower().partition(";q=")
        if name == "gzip":
            return quality.strip("0.") != "" if quality else True
    return False
