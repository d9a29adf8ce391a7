import csv
import sys

import pytest

from model.bulk.rows import DIGIT_COLUMNS, NUMBER_COLUMNS
from model.bulk.table import Table
from model.errors import CommandError

LINES = [f"a[{number}],7,{','.join(['0.100000'] * 10)},1.000000,digit," for number in range(5)]
FAILED = f"b{',' * 14}is damaged"
ABOUT = {"digests": ["abc"], "length": None}


def table(out, *, resume=False, columns=DIGIT_COLUMNS, about=ABOUT):
    return Table(out, columns, about, resume=resume)


def written(out, lines, *, resume=False, finish=True):
    with table(out, resume=resume) as made:
        made.write(lines)
        if finish:
            made.finish()


def test_a_table_has_a_header_and_a_line_for_each_row(tmp_path):
    out = tmp_path / "new" / "a.csv"
    written(out, [*LINES, FAILED])
    with out.open(newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == [*DIGIT_COLUMNS]
    assert [row[0] for row in rows[1:]] == [*(f"a[{n}]" for n in range(5)), "b"]
    assert {len(row) for row in rows} == {len(DIGIT_COLUMNS)}
    assert list(out.parent.iterdir()) == [out]


def test_parquet_holds_the_same_with_types(tmp_path):
    import pyarrow.parquet

    out = tmp_path / "a.parquet"
    written(out, [*LINES, FAILED])
    read = pyarrow.parquet.read_table(out)
    assert read.column_names == [*DIGIT_COLUMNS]
    assert read["source"].to_pylist() == [*(f"a[{n}]" for n in range(5)), "b"]
    assert read["digit"].to_pylist() == [7] * 5 + [None]
    assert read["p3"].to_pylist()[0] == pytest.approx(0.1)
    assert read["p3"].to_pylist()[5] is None
    assert read["error"].to_pylist() == [None] * 5 + ["is damaged"]
    assert list(tmp_path.iterdir()) == [out]


def test_numbers_stay_texts_in_parquet(tmp_path):
    import pyarrow.parquet

    out = tmp_path / "n.parquet"
    with table(out, columns=NUMBER_COLUMNS) as made:
        made.write(["a,007,0.900000,number,", "b,,,,is damaged"])
        made.finish()
    assert pyarrow.parquet.read_table(out)["number"].to_pylist() == ["007", None]


def test_parquet_without_pyarrow_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(CommandError, match=r"pyarrow is not installed.*\[bulk\]"):
        table(tmp_path / "a.parquet")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("cut", "there"),
    [(0, 5), (1, 4), (len(LINES[4]) + 1, 4), (len(LINES[4]) + 2, 3), (300, 2), (10_000, 0)],
)
def test_what_was_cut_off_anywhere_goes_on_behind_the_last_whole_row(tmp_path, cut, there):
    out, whole = tmp_path / "a.csv", tmp_path / "whole.csv"
    written(whole, LINES)
    written(out, LINES, finish=False)
    rows = tmp_path / "a.csv.partial" / "rows.csv"
    rows.write_bytes(rows.read_bytes()[: max(0, rows.stat().st_size - cut)])
    with table(out, resume=True) as made:
        assert made.there == there
        assert [row[0] for row in made.rows_there()] == [f"a[{n}]" for n in range(there)]
        made.write(LINES[there:])
        made.finish()
    assert out.read_bytes() == whole.read_bytes()


def test_an_unfinished_table_is_not_overwritten_unasked(tmp_path):
    written(tmp_path / "a.csv", LINES, finish=False)
    with pytest.raises(CommandError, match="go on with --resume, or remove it"):
        table(tmp_path / "a.csv")


def test_resume_without_anything_to_go_on_with_begins(tmp_path):
    written(tmp_path / "a.csv", LINES, resume=True)
    assert len((tmp_path / "a.csv").read_text().splitlines()) == 6


def test_a_table_of_another_question_is_not_gone_on_with(tmp_path):
    written(tmp_path / "a.csv", LINES, finish=False)
    with pytest.raises(CommandError, match="other weights or another question"):
        table(tmp_path / "a.csv", resume=True, about={**ABOUT, "digests": ["def"]})
    with pytest.raises(CommandError, match="other columns"):
        table(tmp_path / "a.csv", resume=True, columns=NUMBER_COLUMNS)


def test_two_runs_do_not_write_one_table(tmp_path):
    with table(tmp_path / "a.csv") as made:
        made.write(LINES)
        with pytest.raises(CommandError, match="another run is writing"):
            table(tmp_path / "a.csv", resume=True)


@pytest.mark.parametrize(
    ("name", "reason"), [("a.txt", "neither .csv nor .parquet"), ("folder.csv", "is a folder")]
)
def test_what_cannot_be_written_is_refused_at_once(tmp_path, name, reason):
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(CommandError, match=reason):
        table(tmp_path / name)
