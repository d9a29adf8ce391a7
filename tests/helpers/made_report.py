"""A report of figures that no network has, all different."""

from itertools import count

from model.evaluation.report import (
    DigitScores,
    DigitSet,
    Growing,
    IsDigitScores,
    LayerDescription,
    NetworkDescription,
    NonDigitScores,
    NumberScores,
    NumbersReport,
    PaperScores,
    PapersReport,
    PenScores,
    Reliability,
    Report,
    SweepScores,
)
from model.recognizer import Verdict


def report() -> Report:
    numbers, shares = count(10_007, 1_013), (k / 10_000 for k in count(517, 23))
    number, share = lambda: next(numbers), lambda: next(shares)

    def reliability():
        return Reliability(share(), (0.0, share()), (None, share()), (None, share()))

    def verdicts():
        return {verdict: share() for verdict in Verdict}

    def digits():
        return DigitScores(
            count=number(),
            errors=number(),
            error=share(),
            error_interval=(share(), share()),
            accuracy_by_digit={str(digit): share() for digit in range(10)},
            confusion_matrix=tuple(tuple(number() for _ in range(10)) for _ in range(10)),
            calibration=reliability(),
            verdicts=verdicts(),
        )

    def non_digits():
        return NonDigitScores(number(), verdicts(), {"latin/K": share(), "shape/star": share()})

    def paper():
        return PaperScores(number(), share(), share(), share(), share(), share())

    return Report(
        network=NetworkDescription(
            digest="c0ffee",
            recipe="default",
            seed=4711,
            parameters=number(),
            multiply_adds=123_456_789,
            temperature=0.777,
            layers=(
                LayerDescription(
                    "Conv2D", {"bias": False, "filters": 37, "rate": 0.0625}, (41, 43)
                ),
                LayerDescription("ReLU", {}, (47,)),
            ),
            data={"drawn": "deadbeef"},
        ),
        digits={name: digits() for name in DigitSet},
        pens=PenScores(
            mean_accuracy=share(),
            accuracy_by_pen={"usual": share(), "quill": share()},
            accuracy_by_writer={name: share() for name in ("ann", "bob", "cy")},
        ),
        accuracy_by_style={"seven_of_nine": share(), "one_flag": share()},
        is_digit=IsDigitScores(
            not_a_digit_below=0.1234,
            digit_above=0.5678,
            confident_above=0.4321,
            auroc={name: share() for name in DigitSet},
            calibration=reliability(),
            non_digits=non_digits(),
            lookalikes=non_digits(),
        ),
        robustness=(
            SweepScores("tilt", "degrees of 77", (-61.5, 0, 62.5), (share(), share(), share())),
        ),
        papers=PapersReport(
            {"coffee": paper()},
            {"crumpled": paper()},
            paper(),
            (number(), share()),
            (number(), share()),
        ),
        numbers=NumbersReport(
            digest="cafe",
            recipe="numbers",
            seed=4712,
            behind=(("numbers", 4713), ("numbers", 4714)),
            parameters=number(),
            sets={"hops": NumberScores(number(), share(), share(), share(), share(), share())},
            others=(share(), number()),
            growing=Growing(share(), number()),
        ),
    )
