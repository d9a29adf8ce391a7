"""The benchmarks' own arithmetic; what they measure needs peers and a quiet machine."""

import json
import re
import shutil
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import uvloop
from running import PROJECT

from benchmarks import abuse, cluster, mixed, report, serving, tables, training
from benchmarks.clients.costly import kinds
from benchmarks.clients.load import same, service
from benchmarks.mixed import number
from benchmarks.serving import Load, Target


def test_a_table_is_markdown_with_columns_of_one_width():
    assert report.table(["what", "rate"], [["a", "1,234"], ["longer", "5"]]) == (
        "| what   |  rate |\n| :----- | ----: |\n| a      | 1,234 |\n| longer |     5 |"
    )


def test_a_ratio_says_how_many_times_as_fast_we_are():
    assert report.times_as_fast(peer_seconds=3.0, our_seconds=2.0) == "1.50 x"
    assert report.times_as_fast(peer_seconds=1500.0, our_seconds=1.0) == "1,500 x"
    assert report.against(1.5, 1.5) == "1.5 reached"
    assert report.against(2, 1.99) == "2 MISSED"


def test_contenders_take_turns_and_the_first_call_of_a_turn_is_not_counted():
    called = []
    seconds = report.interleaved(
        {"a": lambda: called.append("a"), "b": lambda: called.append("b")}, turns=2, seconds=0
    )
    assert called == ["a", "a", "b", "b"] * 2
    assert set(seconds) == {"a", "b"}
    assert all(0 <= value < 0.1 for value in seconds.values())


def test_the_line_on_the_machine_names_versions_and_threads():
    line = report.machine("2", "fastapi", "no-such-package")
    assert f"numpy {np.__version__}" in line
    assert "no-such-package (not installed)" in line
    assert line.endswith("threads: 2")


def test_what_was_measured_is_put_between_its_marks(tmp_path):
    marked = "<!-- figures: {} -->\n{}\n<!-- /figures -->\n"
    page = marked.format("one", "{}") + marked.format("other", "kept")
    (tmp_path / "one.md").write_text("Steps\n\n| a |\n\npicture: one.png\n")
    new = page.format("`make bench BENCHMARKS=one`: Steps\n\n| a |")
    assert tables.with_figures(page.format("old"), tmp_path) == new


def test_every_benchmark_has_its_place_in_the_papers():
    [names] = re.findall(r"^BENCHMARKS \?= (.*)$", (PROJECT / "Makefile").read_text(), re.MULTILINE)
    marked = re.findall(
        r"^<!-- figures: (\w+) -->\n`make bench BENCHMARKS=\1`: \S",
        tables.PAGE.read_text(),
        re.MULTILINE,
    )
    assert sorted(marked) == sorted(names.split())


def test_a_replacement_behind_haproxy_loses_nothing():
    if shutil.which("haproxy") is None:
        pytest.skip("haproxy is not installed")
    told = uvloop.run(cluster.told(cluster.replace, quick=True))
    measured = {what: ok for what, _, _, ok in cluster.rows("replace", told)}
    assert all(measured.values()), cluster.rows("replace", told)
    assert {"failed", "of neither weights", "of the new weights"} <= measured.keys()
    assert {one.outcome for one in told.asked} == {"old", "new"}


def test_what_a_cluster_loses_or_mixes_is_seen():
    right = [cluster.Asked(0.0, 0.001, "old"), cluster.Asked(1.0, 0.003, "new")]
    lost = [cluster.Asked(2.0, 0.1, outcome) for outcome in ("failed", "status 503", "wrong")]
    for name, missed in (
        ("replace", {"failed", "of neither weights"}),
        ("kill", {"of neither weights"}),
    ):
        measured = cluster.rows(name, cluster.Told(right + lost, {}, 0.001))
        assert {what for what, *_, ok in measured if not ok} == missed
        assert ("failed", "2") in [(what, value) for what, value, *_ in measured]
    assert all(ok for *_, ok in cluster.rows("drain", cluster.Told(right, {}, 0.001)))


def test_a_timed_training_step_trains(monkeypatch):
    trainers = []
    make = training.Trainer
    monkeypatch.setattr(training, "Trainer", lambda *a: trainers.append(make(*a)) or trainers[-1])
    recipe = training.timed("default", batch=8, shard=4)
    with ThreadPoolExecutor(2) as executor:
        step = training.numpy_step(recipe, 2, executor)
        before = trainers[0].network.vector.copy()
        step()
        step()
    assert not np.array_equal(trainers[0].network.vector, before)
    assert np.isfinite(trainers[0].network.vector).all()


def test_wrk_loads_a_route_and_its_figures_are_read():
    if shutil.which("wrk") is None:
        pytest.skip("wrk is not installed")
    with service("benchmarks.servers.nothing") as running:
        found = serving.load(Target(running.port, "/livez"), connections=4, seconds=1)
        assert Target(running.port, "/nothing", b"something").ask() == {}
        read = Target(running.port, "/read", number(), "image/png").ask()
        with pytest.raises(SystemExit, match="requests to /nowhere failed"):
            serving.load(Target(running.port, "/nowhere"), connections=1, seconds=1)
    assert len(str(read["number"])) == 4
    assert found.rate > 10
    assert 0 < found.p50 <= found.p99


def test_a_long_run_of_mixed_requests_goes_on_where_it_was_broken_off(tmp_path, capsys):
    path = tmp_path / "mixed-150.json"
    before = {"asked": 150, "done": 100, "seconds": 2.0, "wrong": {}, "services": 1}
    path.write_text(json.dumps(before | {"grown": 0.5, "memory": 90.0}))
    rows = uvloop.run(mixed.many(150, tmp_path, round_of=30))
    shown = {what: (measured, ok) for what, measured, _, ok in rows}
    assert shown["requests"][0].startswith("150 in ")
    assert shown["times broken off"][0] == "1"
    for what in ("wrong answers", "unexpected statuses", "resets"):
        assert shown[what] == ("0", True)
    first, *lines = capsys.readouterr().out.splitlines()
    assert first.startswith("goes on: 100 of 150: none wrong; ")
    assert [line.partition(":")[0] for line in lines] == ["130 of 150", "150 of 150"]
    assert not path.exists()


def test_a_wrong_answer_is_counted(tmp_path, monkeypatch):
    async def other(running, case):
        return case._replace(answer=b"other", status=case.status + (case.answer is None))

    monkeypatch.setattr(mixed, "with_answer", other)
    rows = uvloop.run(mixed.many(60, tmp_path))
    counts = {what: int(measured) for what, measured, asked, _ in rows if asked == "0"}
    assert counts["wrong answers"] > 10
    assert counts["unexpected statuses"] > 10
    assert counts["resets"] == 0


def test_aims_are_ratios_at_16_connections():
    names = ("POST /nothing", "canvas PNG", "28x28 JSON", "BentoML, PNG", "LitServe, PNG")
    rates = {"canvas PNG": 300.0, "28x28 JSON": 390.0, "BentoML, PNG": 100.0}
    rates["POST /nothing"] = 1000.0
    loads = {(name, 16): Load(rates.get(name, 250.0), 1, 2) for name in names}
    loads[serving.NUMBER, 16] = Load(240.0, 1, 2)
    loads |= {(name, 1): Load(1.0, 1, 2) for name in names}
    lines = serving.aims(loads).splitlines()[2:]
    measured = [[cell.strip() for cell in line.strip("| ").split("|")] for line in lines]
    assert measured == [
        ["canvas PNG to POST /nothing", "0.30 x", "0.25 reached"],
        ["28x28 JSON to POST /nothing", "0.39 x", "0.4 MISSED"],
        ["canvas PNG to BentoML, PNG", "3.00 x", "2 reached"],
        ["canvas PNG to LitServe, PNG", "1.20 x", "1.2 reached"],
        ["four digits to /read, answers/s", "240", "250 MISSED"],
    ]


def test_what_abuse_misses_is_named():
    kind = next(kinds())
    quick, slow = abuse.Visits([0.01] * 99 + [0.2], 0), abuse.Visits([0.3], 5)
    good = abuse.Met(quick, quick, peak_mb=200, end_seconds=2)
    bad = abuse.Met(slow, abuse.Visits([], 5), peak_mb=501, end_seconds=11)
    assert quick.shown() == "200 (200)"
    assert abuse.row_of_one(kind, 400, good)[-1] == "MISSED: /livez"
    assert abuse.row_of_one(kind, 401, bad)[-1] == "MISSED: processor, /livez, drawing"
    assert abuse.row_of_many(kind, good)[-1] == "reached"
    assert abuse.row_of_many(kind, bad)[-4:] == ["5 of 5", "501", "11.0", "MISSED: memory, end"]


@pytest.mark.parametrize(
    ("said", "right"),
    [
        ({"digit": 7, "probabilities": [0.1, 0.9 + 2e-9]}, True),
        ({"digit": 7, "probabilities": [0.1, 0.901]}, False),
        ({"digit": 1, "probabilities": [0.1, 0.9]}, False),
        ({"digit": 7, "probabilities": [0.1]}, False),
        ({"digit": 7}, False),
    ],
)
def test_an_answer_under_load_is_right_but_for_rounding(said, right):
    wanted = json.dumps({"digit": 7, "probabilities": [0.1, 0.9]}).encode()
    assert same(json.dumps(said).encode(), wanted) is right
    assert not same(b"<html>", wanted)
