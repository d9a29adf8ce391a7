"""What is promised to other programs: every route, field, bound and word of the OpenAPI document.

Who changes it on purpose writes it anew, `OPENAPI=write pytest tests/app/api/test_openapi.py`, and
sees in the difference what other programs will find changed.
"""

import json
import os
from pathlib import Path
from typing import Any

from app.main import create_app
from app.settings import Settings

AGREED = Path(__file__).with_name("openapi.json")


def without_examples(value: Any) -> Any:
    """Examples hold pictures, which another release of zlib packs into other bytes."""
    if isinstance(value, dict):
        return {name: without_examples(one) for name, one in value.items() if name != "examples"}
    return [without_examples(one) for one in value] if isinstance(value, list) else value


def test_the_document_is_the_one_that_was_agreed():
    document = without_examples(create_app(Settings()).openapi())
    del document["info"]["version"]
    if os.environ.get("OPENAPI") == "write":
        AGREED.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n")
    assert document == json.loads(AGREED.read_text())
