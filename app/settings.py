"""Every knob of the service: environment variables with the prefix DIGITS_.

A setting is declared once, with its unit, default and reason; the table in docs/operate.md is
printed from here by ``python -m app --settings-table``.
"""

import difflib
import ipaddress
import re
from pathlib import Path
from typing import Any, Literal, Self, get_args

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic.fields import FieldInfo

from app.environment import HOST, PORT, PREFIX, hosts_in, settings_in
from model.recognizer import CONFIDENT_ABOVE, DIGIT_ABOVE, NOT_A_DIGIT_BELOW
from model.weights import SHIPPED

_KEY_LENGTH = 8
_KEY = rf"[A-Za-z0-9._~+/-]{{{_KEY_LENGTH},}}=*"
PATH = r"(/[A-Za-z0-9._~-]+)*"  # what a path before ours may be; nothing in it needs an escape
PROJECT = Path(__file__).resolve().parent.parent


class SettingsError(ValueError):
    """The environment asks for something impossible; the message is one sentence."""


def _knob(default: Any, unit: str, reason: str, **bounds: Any) -> Any:
    """Declare a setting: its default, unit ("" for none), bounds, and why it has that default."""
    if isinstance(default, float):
        bounds["allow_inf_nan"] = False
    return Field(
        default,
        description=reason,
        json_schema_extra={"unit": unit},
        validate_default=True,
        **bounds,
    )


_Names = tuple[str, ...]


class Settings(BaseModel):
    """The settings of one service, never changed afterwards."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    # Where and what to serve
    host: str = _knob(
        HOST,
        "",
        "addresses or names to listen on, separated by commas; 0.0.0.0 lets other machines in, "
        "and :: does so by IPv6 too",
    )
    port: int = _knob(PORT, "", "port to listen on; 0 takes a free one", ge=0, le=65535)
    root_path: str = _knob(
        "",
        "",
        "the path below which a proxy serves all this, as /digits, unless it says so itself by "
        "X-Forwarded-Prefix; whether it takes it away before it asks makes no difference",
    )
    weights: Path = _knob(SHIPPED / "digits.npz", "", "the network to serve; SIGHUP reads it again")
    numbers: Path = _knob(
        SHIPPED / "numbers.npz",
        "",
        "the network that reads numbers; without this file POST /read answers 503",
    )
    workers: int = _knob(
        1, "processes", "one per container; more use more cores on one machine", ge=1, le=256
    )

    # Who may ask
    api_key: SecretStr | None = _knob(
        None,
        "",
        "when set, reading a drawing needs it as `Authorization: Bearer <key>`; the page has none",
    )
    cors_origins: _Names = _knob(
        (), "", "origins whose pages may call the service, separated by commas; none unless listed"
    )
    frame_origins: _Names = _knob(
        (), "", "origins whose pages may show ours in a frame, separated by commas; none by default"
    )
    forwarded_allow_ips: _Names = _knob(
        (),
        "",
        "proxies whose X-Forwarded-For, X-Forwarded-Proto and X-Forwarded-Prefix are believed, "
        "separated by commas",
    )

    api_key_for: Literal["drawings", "all"] = _knob(
        "drawings",
        "",
        "what needs the key: reading drawings, or also /model, /metrics and what /v2 tells",
    )

    # What a request may be
    header_bytes: int = _knob(
        16_384, "bytes", "request line and headers; browsers send about 1 kB", ge=1024
    )
    header_count: int = _knob(100, "headers", "as many as common proxies allow", ge=10)
    body_bytes: int = _knob(
        16 * 2**20,
        "bytes",
        "a JPEG of 48 megapixels from a phone fits; a drawing has 5 kB",
        ge=1024,
    )
    json_bytes: int = _knob(
        4 * 2**20, "bytes", "of JSON; while it is parsed no other thread runs", ge=1024
    )
    all_bodies_bytes: int = _knob(
        64 * 2**20,
        "bytes",
        "of all bodies that are being received or wait for a thread: four of the largest",
        ge=1024,
    )
    json_values: int = _knob(
        270_000,
        "values",
        "in a JSON body, a list or a name counting as four; pixels of 512 x 512 fit",
        ge=1024,
    )
    image_pixels: int = _knob(
        16_777_216,
        "pixels",
        "4096 x 4096, checked before anything is decoded; half as many of 16 bits in each colour",
        ge=784,
    )
    jpeg_pixels: int = _knob(
        50_000_000,
        "pixels",
        "the same of a JPEG, which is decoded reduced: one of 48 megapixels from a phone fits",
        ge=784,
    )
    image_side: int = _knob(
        16_384, "pixels", "longest side; longer than any camera's picture", ge=28
    )
    image_blocks: int = _knob(
        20_000, "blocks", "chunks or segments of a file; a GIF of 4 MiB has 16,500", ge=100
    )
    image_scans: int = _knob(
        20, "scans", "of a progressive JPEG, which has about 10; each decodes all of it", ge=1
    )
    scanned_pixels: int = _knob(
        50_000_000, "pixels", "of a progressive JPEG times its scans: about a second", ge=784
    )
    multipart_parts: int = _knob(4, "parts", "of a form; one of them is the drawing", ge=1)
    batch: int = _knob(
        64, "drawings", "in one request of POST /batch or of the Open Inference protocol", ge=1
    )

    # How long a request may take
    header_seconds: float = _knob(10.0, "s", "to receive the headers, or the first byte", gt=0)
    body_seconds: float = _knob(
        20.0, "s", "to receive the body; 16 MiB at a slow 8 Mbit/s take 17 s", gt=0
    )
    idle_seconds: float = _knob(
        75.0, "s", "a silent connection stays open; longer than a load balancer's 60 s", gt=0
    )
    answer_seconds: float = _knob(
        10.0, "s", "a large picture may wait and be decoded; people give up sooner", gt=0
    )

    # How many at once, in each worker
    connections: int = _knob(800, "connections", "below 1024, the usual limit of open files", ge=1)
    address_connections: int = _knob(
        200,
        "connections",
        "of one address, or IPv6 network of 64 bits; those of believed proxies are not counted",
        ge=1,
    )
    queue: int = _knob(
        64,
        "drawings",
        "accepted and not yet answered, half of them at most for threads; in a longer queue each "
        "waits longer",
        ge=1,
    )
    large_queue: int = _knob(
        16, "drawings", "the same for pictures so large that they go to a thread", ge=1
    )
    threads: int = _knob(2, "threads", "decode large pictures", ge=1)
    decoding_bytes: int = _knob(
        200 * 2**20,
        "bytes",
        "of memory for decoding in all threads together: one WebP of 12 megapixels, which takes 17 "
        "bytes a pixel, or two of any other kind; what needs more alone is refused",
        ge=2**20,
    )
    inline_pixels: int = _knob(
        100_000, "pixels", "larger pictures go to a thread; a canvas of 300 x 300 does not", ge=0
    )
    inline_bytes: int = _knob(65_536, "bytes", "larger bodies go to a thread", ge=0)
    retry_seconds: int = _knob(1, "s", "the Retry-After of a refusal; the queue is short", ge=1)

    # How it ends
    drain_seconds: float = _knob(
        0.0,
        "s",
        "goes on serving after SIGTERM with /readyz at 503; behind a load balancer about 5",
        ge=0,
    )
    shutdown_seconds: float = _knob(
        8.0, "s", "then waits for answers under way; Docker kills after 10", gt=0
    )

    # What it says
    log_format: Literal["auto", "json", "text"] = _knob(
        "auto", "", "auto: readable lines on a terminal, JSON lines elsewhere"
    )
    log_level: Literal["debug", "info", "warning", "error"] = _knob(
        "info", "", "info has a line for each request; warning only what went wrong"
    )

    # When it calls a drawing a digit; the defaults are those that were measured with the network
    not_a_digit_below: float = _knob(
        NOT_A_DIGIT_BELOW, "probability", "is_digit below this: not a digit", ge=0, le=1
    )
    digit_above: float = _knob(
        DIGIT_ABOVE, "probability", "is_digit from this on: a digit, below it unsure", ge=0, le=1
    )
    confident_above: float = _knob(
        CONFIDENT_ABOVE, "probability", "confidence below this: unsure, two are close", ge=0, le=1
    )

    @field_validator("host")
    @classmethod
    def _has_an_address(cls, host: str) -> str:
        if not hosts_in(host):
            raise ValueError("an address is wanted, such as 127.0.0.1")
        return host

    @field_validator("root_path")
    @classmethod
    def _is_a_path(cls, path: str) -> str:
        path = path.rstrip("/")
        if not re.fullmatch(PATH, path):
            raise ValueError("a path is like /digits, of letters, digits and -._~")
        return path

    @field_validator("cors_origins", "frame_origins", "forwarded_allow_ips", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(name.strip() for name in value.split(",") if name.strip())
        return value

    @field_validator("cors_origins", "frame_origins")
    @classmethod
    def _are_origins(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        for name in names:
            # Nothing that would begin another directive where it stands in a header.
            if not re.fullmatch(r"\*|https?://[\w.*:\[\]-]+", name, re.ASCII):
                raise ValueError("an origin is like https://example.org, without a path")
        return names

    @field_validator("forwarded_allow_ips")
    @classmethod
    def _are_addresses(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        for name in names:
            if name != "*":
                ipaddress.ip_network(name)
        return names

    @field_validator("api_key")
    @classmethod
    def _can_be_sent(cls, key: SecretStr | None) -> SecretStr | None:
        if key is not None and not re.fullmatch(_KEY, key.get_secret_value()):
            raise ValueError(
                f"a key has at least {_KEY_LENGTH} letters, digits or -._~+/ (RFC 6750), "
                "as `openssl rand -hex 16` makes one"
            )
        return key

    def trusted_networks(self) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
        """Return the networks of the proxies that are believed."""
        names = self.forwarded_allow_ips
        everywhere = ("0.0.0.0/0", "::/0")
        return [ipaddress.ip_network(name) for name in (everywhere if "*" in names else names)]

    @model_validator(mode="after")
    def _thresholds_in_order(self) -> Self:
        if self.not_a_digit_below > self.digit_above:
            raise ValueError("DIGITS_NOT_A_DIGIT_BELOW must not be above DIGITS_DIGIT_ABOVE")
        return self

    @model_validator(mode="after")
    def _key_where_it_is_asked_for(self) -> Self:
        if self.api_key_for == "all" and self.api_key is None:
            raise ValueError("DIGITS_API_KEY_FOR is all, but there is no DIGITS_API_KEY")
        return self


def load_settings() -> Settings:
    """Read the settings from the environment; raise SettingsError for a wrong or unknown one."""
    given = settings_in()
    if given.get(f"{PREFIX}API_KEY") == "":  # a secret that was not filled in, most likely
        raise SettingsError(f"{PREFIX}API_KEY is empty; give it a key, or unset it to need none.")
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    for name in given:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1, cutoff=0.8)
            hint = f"; did you mean {near[0]}?" if near else "; docs/operate.md lists them."
            raise SettingsError(f"{name} is no setting{hint}")
    filled_in = {name.removeprefix(PREFIX).lower(): value for name, value in given.items() if value}
    try:
        return Settings.model_validate(filled_in)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        reason = first["msg"].removeprefix("Value error, ")
        where = "_".join(str(part).upper() for part in first["loc"][:1])
        raise SettingsError(f"{PREFIX}{where}: {reason}." if where else f"{reason}.") from None


def settings_table() -> str:
    """Return the table of all settings in Markdown."""
    lines = [
        "| setting | default | allowed | unit | what and why |",
        "| --- | --- | --- | --- | --- |",
    ]
    for name, field in Settings.model_fields.items():
        extra = field.json_schema_extra
        unit = extra["unit"] if isinstance(extra, dict) else ""
        lines.append(
            f"| `{PREFIX}{name.upper()}` | {_shown(field.default)} | {_allowed(field)} | {unit} "
            f"| {field.description} |"
        )
    return "\n".join(lines)


def _allowed(field: FieldInfo) -> str:
    """Return a setting's bounds, as "1 to 256", or its choices; nothing for what has neither."""
    if field.annotation is not None and (choices := get_args(field.annotation)):
        return ", ".join(f"`{one}`" for one in choices if isinstance(one, str))
    bounds = {
        name: getattr(one, name)
        for one in field.metadata
        for name in ("ge", "gt", "le")
        if hasattr(one, name)
    }
    low = f"above {bounds['gt']}" if "gt" in bounds else str(bounds.get("ge", ""))
    if "le" in bounds:
        return f"{low} to {bounds['le']}"
    return f"from {low}" if "ge" in bounds else low


def _shown(default: object) -> str:
    if default in (None, (), ""):
        return "none"
    if isinstance(default, Path):
        return f"`{default.relative_to(PROJECT)}`"
    return f"`{default}`"
