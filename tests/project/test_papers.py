"""What the papers say holds: their commands are run, their answers compared, their links followed.

A command that would install, train or serve is not run: it is held to what it would be given to.
"""

import importlib.util
import json
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import httpx
import papers
import pytest
import yaml
from papers import PAGES, ROOT, name_of

from app.errors import KINDS
from app.settings import PREFIX, Settings

ADDRESS = "http://127.0.0.1:8000"
README, API = ROOT / "README.md", ROOT / "docs" / "api.md"
BENCHMARKS, DECISIONS = ROOT / "docs" / "benchmarks.md", ROOT / "docs" / "decisions"
MAKEFILE, DOCKERFILE = (ROOT / "Makefile").read_text(), (ROOT / "Dockerfile").read_text()
STATUSES = {str(status) for status, _ in KINDS.values()}
CODE = "".join(
    path.read_text()
    for folder in ("app", "model", "tests/helpers", "benchmarks")
    for path in sorted((ROOT / folder).rglob("*.py"))
)

each_page = pytest.mark.parametrize("page", PAGES, ids=name_of)


def blocks(language: str) -> list[papers.Block]:
    return [block for page in PAGES for block in papers.blocks(page) if block.language == language]


def commands(*programs: str) -> list[str]:
    """Every command of the papers that one of the programs is to run, each once."""
    found = [command for page in PAGES for command in papers.commands(page)]
    return [one for one in dict.fromkeys(found) if papers.words(one)[0] in programs]


def place(block: papers.Block) -> str:
    return f"{name_of(block.page)}:{block.line}"


def run(*command: str) -> str:
    """What a command prints on standard output; standard error is shown where it fails."""
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


# ---- what is run -------------------------------------------------------------------------------


@pytest.mark.parametrize("block", blocks("bash"), ids=place)
def test_every_command_is_of_a_kind_that_is_tried(block):
    tried = ("curl", "make", "python", "docker", ".venv/bin/pre-commit")
    assert {papers.words(line)[0] for line in block.text.splitlines()} <= {*tried}


def as_shown(answer: object, shown: object) -> object:
    """An answer as papers show it: figures with one decimal, members left out, lists cut short."""
    if isinstance(shown, dict) and isinstance(answer, dict):
        return {name: as_shown(answer.get(name), value) for name, value in shown.items()}
    if isinstance(shown, list) and isinstance(answer, list):
        return [as_shown(*both) for both in zip(answer, shown, strict=False)]
    return round(answer, 1) if isinstance(answer, float) else answer


@pytest.mark.parametrize(
    "block", [one for one in blocks("bash") if one.text.startswith("curl")], ids=place
)
def test_curl_commands(block, service):
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    answer = json.loads(run("bash", "-c", block.text.replace(ADDRESS, service)))
    shown = block.shown or {"digit": 7, "verdict": "digit"}
    assert as_shown(answer, shown) == shown


@pytest.mark.parametrize("block", blocks("python"), ids=place)
def test_python_programs(block, service):
    expected = re.findall(r"print\(.*\)  # (.*)$", block.text, re.MULTILINE)
    assert expected
    place, here = (url.removeprefix("http://") for url in (ADDRESS, service))
    printed = run(sys.executable, "-c", block.text.replace(place, here))
    assert printed.splitlines() == expected


def check_arguments(arguments: list[str]) -> None:
    """Hold a command's arguments to what its --help says of them."""
    told = run(sys.executable, *arguments, "--help")
    options = {word.partition("=")[0] for word in arguments if word.startswith("--")}
    assert options <= set(re.findall(r"--[a-z-]+", told))


@pytest.mark.parametrize("command", commands("python", ".venv/bin/python"))
def test_commands_of_python(command):
    flag, module, *arguments = papers.words(command)[1:]
    assert flag == "-m"
    if module in ("model", "app"):
        check_arguments([flag, module, *arguments])
    elif module == "pytest":
        run(sys.executable, flag, module, "--collect-only", "--quiet", *arguments)
    elif arguments:
        check_arguments([flag, module, *arguments])
    else:
        assert importlib.util.find_spec(module) is not None


def test_the_drawing_is_read_from_the_command_line():
    assert "python -m model predict docs/seven.png" in papers.commands(README)
    assert "docs/seven.png: 7 (digit)" in run(
        sys.executable, "-m", "model", "predict", "docs/seven.png"
    )


@pytest.mark.parametrize("command", commands("make"))
def test_commands_of_make(command):
    words = papers.words(command)[1:]
    targets = [word for word in words if "=" not in word]
    given = dict(word.split("=", 1) for word in words if "=" in word)
    assert {*targets} <= set(re.findall(r"^([\w./-]+):", MAKEFILE, re.MULTILINE))
    assert [name for name in given if f"$({name})" not in MAKEFILE] == []
    if "BENCHMARKS" in given:
        assert importlib.util.find_spec(f"benchmarks.{given['BENCHMARKS']}") is not None
    if "ARGS" in given:
        [recipe] = re.findall(rf"^{targets[0]}:.*\n\t\S+python (.*)$", MAKEFILE, re.MULTILINE)
        check_arguments(shlex.split(recipe.replace("$(ARGS)", given["ARGS"])))


def test_the_papers_have_the_commands_that_matter():
    named = {papers.words(command)[1] for command in commands("make")}
    assert {"serve", "test", "check", "train", "evaluate", "bench", "image"} <= named


@pytest.mark.parametrize("command", commands("docker"))
def test_commands_of_docker_fit_the_image(command):
    words = papers.words(command)
    if words[1] == "compose":
        composition = yaml.safe_load((ROOT / words[words.index("--file") + 1]).read_text())
        profiles = [
            one
            for service in composition["services"].values()
            for one in service.get("profiles", [])
        ]
        assert "--profile" not in words or words[words.index("--profile") + 1] in profiles
        return
    assert words[1] in ("build", "run")
    assert "digit-recognizer" in words
    assert "docker build --tag digit-recognizer " in MAKEFILE
    for port in re.findall(r"--publish \S*:(\d+)", command):
        assert f"EXPOSE {port}\n" in DOCKERFILE
    for folder in re.findall(r"--volume \S+:(\S+)/weights:ro", command):
        assert f"WORKDIR {folder}\n" in DOCKERFILE


def test_pre_commit_runs_what_make_check_runs():
    run(sys.executable, "-m", "pre_commit", "validate-config")
    told = run(
        "make", "--dry-run", "--no-print-directory", "--assume-old=.venv/test.stamp", "check"
    )
    [repository] = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    assert repository["repo"] == "local"
    assert [hook["entry"] for hook in repository["hooks"]] == told.splitlines()
    assert not [hook for hook in repository["hooks"] if hook["pass_filenames"]]


# ---- what is named -----------------------------------------------------------------------------


@each_page
def test_links_lead_somewhere(page):
    links = re.findall(r"\]\((?!https?:)([^)]+)\)|src=\"([^\"]+)\"", page.read_text())
    for link in (one or other for one, other in links):
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        assert target.exists(), link
        assert not anchor or anchor in papers.anchors(target), link


@each_page
def test_files_that_are_named_exist(page):
    folders = "app|model|static|tests|benchmarks|weights|docs|deploy|.ci"
    files = rf"(?:{folders})/[\w./-]*|Dockerfile|Makefile|[\w.-]+\.(?:md|toml|txt|yaml)"
    named = [text for text in papers.quoted(page) if re.fullmatch(files, text)]
    drawn = [block.text for block in papers.blocks(page) if block.language == "text"]
    named += re.findall(rf"(?:{folders})/[\w./-]*", " ".join(drawn))
    assert [name for name in named if not (ROOT / name).exists()] == []


@each_page
def test_code_that_is_named_is_in_its_file(page):
    places = r"((?:`\w+`(?:, | and ))*`\w+`) (?:in|of) `([\w/]+\.\w+)`"
    for names, path in re.findall(places, papers.prose(page)):
        for name in re.findall(r"`(\w+)`", names):
            defined = rf"^\s*(?:def|class) {name}\b|^{name}\b.* = "
            assert re.search(defined, (ROOT / path).read_text(), re.MULTILINE), (name, path)


def test_a_newcomer_is_led_to_the_code():
    table = papers.rows(papers.section(ROOT / "docs" / "architecture.md", "Where is ...?"))
    assert len(table) >= 10
    lost = [
        question for question, answer in table if not re.search(r"`\w+` in `[\w/]+\.py", answer)
    ]
    assert lost == []


@each_page
def test_variables_of_the_environment_are_read_somewhere(page):
    settings = {PREFIX + name.upper() for name in Settings.model_fields}
    named = set(re.findall(r"\b[A-Z]+_[A-Z_]+\b", " ".join(papers.quoted(page))))
    named |= set(re.findall(rf"\b{PREFIX}[A-Z_]+", page.read_text()))
    assert {name for name in named if name.startswith(PREFIX)} <= settings
    assert [name for name in named - settings if name not in CODE + MAKEFILE] == []


@pytest.fixture(scope="module")
def document(service) -> dict:
    """The service's OpenAPI document."""
    return httpx.get(f"{service}/openapi.json").json()


def routes(document: dict) -> set[str]:
    return {f"{method.upper()} {path}" for path, row in document["paths"].items() for method in row}


@each_page
def test_routes_that_are_named_are_answered(page, document, service):
    named = {text for text in papers.quoted(page) if re.fullmatch(r"[A-Z]+ /\S*", text)}
    benchmark = (ROOT / "benchmarks" / "servers" / "nothing.py").read_text()
    for route in named - routes(document):
        method, path = route.split()
        of_the_benchmark = f'@app.{method.lower()}("{path}")' in benchmark
        assert of_the_benchmark or httpx.request(method, service + path).status_code == 200, route


def test_every_route_has_its_row(document):
    listed = [row[0].strip("`") for row in papers.rows(papers.section(API, "All routes"))]
    assert len(listed) == len({*listed})
    assert routes(document) <= {*listed}


@each_page
def test_statuses_that_are_named_are_answered(page):
    assert {text for text in papers.quoted(page) if re.fullmatch(r"[45]\d\d", text)} <= STATUSES


def test_every_status_has_its_row():
    errors = papers.rows(papers.section(API, "Errors"))
    assert sorted(re.findall(r"\d+", " ".join(row[0] for row in errors))) == sorted(STATUSES)


def test_every_field_of_a_reading_has_its_row(document):
    fields = papers.rows(papers.section(API, "A drawing in, a reading out"))
    wanted = document["components"]["schemas"]["Prediction"]["properties"]
    assert [row[0].strip("`") for row in fields] == list(wanted)


@each_page
def test_headers_that_are_named_are_sent(page):
    named = [
        text for text in papers.quoted(page) if re.fullmatch(r"(X|Server|Retry)(-[A-Z]\w+)+", text)
    ]
    assert [name for name in named if name.lower() not in CODE.lower()] == []


# ---- what is promised of the papers ------------------------------------------------------------


def test_the_readme_is_short():
    assert len(README.read_text().splitlines()) <= 200


def test_every_page_is_linked_from_the_readme_or_from_its_index():
    linked = {README.parent / link for link in re.findall(r"\]\(([^)#]+)\)", README.read_text())}
    index = DECISIONS / "README.md"
    listed = {
        DECISIONS / row[0].partition("](")[2].strip(")") for row in papers.rows(index.read_text())
    }
    assert listed == {*DECISIONS.glob("*.md")} - {index}
    assert {*PAGES} - listed <= {*linked, README}


@pytest.mark.parametrize("page", sorted(DECISIONS.glob("[a-z]*.md")), ids=name_of)
def test_a_decision_says_context_choice_and_cost_in_a_page(page):
    headings = re.findall(r"^## (.*)$", page.read_text(), re.MULTILINE)
    assert [one for one in headings if one in ("Context", "Choice", "What it costs")] == [
        "Context",
        "Choice",
        "What it costs",
    ]
    assert len(page.read_text().splitlines()) <= 60


def numbers(text: str, decimals: int | None = None) -> list[str]:
    found = re.findall(r"\d[\d,]*(?:\.\d+)?", text)
    plain = [number.replace(",", "") for number in found]
    return plain if decimals is None else [f"{float(number):.{decimals}f}" for number in plain]


def figures() -> list[object]:
    """Rows of figures as parameters of a test: the figures, and the page that they are from."""
    of_readme = papers.rows(papers.section(README, "How good it is"))
    sources = [(row[0], row[1], row[3].partition("](")[2].strip(")")) for row in of_readme]
    card = "weights/MODEL_CARD.md"
    of_benchmarks = papers.rows(papers.section(BENCHMARKS, "Reading"))
    sources += [(row[0], row[1], card) for row in of_benchmarks]
    return [pytest.param(figure, ROOT / source, id=what) for what, figure, source in sources]


@pytest.mark.parametrize(("figure", "source"), figures())
def test_figures_are_those_of_the_page_that_they_are_from(figure, source: Path):
    assert numbers(figure)
    for number in numbers(figure):
        decimals = len(number.partition(".")[2])
        assert number in numbers(source.read_text(), decimals), number
