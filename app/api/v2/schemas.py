"""What travels by the Open Inference protocol, as pydantic models, and an example that works."""

from typing import Any, Literal

from pydantic import BaseModel, Field

from app.api.v2.binary import HEADER
from app.drawings.self_test import SELF_TEST_DRAWING


class ServerMetadata(BaseModel):
    """Open Inference: the service."""

    name: str
    version: str
    extensions: list[str]


class Live(BaseModel):
    """Open Inference: alive."""

    live: bool


class Ready(BaseModel):
    """Open Inference: ready."""

    ready: bool


class ModelReady(Ready):
    """Open Inference: the model is ready."""

    name: str


class TensorMetadata(BaseModel):
    """Open Inference: a tensor; -1 is any number."""

    name: str
    datatype: str
    shape: list[int]


class ModelMetadata(BaseModel):
    """Open Inference: the model."""

    name: str
    versions: list[str]
    platform: str
    inputs: list[TensorMetadata]
    outputs: list[TensorMetadata]


class InputParameters(BaseModel):
    """Open Inference: where the tensor is."""

    binary_data_size: int | None = Field(
        default=None, description="bytes of the tensor behind the JSON, in place of `data`"
    )


class OutputParameters(BaseModel):
    """Open Inference: how an output is wanted."""

    binary_data: bool = Field(default=False, description="in bytes behind the JSON")


class RequestParameters(BaseModel):
    """Open Inference: how all outputs are wanted that say nothing of it themselves."""

    binary_data_output: bool = Field(default=False, description="in bytes behind the JSON")


class InputTensor(BaseModel):
    """Open Inference: drawings."""

    name: Literal["image"]
    shape: list[int] = Field(
        min_length=4, max_length=4, description="[N, 28, 28, 1], or of UINT8 [N, H, W, 1]"
    )
    datatype: Literal["FP32", "UINT8"] = Field(
        description="FP32: frames, -0.5 paper to 0.5 ink; UINT8: drawings, 0 paper to 255 ink"
    )
    data: list[Any] | None = Field(default=None, description="the numbers, flat or nested")
    parameters: InputParameters | None = None


class OutputName(BaseModel):
    """Open Inference: an output that is wanted."""

    name: Literal["probabilities", "is_digit"]
    parameters: OutputParameters | None = None


class InferenceRequest(BaseModel):
    """Open Inference: drawings to read."""

    id: str | None = None
    inputs: list[InputTensor] = Field(min_length=1, max_length=1)
    outputs: list[OutputName] | None = None
    parameters: RequestParameters | None = None


class OutputTensor(BaseModel):
    """Open Inference: what was read."""

    name: Literal["probabilities", "is_digit"]
    datatype: Literal["FP32"]
    shape: list[int]
    data: list[float] | None = None
    parameters: InputParameters | None = Field(
        default=None, description="where the numbers follow the JSON in bytes"
    )


class InferenceResponse(BaseModel):
    """Open Inference: what was read in the drawings."""

    model_name: str
    model_version: str
    id: str | None = None
    outputs: list[OutputTensor]


class InferenceError(BaseModel):
    """Open Inference: what was wrong."""

    error: str


INFERENCE_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {"$ref": "#/components/schemas/InferenceRequest"},
                "examples": {
                    "drawing": {
                        "value": {
                            "inputs": [
                                {
                                    "name": "image",
                                    "shape": [1, 28, 28, 1],
                                    "datatype": "UINT8",
                                    "data": SELF_TEST_DRAWING.ravel().tolist(),
                                }
                            ]
                        }
                    }
                },
            },
            "application/octet-stream": {
                "schema": {"type": "string", "format": "binary"},
            },
        },
        "description": "The request in JSON. Behind it the tensor may follow in bytes; then the "
        f"header {HEADER} has the length of the JSON.",
    }
}
