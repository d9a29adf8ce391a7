"""Ask a running image for what it is there for, at the address in BASE_URL.

The standard library alone, so that it can be run from anywhere: see .ci/run.
"""

import hashlib
import json
import os
import re
from pathlib import Path
from urllib.parse import urljoin
from urllib.request import Request, urlopen

ROOT = Path(__file__).parents[2]
BASE_URL = os.environ["BASE_URL"]


def ask(url: str, body: bytes | None = None, media_type: str = "") -> bytes:
    """The body of a good answer; an error status raises."""
    headers = {"Content-Type": media_type} if body else {}
    with urlopen(Request(urljoin(BASE_URL, url), body, headers), timeout=10) as answer:
        return answer.read()


def main() -> None:
    """Post a drawing, and look at everything else that a visitor needs."""
    drawing = (ROOT / "docs" / "seven.png").read_bytes()
    reading = json.loads(ask("/predict", drawing, "image/png"))
    print("a drawn 7 is read as", reading["digit"], "with confidence", reading["confidence"])
    assert reading["digit"] == 7, reading

    digest = hashlib.sha256((ROOT / "weights" / "digits.npz").read_bytes()).hexdigest()
    served = json.loads(ask("/model"))["digest"]
    assert digest == served, f"the image serves {served}, weights/digits.npz is {digest}"

    for path in ("/", "/docs"):
        page = ask(path).decode()
        named = [
            urljoin(BASE_URL + path, url)
            for url in re.findall(r'(?:src|href)="(?!data:)([^"#]+)"', page)
        ]
        assert all(url.startswith(BASE_URL) for url in named), f"{path} needs one of {named}"
        for url in named:
            ask(url)
        print(path, "and the", len(named), "addresses that it names are served from here")


if __name__ == "__main__":
    main()
