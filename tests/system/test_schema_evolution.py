"""Schema changes at the target, each applied once, twice, and with a crash around each of its
statements, against the sandbox. The work is done by the unit tests' program."""
import os
import subprocess
from pathlib import Path

import pytest

from harness.paths import starlift_binary


def test_every_kind_of_change(sandbox):
    program: Path = starlift_binary().parent / "src" / "sync" / "sync_test"
    if not program.exists():
        pytest.skip(f"{program} is not built")
    environment = {**os.environ, "STARLIFT_TEST_QUERY_PORT": str(sandbox.query_port)}
    done = subprocess.run([program, "--gtest_filter=EvolutionLive.*"], env=environment,
                          capture_output=True, text=True, errors="replace", timeout=400)
    assert done.returncode == 0, done.stdout[-6000:]
    assert "[  SKIPPED ]" not in done.stdout, done.stdout[-2000:]
    assert "[  PASSED  ]" in done.stdout, done.stdout[-2000:]
