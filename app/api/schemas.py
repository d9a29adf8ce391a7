"""What travels, as pydantic models. They describe; `tests` hold every answer to them."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from model.recognizer import Verdict

Probability = Annotated[float, Field(ge=0, le=1)]
Digit = Annotated[int, Field(ge=0, le=9)]
Grey = Annotated[int, Field(ge=0, le=255)]
PixelRange = Annotated[
    list[int] | None,
    Field(
        description="[0, 1] where `pixels` had no number above 1 and was taken as 0 to 1; "
        "else it is left out"
    ),
]


class Alternative(BaseModel):
    """One of the ten digits that a drawing may be."""

    digit: Digit
    probability: Probability


class Box(BaseModel):
    """A rectangle, in pixels of the picture as it was sent, upright."""

    left: int = Field(ge=0)
    top: int = Field(ge=0)
    width: int = Field(ge=1)
    height: int = Field(ge=1)


class Prediction(BaseModel):
    """What was read in a drawing."""

    digit: Digit = Field(description="the most probable digit")
    confidence: Probability = Field(description="its probability")
    probabilities: list[Probability] = Field(
        min_length=10, max_length=10, description="of the digits 0 to 9; they sum to 1"
    )
    inverted: bool = Field(description="whether the drawing was dark on light, and was inverted")
    is_digit: Probability | None = Field(
        description="that the drawing is one digit at all; null if the network cannot tell"
    )
    verdict: Verdict
    alternatives: list[Alternative] = Field(description="all ten, the most probable first")
    pixels: list[list[Grey]] | None = Field(
        default=None,
        description="with ?detail=true: the 28x28 frame that the network saw, 255 is ink",
    )
    ignored: list[Box] | None = Field(
        default=None, description="with ?detail=true: ink that was not taken for the digit's"
    )
    pixel_range: PixelRange = None


class Batch(BaseModel):
    """What was read in several drawings."""

    answers: list["Prediction | ProblemDetail"] = Field(
        description="for each drawing in its place: its reading, or why it cannot be read"
    )


class DigitOfNumber(BaseModel):
    """One digit of a number."""

    digit: Digit
    confidence: Probability = Field(description="the digit's probability at this place")
    probabilities: list[Probability] = Field(
        min_length=10, max_length=10, description="of the digits 0 to 9 at this place"
    )
    box: Box = Field(description="around the digit's ink")
    pixels: list[list[Grey]] | None = Field(
        default=None, description="with ?detail=true: the ink in the box as a 28x28 frame"
    )


class AlternativeNumber(BaseModel):
    """A number that may have been meant."""

    number: str
    probability: Probability


class NumberPrediction(BaseModel):
    """What was read in a drawing of a number."""

    number: str = Field(
        pattern="^[0-9]{1,20}$", description="its digits from left to right, leading zeros kept"
    )
    confidence: Probability = Field(description="that all of it is right")
    verdict: Literal["number", "unsure", "not a number"]
    digits: list[DigitOfNumber]
    alternatives: list[AlternativeNumber] = Field(description="the most probable first")
    ignored: list[Box] = Field(description="ink that belongs to no digit: full stops, dashes")
    inverted: bool = Field(description="whether the drawing was dark on light, and was inverted")
    pixel_range: PixelRange = None


class Explanation(BaseModel):
    """Why a drawing was read as it was."""

    digit: Digit
    is_digit: Probability | None = Field(
        description="that the drawing is one digit at all; null if the network cannot tell"
    )
    pixels: list[list[Grey]] = Field(description="the 28x28 frame that the network saw, 255 is ink")
    feature_maps: list[list[list[Grey]]] = Field(description="the first layer's view of it")
    influence: list[list[float]] = Field(
        description="28x28, -1 to 1: how much less likely the digit is without the ink around each "
        "pixel; above 0 it spoke for the reading, below 0 against it"
    )
    pixel_range: PixelRange = None


class NumbersInfo(BaseModel):
    """The network that is loaded for numbers."""

    digest: str = Field(description="SHA-256 of the weights file")
    about: dict[str, Any] = Field(description="what the weights file says of itself")


class ModelInfo(BaseModel):
    """The network that is loaded."""

    digest: str = Field(description="SHA-256 of the weights file")
    labels: list[str]
    about: dict[str, Any] = Field(
        description="what the weights file says of itself: recipe, seed, architecture, digests of "
        "the data, scores"
    )
    numbers: NumbersInfo | None = Field(
        description="the network that reads numbers; null where there is none"
    )


class Health(BaseModel):
    """The answer of a probe."""

    status: Literal["alive", "ready"]


class ProblemDetail(BaseModel):
    """What was wrong (RFC 9457)."""

    class Place(BaseModel):
        """Where it was wrong."""

        pointer: str = Field(description="JSON pointer to the wrong field, as a URI fragment")
        detail: str

    model_config = ConfigDict(title="Problem")

    type: str = Field(description="names the problem; stays the same over versions")
    title: str
    status: int
    detail: str = Field(description="what was wrong with this request, and what would be right")
    instance: str = Field(description="this request, by its id")
    errors: list[Place] = Field(default=[])


class DrawingAsImage(BaseModel):
    """A picture in JSON."""

    model_config = ConfigDict(extra="forbid", title="Image")

    image: str = Field(
        description="a PNG, JPEG, WebP, GIF or BMP as base64 or as a data URL; of base64 both "
        "alphabets are read, with or without padding and line breaks"
    )


class DrawingsAsImages(BaseModel):
    """Several pictures in JSON."""

    model_config = ConfigDict(extra="forbid", title="Images")

    images: list[str] = Field(
        min_length=1,
        max_length=64,
        description="each as `image` of POST /predict; rows of numbers as `pixels` are read too",
    )


class DrawingAsPixels(BaseModel):
    """Grey values in JSON."""

    model_config = ConfigDict(extra="forbid", title="Pixels")

    pixels: list[Annotated[list[Annotated[float, Field(ge=0, le=255)]], Field(min_length=28)]] = (
        Field(
            min_length=28,
            description="rows of one length, from 28x28 to 512x512; 0 to 255, or 0 to 1 if none is "
            "above 1, the largest being ink. Axes of one element more, as in [1, 28, 28, 1], and "
            "784 numbers in one list are read too",
        )
    )
