"""One child process: its output in a file, ended by its own pid and by nothing else."""
import os
import signal
import subprocess
import time
from pathlib import Path


class ServerDied(RuntimeError):
    """The process ended although it should run; carries the tail of its log."""


class Process:
    """A process of ours with its output in `log`. Ends it at close(); the kernel ends it if we die."""

    def __init__(self, argv, log: Path, env=None, cwd=None, name=None):
        self.argv = [str(a) for a in argv]
        self.log = Path(log)
        self.name = name or Path(self.argv[0]).name
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with open(self.log, "ab") as out:
            self._popen = subprocess.Popen(
                self.argv, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT,
                env=None if env is None else {**os.environ, **env}, cwd=cwd,
                start_new_session=True, preexec_fn=_die_with_parent)

    @property
    def pid(self) -> int:
        return self._popen.pid

    def alive(self) -> bool:
        return self._popen.poll() is None

    def exit_code(self):
        return self._popen.poll()

    def signal(self, number: int):
        if self.alive():
            self._popen.send_signal(number)

    def kill(self):
        """SIGKILL, as a crash would; returns once it is gone."""
        self.signal(signal.SIGKILL)
        self._popen.wait()

    def wait(self, timeout: float):
        return self._popen.wait(timeout)

    def stop(self, timeout: float = 30) -> int:
        """SIGTERM, then SIGKILL when it doesn't go. Returns the exit code."""
        self.signal(signal.SIGTERM)
        try:
            return self._popen.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            raise ServerDied(f"{self.name} did not end within {timeout} s of SIGTERM\n{self.tail()}") from None

    def close(self):
        if self.alive():
            self.signal(signal.SIGTERM)
            try:
                self._popen.wait(10)
            except subprocess.TimeoutExpired:
                self.kill()

    def tail(self, lines: int = 40) -> str:
        try:
            text = self.log.read_text(errors="replace").splitlines()
        except OSError:
            return "(no log)"
        return f"--- last lines of {self.log}:\n" + "\n".join(text[-lines:])


def _die_with_parent():
    # PR_SET_PDEATHSIG: a test run that is killed leaves no servers behind.
    import ctypes

    ctypes.CDLL(None).prctl(1, signal.SIGKILL, 0, 0, 0)


def wait_until(what: str, condition, timeout: float = 30, every: float = 0.05):
    """Polls until condition() is true and returns its value; says what it waited for otherwise."""
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {timeout} s for: {what}")
        time.sleep(every)
