"""create_app: the service put together."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware

from app.api import openapi, routes
from app.api.addresses import OtherAddresses
from app.api.middleware import AroundEveryRequest
from app.api.v2 import routes as open_inference
from app.errors import add_error_handlers
from app.service import Service
from app.settings import Settings, load_settings
from app.telemetry.tracing import telemetry
from app.web.pages import DOCUMENTATION, STATIC, SWAGGER_UI, page_router

DESCRIPTION = """Reads handwritten digits with a convolutional network in NumPy.

Every refusal is `application/problem+json` (RFC 9457) whose `detail` says what would be right;
below `/v2` it has the form of that protocol, `{"error": "..."}`."""


def create_app(settings: Settings | None = None) -> FastAPI:
    """Build the service; the weights are loaded when it starts, not here."""
    service = Service(settings or load_settings())

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, Any]]:
        if service.recognizer is None:  # `python -m app` has done it, to say what is wrong itself
            service.load()
        yield {"service": service}  # the protocol finds it in its state
        service.admission.close()

    app = FastAPI(
        title="Digit recognizer",
        summary="Reads handwritten digits.",
        description=DESCRIPTION,
        version=_version(),
        lifespan=lifespan,
        docs_url=None,  # ours needs nothing from elsewhere
        redoc_url=None,
        telemetry=telemetry(),
        root_path_in_servers=False,  # the document names the servers by its own place
        redirect_slashes=False,  # `OtherAddresses` does better
    )
    app.state.service = service
    app.openapi = partial(openapi.describe, app)  # type: ignore[method-assign]
    app.include_router(routes.drawings)
    app.include_router(routes.router)
    app.include_router(open_inference.router)
    frames = service.settings.frame_origins
    app.include_router(page_router(DOCUMENTATION, "/docs", frames))
    app.include_router(page_router(SWAGGER_UI, "/docs"))
    app.include_router(page_router(STATIC, "", frames))
    app.router.default = OtherAddresses(app.router)
    add_error_handlers(app)
    if service.settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=service.settings.cors_origins,
            allow_methods=["GET", "POST"],
            allow_headers=["Authorization", "Content-Type", "X-Request-ID"],
            expose_headers=["X-Request-ID", "X-Model-Digest", "Retry-After", "Server-Timing"],
        )
    app.add_middleware(AroundEveryRequest, service=service)  # the last one added is the outermost
    return app


def _version() -> str:
    try:
        return version("digit-recognizer")
    except PackageNotFoundError:  # run from a source tree, as in the image
        return "1.0.0"
