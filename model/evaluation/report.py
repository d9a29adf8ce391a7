"""An evaluation's report as text for a terminal."""

from collections.abc import Iterator
from typing import Any

Report = dict[str, Any]
"""What `run` measured: JSON-able, shares from 0 to 1, by names that say what it is."""


def table(report: Report) -> str:
    """Return the report as two columns, what and how much."""
    rows = list(_rows(report))
    width = max(len(what) for what, _ in rows)
    return "\n".join(f"{what:<{width}}  {value}".rstrip() for what, value in rows)


def _rows(report: Report) -> Iterator[tuple[str, str]]:
    weights = report["weights"]
    yield "network", f"{weights['parameters']:,} parameters, SHA-256 {weights['SHA-256'][:12]}"
    for name in ("MNIST test", "drawn digits", "pen drawings"):
        if name in report:
            yield "", ""
            yield from _digit_rows(name, report[name])
    if "pen drawings" in report:
        yield from _pen_rows(report["pen drawings"])
    if "is digit" in report:
        yield "", ""
        yield from _is_digit_rows(report["is digit"], report["look-alikes"])
    if "robustness" in report:
        yield "", ""
    for name, sweep in report.get("robustness", {}).items():
        points = zip(sweep["amounts"], sweep["accuracy"], strict=True)
        values = "  ".join(f"{amount:g}: {percent(accuracy)}" for amount, accuracy in points)
        yield f"{name} ({sweep['unit']})", values
    if "own drawings" in report:
        yield "", ""
        yield from _own_rows(report["own drawings"])


def _digit_rows(name: str, scores: Report) -> Iterator[tuple[str, str]]:
    low, high = scores["error, 95 % interval"]
    yield (
        f"{name}: error",
        f"{percent(scores['error'])} ({scores['errors']} of {scores['count']}; "
        f"95 % interval {percent(low)} to {percent(high)})",
    )
    yield f"{name}: calibration error", percent(scores["calibration error"])
    by_digit = scores["accuracy by digit"].items()
    yield f"{name}: accuracy by digit", "  ".join(f"{d}: {percent(a)}" for d, a in by_digit)
    if "called not a digit" in scores:
        yield (
            f"{name}: called not a digit, unsure",
            f"{percent(scores['called not a digit'])}, {percent(scores['called unsure'])}",
        )


def _pen_rows(scores: Report) -> Iterator[tuple[str, str]]:
    yield "pen drawings: mean over the pens", percent(scores["accuracy, mean over the pens"])
    for pen, accuracy in scores["accuracy by pen"].items():
        yield f"pen drawings: {pen}", percent(accuracy)
    yield "pen drawings: worst writer, usual pen", percent(scores["worst writer, usual pen"])
    writers = sorted(scores["accuracy by writer, usual pen"].items(), key=lambda item: item[1])
    yield "pen drawings: by writer, usual pen", "  ".join(f"{w}: {percent(a)}" for w, a in writers)


def _is_digit_rows(scores: Report, alike: Report) -> Iterator[tuple[str, str]]:
    for name, area in scores["AUROC"].items():
        yield f"AUROC, {name} against non-digits", f"{area:.4f}"
    yield "is_digit: calibration error", percent(scores["calibration error"])
    for name, called in (("non-digits", scores["non-digits"]), ("look-alikes", alike)):
        parts = ", ".join(
            f"{verdict} {percent(called[f'called {verdict}'])}"
            for verdict in ("digit", "unsure", "not a digit")
        )
        yield f"{name}: called", parts
        yield f"{name}: most often called a digit", ", ".join(worst_kinds(called)) or "none"


def worst_kinds(called: Report) -> list[str]:
    """Return the eight kinds of non-digits that are most often called digits, and how often."""
    kinds = sorted(called["called digit, by kind"].items(), key=lambda item: -item[1])
    return [f"{kind} {percent(share)}" for kind, share in kinds[:8] if share > 0]


def _own_rows(scores: Report) -> Iterator[tuple[str, str]]:
    if "digits" in scores:
        yield from _digit_rows("own drawings", scores["digits"])
    if "non-digits" in scores:
        called = scores["non-digits"]
        yield "own drawings: non-digits called a digit", percent(called["called digit"])
    for mistake in scores["misread"][:20]:
        yield f"own drawings: {mistake['name']}", f"is {mistake['label']}, read {mistake['read']}"


def percent(share: float) -> str:
    """Return a share, 0 to 1, as per cent with the decimals that it needs."""
    return f"{100 * share:.2f} %"
