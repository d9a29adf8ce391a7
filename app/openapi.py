"""What the OpenAPI document says of bodies and refusals, with examples that work as they stand."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from app.errors import KINDS, MEDIA_TYPE
from app.images import MEDIA_TYPES
from app.known_digit import KNOWN_DRAWING, known_png
from app.multipart import PART
from app.schemas import DrawingAsImage, DrawingAsPixels, ProblemDetail

_SCHEMA = "#/components/schemas/"
_PICTURE = {"type": "string", "format": "binary"}

DRAWING_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "one drawing, in whichever form you have it",
        "content": {
            "application/json": {
                "schema": {"oneOf": [{"$ref": f"{_SCHEMA}Pixels"}, {"$ref": f"{_SCHEMA}Image"}]},
                "examples": {
                    "image": {"value": {"image": f"data:image/png;base64,{known_png()}"}},
                    "pixels": {"value": {"pixels": KNOWN_DRAWING.tolist()}},
                },
            },
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {PART: _PICTURE},
                    "required": [PART],
                    "additionalProperties": False,
                }
            },
            **{media_type: {"schema": _PICTURE} for media_type in MEDIA_TYPES},
        },
    }
}


def problems(*kinds: str) -> dict[int | str, dict[str, Any]]:
    """Return OpenAPI's responses for the problems of these kinds, by status."""
    titles: dict[int | str, list[str]] = {}
    for kind in kinds:
        status, title = KINDS[kind]
        titles.setdefault(status, []).append(title)
    return {
        status: {
            "description": "; ".join(of_status),
            "content": {MEDIA_TYPE: {"schema": {"$ref": f"{_SCHEMA}Problem"}}},
        }
        for status, of_status in titles.items()
    }


DRAWING_PROBLEMS = problems(
    "bad-request", "bad-json", "bad-form", "bad-image", "missing-key", "too-slow", "too-large",
    "image-too-large", "unsupported-type", "unsupported-encoding", "invalid", "empty-drawing",
    "busy", "not-ready", "overloaded",
)  # fmt: skip


def describe(app: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI document, with the schemas that the bodies and refusals refer to."""
    if app.openapi_schema is not None:
        return app.openapi_schema
    document = get_openapi(
        title=app.title,
        version=app.version,
        summary=app.summary,
        description=app.description,
        routes=app.routes,
    )
    models = [(m, "validation") for m in (DrawingAsImage, DrawingAsPixels, ProblemDetail)]
    _, extra = models_json_schema(models, ref_template=_SCHEMA + "{model}")  # type: ignore[arg-type]
    schemas = document["components"]["schemas"]
    for name, schema in extra["$defs"].items():
        schemas[schema.get("title", name) if name != "Place" else name] = schema
    app.openapi_schema = document
    return document
