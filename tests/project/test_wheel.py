"""The wheel, built and installed as `pip install .` does: it has all that it serves and reads."""

import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from nasty import encoded, seven
from running import PROJECT, RunningService

PNG = encoded(seven(), "PNG")


def run(*command: str, cwd: Path, **environment: str) -> str:
    done = subprocess.run(
        command, cwd=cwd, env=os.environ | environment, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory) -> Path:
    """A folder in which nothing but the wheel is installed."""
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder), cwd=PROJECT)
    [wheel] = folder.glob("*.whl")
    offline = ("--no-deps", "--no-index", "--no-compile", "--quiet")
    target = folder / "installed"
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "install", *offline)
    run(*pip, f"--target={target}", str(wheel), cwd=folder)
    return target


def test_it_has_what_belongs_to_it_and_nothing_else(installed):
    names = {path.name for path in installed.iterdir()}
    assert names == {"app", "bin", "model", f"digit_recognizer-{version()}.dist-info"}
    files = {path.relative_to(installed).as_posix() for path in installed.rglob("*")}
    for page in (PROJECT / "static").rglob("*"):
        assert f"app/static/{page.relative_to(PROJECT / 'static').as_posix()}" in files
    assert {name for name in files if name.endswith(".npz")} == {
        f"model/shipped/{name}.npz" for name in ("digits", "numbers", "tutorial")
    }


def version() -> str:
    text = (PROJECT / "pyproject.toml").read_text()
    return text.partition('\nversion = "')[2].partition('"')[0]


def test_it_serves_from_any_folder(installed, tmp_path):
    log_path = tmp_path / "service.log"
    environment = {k: v for k, v in os.environ.items() if not k.startswith("DIGITS_")}
    environment |= {"PYTHONPATH": str(installed), "DIGITS_PORT": "0"}
    with log_path.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, str(installed / "bin" / "digits")],
            cwd=tmp_path,
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    running = RunningService(process, log_path)
    try:
        running.url = running.wait_for(r"listening on (http://[\d.:]+)")[1]
        with httpx.Client(base_url=running.url) as client:
            read = client.post("/predict", content=PNG, headers={"Content-Type": "image/png"})
            assert read.json()["digit"] == 7
            assert client.post("/read", files={"file": PNG}).json()["number"] == "7"
            assert client.get("/").content == (PROJECT / "static" / "index.html").read_bytes()
            assert client.get("/docs").status_code == 200
        assert running.stop() == 0
    finally:
        process.kill()
    where = "import app, model; print(app.__file__, model.__file__)"
    told = run(sys.executable, "-c", where, cwd=tmp_path, PYTHONPATH=str(installed))
    assert told.count(str(installed)) == 2  # not the source tree's


def test_its_commands_read_from_any_folder(installed, tmp_path):
    (tmp_path / "seven.png").write_bytes(PNG)
    environment = {"PYTHONPATH": str(installed)}
    command = (sys.executable, "-m", "model", "predict", "seven.png")
    assert "seven.png: 7 (digit)" in run(*command, cwd=tmp_path, **environment)
