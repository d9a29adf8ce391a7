"""What the API's document says of the refusals of Open Inference.

They are the service's own, told as ``{"error": "..."}`` (see `app.errors.problem_response`).
"""

from app.api.openapi import Responses, responses


def inference_problems(*kinds: str) -> Responses:
    """Return OpenAPI's responses for the problems of these kinds, by status."""
    return responses(kinds, "application/json", "InferenceError")
