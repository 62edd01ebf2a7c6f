"""Runs the program under test, always with a time limit."""
import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from .paths import starlift_binary
from .process import Process

OK, DATA_DIFFERS, USAGE, CHECK_FAILED, STOPPED_BY_POLICY, UNREACHABLE = 0, 1, 2, 3, 4, 5


@dataclass
class Run:
    """What a finished run left: exit code and both outputs."""

    argv: list
    code: int
    out: str
    err: str

    def __str__(self):
        return (f"$ {' '.join(self.argv)}\nexit code {self.code}\n--- stdout (end)\n{self.out[-4000:]}\n"
                f"--- stderr (end)\n{self.err[-6000:]}")

    def json_lines(self):
        """The progress events on stdout."""
        return [json.loads(line) for line in self.out.splitlines() if line.startswith("{")]

    def expect(self, code: int, *words: str):
        """Fails the test unless the run ended with this code and said each of the words."""
        assert self.code == code, f"wanted exit code {code}\n{self}"
        said = (self.out + self.err).lower()
        for word in words:
            assert word.lower() in said, f"nothing said about {word!r}\n{self}"
        return self


# Tests of the full load end with it; those of the stream ask for it with --phases.
os.environ.setdefault("STARLIFT_PHASES", "structure,full")


def starlift(*args, timeout: float = 120, env=None, cwd=None, stdin=None) -> Run:
    argv = [str(a) for a in (starlift_binary(), *args)]
    try:
        done = subprocess.run(argv, capture_output=True, timeout=timeout, cwd=cwd, input=stdin,
                              env=None if env is None else {**os.environ, **env})
    except subprocess.TimeoutExpired as late:
        raise AssertionError(f"did not end within {timeout} s: {' '.join(argv)}\n"
                             f"{(late.stdout or b'').decode(errors='replace')[-3000:]}\n"
                             f"{(late.stderr or b'').decode(errors='replace')[-3000:]}") from None
    return Run(argv, done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"))


def start_starlift(*args, log: Path, env=None) -> Process:
    """Starts it without waiting, for tests that kill it; output goes to `log`."""
    return Process([starlift_binary(), *args], log, env=env, name="starlift")
