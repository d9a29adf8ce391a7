"""Mutation testing itself: what it is to plant is there, and a trial tells what becomes of it."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.mutation import choice

ROOT = Path(__file__).parents[2]
MODULES = choice.modules(["app", "model"])


def test_every_planted_mistake_is_one_and_has_its_tests():
    mistakes = choice.planted()
    assert len(mistakes) >= 40
    assert len({one.key for one in mistakes}) == len(mistakes)
    for one in mistakes:
        assert one.text() != (ROOT / one.path).read_text()
        assert (ROOT / one.tests.split()[0]).is_file()


def test_a_mistake_that_has_no_place_any_more_is_told():
    with pytest.raises(ValueError, match=r"is not once in static/main\.js"):
        choice.Planted("static/main.js", "const nothing = ", "", "tests/page/test_page.py").text()


@pytest.mark.parametrize("room", choice.rooms())
def test_a_room_of_the_table_and_its_tests_are_there(room):
    assert any(module.startswith(room) for module in MODULES)
    assert all((ROOT / name).exists() for name in choice.rooms()[room])


def test_every_module_has_tests_and_its_own_comes_first():
    for module in MODULES:
        assert choice.tests_of(module), module
    assert choice.tests_of("app/queue/memory.py")[0] == "tests/app/queue/test_memory.py"


TRIALS = """
import sys
from pathlib import Path
from tests.mutation.trials import Trial, run_all

text = "def double(number):\\n    return number + number\\n"
tried = [
    Trial("none", ["test_it.py"], 60),
    Trial("seen", ["test_it.py"], 60, "it.py", text.replace("+", "-")),
    Trial("unseen", ["test_it.py"], 60, "it.py", text.replace("number + number", "2 * number")),
    Trial("hanging", ["test_it.py"], 2, "it.py", "import time\\ntime.sleep(99)\\n"),
    Trial("none again", ["test_it.py"], 60),
]
for outcome in run_all(iter(tried), Path(sys.argv[1]), Path(sys.argv[2]), 1, ["pytest"]):
    print(outcome.trial.name, outcome.code, outcome.by)
"""


def test_a_trial_tells_whether_a_test_has_seen_the_mistake(tmp_path):
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "it.py").write_text("def double(number):\n    return number + number\n")
    (tree / "test_it.py").write_text("import it\n\ndef test_it():\n    assert it.double(3) == 6\n")
    subprocess.run(["git", "init", "--quiet"], cwd=tree, check=True)
    command = [sys.executable, "-c", TRIALS, str(tree), str(tmp_path / "scratch")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.stdout.splitlines() == [
        "none 0 ",
        "seen 1 test_it.py::test_it",
        "unseen 0 ",
        "hanging None ",
        "none again 0 ",
    ], done.stderr
