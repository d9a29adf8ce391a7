"""The protocol's extension for tensors in bytes, which its clients use unless told otherwise.

The bytes follow the JSON, and a header says where that ends; beside each tensor stands in
`binary_data_size` how many are its own. Numbers are little-endian and row-major. Source: the binary
tensor data extension of Triton Inference Server, `binary_tensor_data`.
"""

import math
from typing import Any

import numpy as np
from pydantic_core import to_json
from starlette.responses import Response

from app.errors import Problem
from model.nn.base import Array

EXTENSION = "binary_tensor_data"
HEADER = "Inference-Header-Content-Length"
MEDIA_TYPE = "application/octet-stream"
DTYPES: dict[str, np.dtype[Any]] = {"FP32": np.dtype("<f4"), "UINT8": np.dtype("u1")}


def split(body: bytes, length: str | None) -> tuple[bytes, bytes]:
    """Return the JSON of a body, and the bytes behind it.

    length: what the header says, None where there is none. Raises Problem (400) if that is wrong.
    """
    if length is None:
        return body, b""
    if not (length.isascii() and length.isdigit()) or len(length) > 9 or int(length) > len(body):
        detail = f"{HEADER} must be the length of the JSON with which the body begins."
        raise Problem("bad-request", detail)
    return body[: int(length)], body[int(length) :]


def array_of_bytes(data: bytes, size: Any, datatype: str, shape: tuple[int, ...]) -> Array:
    """Return the array of a tensor, read-only; `size` is what the tensor says of its bytes.

    Raises Problem (422) where these are not as many as there are.
    """
    dtype = DTYPES[datatype]
    wanted = math.prod(shape) * dtype.itemsize
    if type(size) is not int or size != wanted or len(data) != wanted:
        raise Problem(
            "invalid",
            f"`binary_data_size` must be {wanted} for this datatype and shape, and as many bytes "
            f"must follow the JSON, whose length is in {HEADER}.",
        )
    return np.frombuffer(data, dtype).reshape(shape)


def packed(content: dict[str, Any], tensors: list[bytes]) -> Response:
    """Answer JSON-able content and the bytes that its outputs announce, in their order."""
    json = to_json(content)
    headers = {HEADER: str(len(json))}
    return Response(b"".join([json, *tensors]), headers=headers, media_type=MEDIA_TYPE)
