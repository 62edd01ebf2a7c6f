"""The first thing that a newcomer runs, at a hundredth of its size."""
import os
import re
import subprocess
from pathlib import Path

import pytest

from harness.paths import ROOT, starlift_binary


@pytest.mark.timeout(600)
def test_without_a_terminal():
    if starlift_binary() != ROOT / "build" / "release" / "starlift":
        pytest.skip("quickstart builds and runs the release build")
    before = set(Path("/tmp").glob("starlift-quickstart.*"))
    done = subprocess.run([ROOT / "scripts" / "quickstart"], cwd="/", stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=580,
                          env={**os.environ, "STARLIFT_SHOP_SCALE": "0.01"})
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    rows = {name: int(count) for name, count in re.findall(r"^(\w+): (\d+) rows$", done.stdout, re.MULTILINE)}
    assert set(rows) == {"shop", "crm", "warehouse"} and all(rows.values()), done.stdout
    assert f"{sum(rows.values())} rows" in done.stdout
    assert set(Path("/tmp").glob("starlift-quickstart.*")) <= before, "something was left behind"
