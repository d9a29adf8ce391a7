"""Ask for known vulnerabilities of what is pinned: `python tests/ci/audit.py [OPTIONS]`.

The options are those of pip-audit.

Exit codes: 0, no advisory names a version of constraints.txt; 1, one does; 2, the advisories could
not be reached, so nothing is known and the audit was not done.
"""

import json
import subprocess
import sys
from pathlib import Path

NOT_DONE = 2
PINNED = Path(__file__).parents[2] / "constraints.txt"


def main(options: list[str]) -> int:
    """Print what is known, and return the exit code."""
    command = [sys.executable, "-m", "pip_audit", "--progress-spinner=off", "--format=json"]
    command += ["--disable-pip", "--no-deps", f"--requirement={PINNED}", *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    try:
        packages = json.loads(done.stdout)["dependencies"]
    except ValueError:
        reason = (done.stderr.strip() or "no reason given").splitlines()[-1]
        print(f"The audit was not done, since the advisories could not be asked: {reason}")
        return NOT_DONE
    asked = [package for package in packages if "vulns" in package]
    print(
        f"{len(asked)} of the {len(packages)} pinned packages are known where advisories are kept."
    )
    known = [(package, known) for package in asked for known in package["vulns"]]
    for package, advisory in known:
        mended = ", ".join(advisory["fix_versions"]) or "no version yet"
        print(f"{package['name']} {package['version']}: {advisory['id']}, mended in {mended}")
    return 1 if known else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
