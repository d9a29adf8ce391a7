"""The audit of the pinned packages, against a place of advisories on this machine."""

import json
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

AUDIT = Path(__file__).parents[1] / "ci" / "audit.py"
ADVISORY = {
    "id": "PYSEC-2026-999",
    "modified": "2026-01-01T00:00:00Z",
    "summary": "a picture is run as a program",
    "affected": [
        {
            "package": {"name": "pillow", "ecosystem": "PyPI"},
            "ranges": [
                {"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "99.1"}]},
            ],
        }
    ],
}


@pytest.fixture
def advisories():
    """A service as https://osv.dev has it, that knows of the packages in its set `bad`."""

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self):
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            bad = asked["package"]["name"].lower() in server.bad
            body = json.dumps({"vulns": [ADVISORY]} if bad else {}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    server.bad = set()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def audit(port):
    """The exit code and what is printed."""
    url = f"http://127.0.0.1:{port}/v1/query"
    command = [sys.executable, AUDIT, "--vulnerability-service=osv", f"--osv-url={url}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    return done.returncode, done.stdout


def test_a_package_with_an_advisory_fails(advisories):
    advisories.bad = {"pillow"}
    code, text = audit(advisories.server_port)
    assert code == 1
    assert "pillow" in text
    assert "PYSEC-2026-999, mended in 99.1" in text


def test_no_advisory(advisories):
    code, text = audit(advisories.server_port)
    assert code == 0
    assert "are known where advisories are kept" in text
    assert "PYSEC" not in text


def test_nobody_to_ask():
    code, text = audit(9)  # the port that discards: nobody listens
    assert code == 2
    assert text.startswith("The audit was not done, since the advisories could not be asked: ")
