"""What the OpenAPI document says of bodies and refusals, with examples that work as they stand."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from app.api.schemas import DrawingAsImage, DrawingAsPixels, DrawingsAsImages, ProblemDetail
from app.api.v2.schemas import InferenceError, InferenceRequest
from app.drawings.images import MEDIA_TYPES
from app.drawings.multipart import PART
from app.drawings.self_test import SELF_TEST_DRAWING, self_test_png
from app.errors import KINDS, MEDIA_TYPE
from app.settings import Settings

Responses = dict[int | str, dict[str, Any]]

_SCHEMA = "#/components/schemas/"
_KEY = "key"
_PICTURE = {"type": "string", "format": "binary"}


def _form_of(part: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {PART: part},
        "required": [PART],
        "additionalProperties": False,
    }


DRAWING_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "One drawing, in whichever form you have it. A picture is known by its "
        "first bytes, whatever its media type says.",
        "content": {
            "multipart/form-data": {"schema": _form_of(_PICTURE)},  # what pages offer first
            "application/json": {
                "schema": {"oneOf": [{"$ref": f"{_SCHEMA}Pixels"}, {"$ref": f"{_SCHEMA}Image"}]},
                "examples": {
                    "image": {"value": {"image": f"data:image/png;base64,{self_test_png()}"}},
                    "pixels": {"value": {"pixels": SELF_TEST_DRAWING.tolist()}},
                },
            },
            **{name: {"schema": _PICTURE} for name in (*MEDIA_TYPES, "application/octet-stream")},
        },
    }
}

BATCH_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "Up to 64 drawings.",
        "content": {
            "multipart/form-data": {"schema": _form_of({"type": "array", "items": _PICTURE})},
            "application/json": {
                "schema": {"$ref": f"{_SCHEMA}Images"},
                "examples": {
                    "images": {"value": {"images": [self_test_png(), "no picture at all"]}},
                },
            },
        },
    }
}


def responses(kinds: tuple[str, ...], media_type: str, schema: str) -> Responses:
    """Return OpenAPI's responses for the problems of these kinds, by status, in one schema."""
    titles: dict[int | str, list[str]] = {}
    for kind in kinds:
        status, title = KINDS[kind]
        titles.setdefault(status, []).append(title)
    return {
        status: {
            "description": "; ".join(of_status),
            "content": {media_type: {"schema": {"$ref": _SCHEMA + schema}}},
        }
        for status, of_status in titles.items()
    }


def problems(*kinds: str) -> Responses:
    """Return OpenAPI's responses for the problems of these kinds, by status."""
    return responses(kinds, MEDIA_TYPE, "Problem")


OF_EVERY_BODY = (
    "bad-request", "bad-json", "missing-key", "too-slow", "too-large", "unsupported-type",
    "unsupported-encoding", "invalid", "empty-drawing", "busy", "not-ready", "overloaded",
)  # fmt: skip
DRAWING_PROBLEMS = problems(*OF_EVERY_BODY, "bad-form", "bad-image", "image-too-large")


def describe(app: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI document, with the schemas that the bodies and refusals refer to."""
    if app.openapi_schema is not None:
        return app.openapi_schema
    document = get_openapi(
        title=app.title,
        version=app.version,
        summary=app.summary,
        description=app.description,
        servers=[{"url": "."}],  # beside this document, wherever a proxy has put that
        routes=app.routes,
    )
    described = (
        DrawingAsImage,
        DrawingsAsImages,
        DrawingAsPixels,
        ProblemDetail,
        InferenceRequest,
        InferenceError,
    )
    models = [(model, "validation") for model in described]
    _, extra = models_json_schema(models, ref_template=_SCHEMA + "{model}")  # type: ignore[arg-type]
    schemas = document["components"]["schemas"]
    for name, schema in extra["$defs"].items():
        schemas[schema.get("title", name) if name != "Place" else name] = schema
    _declare_key(document, app.state.service.settings)
    app.openapi_schema = document
    return document


def _declare_key(document: dict[str, Any], settings: Settings) -> None:
    """Say of each operation that can be refused without a key whether it needs one here."""
    document["components"]["securitySchemes"] = {
        _KEY: {"type": "http", "scheme": "bearer", "description": "DIGITS_API_KEY of the service"}
    }
    for methods in document["paths"].values():
        for method, operation in methods.items():
            if "401" in operation["responses"]:
                drawings = method == "post"
                needed = settings.api_key is not None and (
                    drawings or settings.api_key_for == "all"
                )
                operation["security"] = [{_KEY: []}] if needed else [{}, {_KEY: []}]
