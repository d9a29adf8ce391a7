"""The service as an operator meets it: start, signals, workers, logs, metrics, keys, proxies."""

import contextlib
import http.server
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from urllib.parse import unquote

import httpx
import psutil
import pytest
from nasty import encoded, seven
from running import PROJECT, START_SECONDS, RunningService, service_with, start_service
from sockets import POST, connection

PNG = encoded(seven(), "PNG")
PICTURE = {"content": PNG, "headers": {"Content-Type": "image/png"}}


def two_workers(running, seconds=10.0):
    """The processes of two workers, oldest first, as soon as there are two."""
    supervisor = psutil.Process(running.process.pid)
    end = time.monotonic() + seconds
    while len(workers := supervisor.children()) != 2:
        assert time.monotonic() < end, running.log
        time.sleep(0.01)
    return sorted(workers, key=psutil.Process.create_time)


def ended(**environment):
    """Run the command, which is expected to end by itself; return its exit code and messages."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("DIGITS_", "OTEL_"))}
    result = subprocess.run(
        [sys.executable, "-m", "app"],
        cwd=PROJECT,
        env=clean | environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return result.returncode, result.stdout + result.stderr


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"DIGITS_PORT": "http"}, "DIGITS_PORT"),
        ({"DIGITS_PORT": "99999"}, "DIGITS_PORT"),
        ({"DIGITS_WORKERS": "0"}, "DIGITS_WORKERS"),
        ({"DIGITS_BODY_BYTE": "9"}, "did you mean DIGITS_BODY_BYTES?"),
        ({"DIGITS_WEIGHTS": "/nowhere/digits.npz"}, "does not exist"),
        ({"DIGITS_LOG_FORMAT": "xml"}, "DIGITS_LOG_FORMAT"),
        ({"DIGITS_HOST": "no-host.invalid"}, "no-host.invalid:8000: there is no such host"),
    ],
)
def test_what_is_wrong_at_the_start_is_one_sentence(environment, said):
    code, output = ended(**environment)
    assert code == 2
    assert said in output
    assert output.count("\n") == 1, output


def test_a_port_that_is_taken(weights_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, output = ended(DIGITS_PORT=str(port), DIGITS_WEIGHTS=str(weights_path))
    assert code == 2
    assert output == f"digits: cannot listen on 127.0.0.1:{port}: address already in use\n"


@pytest.mark.parametrize("workers", [1, 2])
def test_new_weights_without_a_restart(tmp_path, weights_path, workers):
    mine = tmp_path / "mine.npz"
    shutil.copy(weights_path, mine)
    with (
        service_with(tmp_path, weights=mine, workers=workers) as running,
        httpx.Client(base_url=running.url) as client,
    ):
        before = client.post("/predict", **PICTURE)
        mine.write_bytes(b"no weights")
        running.process.send_signal(signal.SIGHUP)
        running.wait_for("new weights refused, the old ones stay: weights file .* is not an .npz")
        assert client.get("/model").json()["digest"] == before.headers["x-model-digest"]

        # The same arrays in another file: zip members carry a time, so the digest differs.
        from model.weights import load_weights, save_weights

        save_weights(mine, load_weights(weights_path))
        running.process.send_signal(signal.SIGHUP)
        running.wait_for("new weights loaded", count=workers + (workers > 1))
        after = client.post("/predict", **PICTURE)
        assert after.headers["x-model-digest"] == load_weights(mine).digest
        assert after.json()["digit"] == before.json()["digit"]
        metrics = client.get("/metrics").text
        assert f'digits_model_info{{digest="{load_weights(mine).digest}"}} 1.0' in metrics
        assert f'digits_model_info{{digest="{before.headers["x-model-digest"]}"}} 0.0' in metrics
        assert metrics.count("digits_model_info{") == 2


def test_a_worker_that_dies_is_replaced(tmp_path, weights_path):
    with (
        service_with(tmp_path, weights=weights_path, workers=2) as running,
        httpx.Client(base_url=running.url) as client,
    ):
        first = two_workers(running)
        first[0].kill()
        running.wait_for(r"worker \d+ died \(exit code -9\) and is replaced")
        assert first[0] not in two_workers(running)
        time.sleep(0.2)
        with contextlib.suppress(httpx.TransportError):
            client.get("/livez")  # this connection may have been the dead worker's
        for _ in range(20):
            assert client.post("/predict", **PICTURE).status_code == 200


def test_workers_end_with_their_supervisor(tmp_path, weights_path):
    running = start_service(tmp_path, weights=weights_path, workers=2)
    assert httpx.get(f"{running.url}/metrics").status_code == 200
    workers = two_workers(running)
    counters = {Path(file.path).parent for worker in workers for file in worker.open_files()}
    running.process.kill()
    running.process.wait()
    _, left = psutil.wait_procs(workers, timeout=10)
    for worker in left:
        worker.kill()
    for folder in counters:
        if folder.name.startswith("digits-metrics-"):  # which nobody is there to remove
            shutil.rmtree(folder)
    assert not left
    with socket.create_server(("127.0.0.1", running.port)):  # the port is free again
        pass


def test_term_is_no_fault_while_workers_start(tmp_path, weights_path):
    for seconds in (0.0, 0.02, 0.05, 0.1):
        running = start_service(tmp_path, weights=weights_path, workers=2)
        time.sleep(seconds)
        assert running.stop() == 0, f"after {seconds} s:\n{running.log}"


def test_counters_are_those_of_all_workers(tmp_path, weights_path):
    with service_with(tmp_path, weights=weights_path, workers=2) as running:
        with httpx.Client(base_url=running.url, headers={"Connection": "close"}) as client:
            for _ in range(50):  # each on a connection of its own, so that both workers get some
                assert client.post("/predict", **PICTURE).status_code == 200
            text = client.get("/metrics").text
        assert 'digits_requests_total{method="POST",route="/predict",status="2xx"} 50.0' in text
        assert re.search(r'digits_readings_total\{digit="7",verdict="[a-z ]+"\} 50.0', text)


def test_metrics_count_what_happens(tmp_path, weights_path):
    with (
        service_with(tmp_path, weights=weights_path) as running,
        httpx.Client(base_url=running.url) as client,
    ):
        client.post("/predict", **PICTURE)
        client.post("/predict", json={})
        client.post("/predict", content=b"x")
        for i in range(20):
            client.get(f"/nothing/{i}")
            client.request(f"METHOD{i}", "/predict")
        with socket.create_connection(("127.0.0.1", running.port)) as sock:
            sock.sendall(b"nonsense\r\n\r\n")
            sock.recv(1000)
        text = client.get("/metrics").text
    for line in (
        'digits_requests_total{method="POST",route="/predict",status="2xx"} 1.0',
        'digits_requests_total{method="POST",route="/predict",status="4xx"} 2.0',
        'digits_requests_total{method="GET",route="other",status="4xx"} 20.0',
        'digits_refusals_total{reason="invalid"} 1.0',
        'digits_refusals_total{reason="unsupported-type"} 1.0',
        'digits_refusals_total{reason="not-found"} 20.0',
        "digits_requests_in_flight 1.0",
        "digits_confidence_count 1.0",
        'digits_step_seconds_count{step="infer"} 1.0',
        "process_resident_memory_bytes",
    ):
        assert line in text
    assert text.count("digits_requests_total{") < 8  # whatever clients make up


def test_log_lines_are_json_and_carry_the_request_id(service, running_service):
    made_up = "evil%22%0a%7b%22level%22: %22error%22%7d"
    trace = "0af7651916cd43dd8448eb211c80319c"
    with httpx.Client(base_url=service) as client:
        mine = client.post("/predict", headers={"X-Request-ID": "mine-1"}, json={})
        traced = client.get(
            f"/{made_up}", headers={"traceparent": f"00-{trace}-b7ad6b7169203331-01"}
        )
        client.get("/livez", headers={"X-Request-ID": "probe-1"})
    assert mine.headers["x-request-id"] == "mine-1"
    assert mine.json()["instance"] == "urn:request:mine-1"
    assert traced.headers["x-request-id"] == trace
    running_service.wait_for(trace)
    lines = {
        line.get("request"): line for line in map(json.loads, running_service.log.splitlines())
    }
    assert lines["mine-1"]["status"] == 422
    assert lines["mine-1"]["problem"] == "invalid"
    assert lines[trace]["path"] == "/" + unquote(made_up)
    assert "probe-1" not in lines


def test_below_warning_only_what_goes_wrong_is_logged(tmp_path, weights_path):
    mine = tmp_path / "mine.npz"
    shutil.copy(weights_path, mine)
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("DIGITS_")}
    environment |= {"DIGITS_WEIGHTS": str(mine), "DIGITS_PORT": str(port)}
    environment |= {"DIGITS_LOG_LEVEL": "warning", "DIGITS_LOG_FORMAT": "text"}
    log_path = tmp_path / "service.log"
    with log_path.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "app"],
            cwd=PROJECT,
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    running = RunningService(process, log_path, f"http://127.0.0.1:{port}")
    try:
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end:
            with contextlib.suppress(httpx.TransportError):
                if httpx.post(f"{running.url}/predict", **PICTURE).status_code == 200:
                    break
            time.sleep(0.05)
        assert running.log == ""  # neither that it listens nor the request
        mine.write_bytes(b"no weights")
        process.send_signal(signal.SIGHUP)
        running.wait_for("new weights refused")
        assert running.stop() == 0
        assert len(running.log.splitlines()) == 1
    finally:
        process.kill()


def test_lines_on_a_terminal_cannot_be_forged(tmp_path, weights_path):
    with service_with(tmp_path, weights=weights_path, log_format="text") as running:
        httpx.get(f"{running.url}/a%0aINFO%1b[31mforged")
        httpx.get(f"{running.url}/nothing%20status=200%20x=%22quoted")
        running.wait_for("quoted")
        assert len(running.log.splitlines()) == 3
        assert "\x1b" not in running.log
        last = running.log.splitlines()[-1]
        assert r'path="/nothing status=200 x=\"quoted"' in last
        assert " status=404 " in last.replace(r'path="/nothing status=200 x=\"quoted"', "")


def test_the_key_is_needed_where_one_is_set(tmp_path, weights_path):
    with (
        service_with(tmp_path, weights=weights_path, api_key="let-me-in") as running,
        httpx.Client(base_url=running.url) as client,
    ):
        for path in ("/predict", "/explain", "/v2/models/digits/infer"):
            for key in (None, "Bearer x", "Bearer let-me-i", "Bearer let-me-inn", "let-me-in"):
                headers = {} if key is None else {"Authorization": key}
                response = client.post(path, headers=headers, files={"file": PNG})
                assert response.status_code == 401
                assert response.headers["www-authenticate"] == "Bearer"
        for scheme in ("Bearer", "bearer", "BEARER", "Bearer "):  # RFC 9110, section 11.1
            right = {"Authorization": f"{scheme} let-me-in"}
            assert client.post("/predict", headers=right, files={"file": PNG}).status_code == 200
        assert client.get("/model").status_code == client.get("/metrics").status_code == 200
        assert client.get("/readyz").status_code == 200
        assert client.get("/").status_code == 200
        assert "let-me-in" not in running.log


def test_the_key_is_needed_for_all_where_that_is_set(tmp_path, weights_path):
    settings = {"weights": weights_path, "api_key": "let-me-in", "api_key_for": "all"}
    with (
        service_with(tmp_path, **settings) as running,
        httpx.Client(base_url=running.url) as client,
    ):
        for path in ("/model", "/metrics", "/v2", "/v2/models/digits"):
            refused = client.get(path)
            assert refused.status_code == 401
            assert refused.headers["www-authenticate"] == "Bearer"
            right = {"Authorization": "bearer let-me-in"}
            assert client.get(path, headers=right).status_code == 200
        assert client.post("/predict", files={"file": PNG}).status_code == 401
        for path in ("/livez", "/readyz", "/v2/health/ready", "/v2/models/digits/ready", "/"):
            assert client.get(path).status_code == 200


def test_other_origins_only_if_listed(tmp_path, service, weights_path):
    asked = {"Origin": "https://friend.example", "Access-Control-Request-Method": "POST"}
    closed = httpx.options(f"{service}/predict", headers=asked)
    assert "access-control-allow-origin" not in closed.headers
    with service_with(
        tmp_path, weights=weights_path, cors_origins="https://friend.example"
    ) as running:
        friend = httpx.options(f"{running.url}/predict", headers=asked)
        assert friend.headers["access-control-allow-origin"] == "https://friend.example"
        assert "access-control-allow-credentials" not in friend.headers
        stranger = httpx.options(
            f"{running.url}/predict", headers=asked | {"Origin": "https://x.y"}
        )
        assert "access-control-allow-origin" not in stranger.headers


def test_proxy_headers_only_from_a_known_proxy(tmp_path, running_service, weights_path):
    forwarded = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"}
    plain = httpx.get(f"{running_service.url}/model", headers=forwarded)
    assert "strict-transport-security" not in plain.headers
    with (
        service_with(tmp_path, weights=weights_path, forwarded_allow_ips="127.0.0.9") as running,
        httpx.Client(transport=httpx.HTTPTransport(local_address="127.0.0.9")) as proxy,
    ):
        stranger = httpx.get(f"{running.url}/model", headers=forwarded)
        assert "strict-transport-security" not in stranger.headers
        assert "203.0.113.9" not in running.log
        trusted = proxy.get(f"{running.url}/model", headers=forwarded)
        assert "strict-transport-security" in trusted.headers
        running.wait_for("203.0.113.9")
        proxy.get(f"{running.url}/model", headers={"X-Forwarded-For": "9" * 9000})
        running.wait_for("999")
        assert max(map(len, running.log.splitlines())) < 400
    assert "203.0.113.9" not in running_service.log


def test_term_lets_what_is_under_way_finish(tmp_path, weights_path):
    # Decoding takes longer than the server needs to notice that it is to end.
    large = encoded(seven(4000).convert("RGBA"), "PNG")
    answers = []

    def ask(client: httpx.Client) -> None:
        response = client.post("/predict", files={"file": large})
        answers.append((response.status_code, response.headers["connection"]))

    with (
        service_with(tmp_path, weights=weights_path) as running,
        httpx.Client(base_url=running.url, timeout=30) as client,
    ):
        threads = [threading.Thread(target=ask, args=[client]) for _ in range(3)]
        for thread in threads:
            thread.start()
        end = time.monotonic() + 10
        # These three, and the one that asks.
        while "digits_requests_in_flight 4.0" not in httpx.get(f"{running.url}/metrics").text:
            assert time.monotonic() < end
        start = time.monotonic()
        code = running.stop()
        seconds = time.monotonic() - start
        for thread in threads:
            thread.join()
    assert code == 0
    assert seconds < 8 + 5  # the grace time, and what a machine that is busy otherwise may take
    assert answers == [(200, "close")] * 3
    assert "Traceback" not in running.log


def test_what_outlasts_the_time_to_shut_down_is_cut_off(tmp_path, weights_path):
    settings = {"shutdown_seconds": 0.2, "body_seconds": 300}
    with (
        service_with(tmp_path, weights=weights_path, **settings) as running,
        connection(running) as slow,
    ):
        slow.sendall(POST + b"Content-Length: 5000\r\n\r\nabc")
        end = time.monotonic() + 10
        while "digits_requests_in_flight 2.0" not in httpx.get(f"{running.url}/metrics").text:
            assert time.monotonic() < end
        running.process.terminate()
        assert running.process.wait(60) == 0  # without waiting for the body
        answer = slow.makefile("rb").read().decode()
        assert answer.startswith("HTTP/1.1 503 ")
        assert "The service is shutting down; ask another one." in answer
        assert answer.lower().count("x-request-id: ") == 1
        assert "status=500" not in running.log
        assert '"status": 500' not in running.log


@pytest.mark.parametrize("workers", [1, 2])
def test_while_draining_it_serves_but_is_not_ready(tmp_path, weights_path, workers):
    settings = {"weights": weights_path, "drain_seconds": 1.5, "workers": workers}
    with service_with(tmp_path, **settings) as running:
        assert httpx.get(f"{running.url}/readyz").status_code == 200
        running.process.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        not_ready = httpx.get(f"{running.url}/readyz")
        assert not_ready.status_code == 503
        assert not_ready.headers["connection"] == "close"
        assert httpx.post(f"{running.url}/predict", **PICTURE).status_code == 200
        assert httpx.get(f"{running.url}/livez").status_code == 200
        assert running.process.wait(10) == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_idle_service_ends_at_once(tmp_path, weights_path, number):
    running = start_service(tmp_path, weights=weights_path)
    with httpx.Client(base_url=running.url) as client:
        client.get("/livez")  # leaves an idle connection behind
        start = time.monotonic()
        running.process.send_signal(number)
        assert running.process.wait(10) == 0
        assert time.monotonic() - start < 3


class Collector(http.server.BaseHTTPRequestHandler):
    """Takes traces as an OpenTelemetry collector does."""

    received: list[bytes]

    def do_POST(self):
        self.received.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.mark.parametrize("workers", [1, 2])
def test_traces_are_sent_where_an_endpoint_is_set(tmp_path, weights_path, workers):
    exporter = pytest.importorskip("opentelemetry.proto.collector.trace.v1.trace_service_pb2")
    Collector.received = []
    trace, parent = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
    headers = {"Content-Type": "image/png", "traceparent": f"00-{trace}-{parent}-01"}
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Collector) as collector:
        threading.Thread(target=collector.serve_forever, daemon=True).start()
        endpoint = f"http://127.0.0.1:{collector.server_port}"
        running = start_service(tmp_path, weights=weights_path, otel=endpoint, workers=workers)
        httpx.post(f"{running.url}/predict?detail=true", content=PNG, headers=headers)
        for path in ("/livez", "/readyz", "/metrics", "/v2/health/live", "/nothing/here"):
            httpx.get(f"{running.url}{path}")
        assert running.stop() == 0  # which sends what is left
        collector.shutdown()
    spans = {}
    for sent in map(exporter.ExportTraceServiceRequest.FromString, Collector.received):
        for resource in sent.resource_spans:
            assert "digit-recognizer" in str(resource.resource)
            spans |= {span.name: span for scope in resource.scope_spans for span in scope.spans}
    assert set(spans) == {"POST /predict", "GET"}  # no probe, and no name that a client makes up
    span = spans["POST /predict"]
    assert (span.trace_id.hex(), span.parent_span_id.hex()) == (trace, parent)
    attributes = {one.key: one.value for one in span.attributes}
    assert attributes["http.route"].string_value == "/predict"
    assert attributes["http.response.status_code"].int_value == 200
    for step in ("decode", "preprocess", "infer"):
        assert 0 < attributes[f"digits.{step}_seconds"].double_value < 10


def test_without_an_endpoint_nothing_of_it_is_imported():
    code = (
        "import app.main, sys; print([m for m in sys.modules if m.startswith('opentelemetry.sdk')])"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True
    )
    assert result.stdout == "[]\n", result.stderr
