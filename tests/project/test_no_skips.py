import os
import subprocess
import sys
from pathlib import Path

NO_SKIPS = Path(__file__).parents[1] / "ci" / "no_skips.py"


def outcome(tmp_path: Path) -> tuple[int, str]:
    """Run the tests of a folder, and what looks for skips in the report: exit code, complaint."""
    subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--junit-xml=report.xml"],
        cwd=tmp_path,
        env=os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        check=True,
        timeout=60,
    )
    looked = subprocess.run(
        [sys.executable, NO_SKIPS, "report.xml"], cwd=tmp_path, capture_output=True, text=True
    )
    return looked.returncode, looked.stderr


def test_skipped_tests_and_modules_are_named_with_their_reasons(tmp_path):
    (tmp_path / "test_module.py").write_text("import pytest\npytest.importorskip('no_such_one')\n")
    (tmp_path / "test_it.py").write_text(
        "import pytest\n"
        "def test_runs(): pass\n"
        "def test_needs(): pytest.skip('no browser here')\n"
        "@pytest.mark.skipif(True, reason='no data')\n"
        "def test_other(): pass\n"
    )
    code, complaint = outcome(tmp_path)
    assert code == 1
    named = ("test_module", "no_such_one", "test_needs", "no browser", "test_other", "no data")
    assert not [word for word in named if word not in complaint]
    assert "test_runs" not in complaint


def test_nothing_skipped(tmp_path):
    (tmp_path / "test_it.py").write_text(
        "import pytest\ndef test_runs(): pass\n@pytest.mark.xfail\ndef test_open(): assert False\n"
    )
    assert outcome(tmp_path) == (0, "")
