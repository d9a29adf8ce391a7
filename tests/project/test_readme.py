"""What the README says holds: its commands are run, its answers compared, its links followed."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from app.errors import KINDS
from app.settings import settings_table

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
ADDRESS = "http://127.0.0.1:8000"
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
BASH = [text for language, text in BLOCKS if language == "bash"]
CURL = [text for text in BASH if text.startswith("curl")]
PYTHON = [text for language, text in BLOCKS if language == "python"]
COMMANDS = re.findall(r"python -m model [^`\n]+", README)


def run(*command: str) -> str:
    """What a command prints on standard output; standard error is shown where it fails."""
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def rounded(answer: object) -> object:
    """An answer as the README shows it: figures with one decimal."""
    if isinstance(answer, float):
        return round(answer, 1)
    if isinstance(answer, list):
        return [rounded(one) for one in answer]
    if isinstance(answer, dict):
        return {name: rounded(one) for name, one in answer.items()}
    return answer


def section(name: str) -> str:
    """The part of the README between two marks."""
    return README.partition(f"<!-- {name} -->\n")[2].partition(f"\n<!-- /{name} -->")[0]


@pytest.mark.parametrize("command", CURL)
def test_curl_commands(command, service):
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    answer = json.loads(run("bash", "-c", command.replace(ADDRESS, service)))
    if "[0, 255]" in command:
        assert answer["status"] == 422
        assert answer["detail"]
    else:
        assert answer["digit"] == 7
        assert answer["verdict"] == "digit"


def test_the_answer_that_is_shown(service):
    drawing = (ROOT / "docs" / "seven.png").read_bytes()
    headers = {"Content-Type": "image/png"}
    answer = rounded(httpx.post(f"{service}/predict", content=drawing, headers=headers).json())
    [shown] = (json.loads(text) for language, text in BLOCKS if language == "json")
    assert answer.pop("alternatives")[0] == shown.pop("alternatives")[0]
    assert answer == shown


@pytest.mark.parametrize("program", PYTHON)
def test_python_programs(program, service):
    expected = re.findall(r"print\(.*\)  # (.*)$", program, re.MULTILINE)
    assert expected
    assert run(sys.executable, "-c", program.replace(ADDRESS, service)).splitlines() == expected


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_of_the_model_are_understood(command):
    run(sys.executable, *command.split()[1:], "--help")


def test_the_drawing_is_read_from_the_command_line():
    assert "python -m model predict docs/seven.png" in COMMANDS
    assert "docs/seven.png: 7 (digit)" in run(
        sys.executable, "-m", "model", "predict", "docs/seven.png"
    )


def test_targets_of_make():
    named = set(re.findall(r"`make ([a-z]+)", README))
    named |= {text.split()[1] for text in BASH if text.startswith("make ")}
    assert {"serve", "test", "train"} <= named
    listed = set(re.findall(r"^  make (\w+)", run("make", "help"), re.MULTILINE))
    assert named <= listed


def test_settings():
    assert section("settings") == settings_table(), "run `python -m app --settings-table`"


def test_routes_and_statuses(service):
    paths = httpx.get(f"{service}/openapi.json").json()["paths"]
    routes = {f"{method.upper()} {path}" for path, row in paths.items() for method in row}
    missing = {route for route in routes if f"`{route}`" not in README and "/v2" not in route}
    assert not missing
    answers = paths["/predict"]["post"]["responses"]
    errors = {status for status in answers if status.startswith(("4", "5"))}
    errors_section = README.partition("### Errors")[2].partition("\n## ")[0]
    told = set(re.findall(r"\b[45]\d\d\b", errors_section))
    assert errors <= told <= {str(status) for status, _ in KINDS.values()}


def test_links_and_files_exist():
    links = re.findall(r"\]\((?!http)([^)#]+)\)", README)
    files = re.findall(r"`((?:model|app|static|tests|benchmarks|weights|docs)/[\w./-]+)`", README)
    assert len(links) >= 3
    assert len(files) >= 10
    assert not [name for name in [*links, *files] if not (ROOT / name).exists()]
