"""What is counted, and under which names, without a service."""

import re

from app.telemetry.metrics import Metrics

BUCKETS = [
    "0.0005",
    "0.001",
    "0.002",
    "0.005",
    "0.01",
    "0.025",
    "0.05",
    "0.1",
    "0.25",
    "0.5",
    "1.0",
]


def lines_of(metrics: Metrics, *beginnings: str) -> list[str]:
    """The lines that begin so, without those of the process."""
    text = metrics.exposition().decode()
    return [line for line in text.splitlines() if line.startswith(beginnings)]


def test_every_counter_says_what_happened():
    metrics = Metrics()
    metrics.request("/predict", "POST", 200, 0.004)
    metrics.request("/predict", "POST", 204, 0.004)
    metrics.request("other", "GET", 404, 0.004)
    metrics.refusal("busy")
    metrics.reading(7, "digit", 0.97)
    metrics.number("unsure")
    metrics.steps({"decode": 0.3, "infer": 20.0})
    metrics.in_flight.inc()
    wanted = (
        "digits_requests_total{",
        "digits_request_seconds_sum",
        "digits_refusals_total{",
        "digits_readings_total{",
        "digits_numbers_total{",
        "digits_step_seconds_sum",
        "digits_requests_in_flight ",
        "digits_confidence_sum ",
    )
    assert sorted(lines_of(metrics, *wanted)) == sorted(
        [
            'digits_requests_total{method="POST",route="/predict",status="2xx"} 2.0',
            'digits_requests_total{method="GET",route="other",status="4xx"} 1.0',
            'digits_request_seconds_sum{route="/predict"} 0.008',
            'digits_request_seconds_sum{route="other"} 0.004',
            'digits_refusals_total{reason="busy"} 1.0',
            'digits_readings_total{digit="7",verdict="digit"} 1.0',
            'digits_numbers_total{verdict="unsure"} 1.0',
            'digits_step_seconds_sum{step="decode"} 0.3',
            'digits_step_seconds_sum{step="infer"} 20.0',
            "digits_requests_in_flight 1.0",
            "digits_confidence_sum 0.97",
        ]
    )


def test_times_and_confidences_fall_into_their_buckets():
    metrics = Metrics()
    metrics.request("/predict", "POST", 200, 0.004)
    metrics.reading(7, "digit", 0.97)
    edges = re.compile(r'le="([^"]+)"')
    times = lines_of(metrics, "digits_request_seconds_bucket")
    assert [edges.search(line)[1] for line in times] == [*BUCKETS, "2.5", "5.0", "10.0", "+Inf"]
    assert [line.endswith(" 1.0") for line in times] == [False] * 3 + [True] * 12
    sure = lines_of(metrics, "digits_confidence_bucket")
    assert [edges.search(line)[1] for line in sure] == [
        "0.2", "0.4", "0.5", "0.6", "0.7", "0.8", "0.9", "0.95", "0.99", "0.999", "1.0", "+Inf",
    ]  # fmt: skip


def test_after_a_reload_only_the_new_weights_count_as_loaded():
    metrics = Metrics()
    metrics.model("old", None)
    metrics.model("new", "old")
    assert sorted(lines_of(metrics, "digits_model_info{")) == [
        'digits_model_info{digest="new"} 1.0',
        'digits_model_info{digest="old"} 0.0',
    ]
    metrics.model("new", "new")
    assert 'digits_model_info{digest="new"} 1.0' in lines_of(metrics, "digits_model_info{")


def test_one_worker_tells_what_its_process_uses_and_nothing_twice():
    told = lines_of(Metrics(), "process_", "python_info", "digits_")
    assert any(line.startswith("process_resident_memory_bytes ") for line in told)
    assert any(line.startswith("python_info{") for line in told)
    assert not [line for line in told if "_created" in line]
