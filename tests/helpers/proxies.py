"""Debian's nginx and HAProxy in front of the service, as docs/operate.md sets them up."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import papers
import pytest

NGINX = """
daemon off;
user root;  # whose are the folders of a test; for others it changes nothing
pid {folder}/pid;
error_log stderr;
events {{ }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
{configuration}
}}
"""


def configuration(language: str) -> str:
    """What docs/operate.md shows for a proxy."""
    page = papers.ROOT / "docs" / "operate.md"
    [block] = [block for block in papers.blocks(page) if block.language == language]
    return block.text


@contextmanager
def proxy(program: str, folder: Path, service_port: int, text: str) -> Iterator[str]:
    """Run a proxy with a configuration as the paper has it, on a free port; yield its address."""
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")
    port = free_port()
    text = text.replace("listen 80;", f"listen 127.0.0.1:{port};")
    text = text.replace("bind :80", f"bind 127.0.0.1:{port}")
    text = text.replace("127.0.0.1:8000", f"127.0.0.1:{service_port}")
    if program == "nginx":
        text = NGINX.format(folder=folder, configuration=text)
    path = folder / f"{program}.conf"
    path.write_text(text)
    command = {
        "nginx": ["nginx", "-e", "stderr", "-p", str(folder), "-c", str(path)],
        "haproxy": ["haproxy", "-db", "-f", str(path)],
    }[program]
    with (folder / f"{program}.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        wait_until_connected(port, process, folder / f"{program}.log")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port: int = unused.getsockname()[1]
        return port


def wait_until_connected(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until somebody listens on a port."""
    end = time.monotonic() + 20
    while time.monotonic() < end and process.poll() is None:
        with socket.socket() as trial:
            if trial.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError(log.read_text())
