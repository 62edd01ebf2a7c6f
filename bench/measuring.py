"""The kernel's own accounting of a process, and the word on an aim, for benchmarks."""
import os
import subprocess
import time
from pathlib import Path


def measure(argv, log: Path, env=None) -> dict:
    """Runs a command to its end: wall and CPU seconds, peak memory."""
    with open(log, "ab") as out:
        start = time.monotonic()
        process = subprocess.Popen([str(a) for a in argv], stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                                   env={**os.environ, **(env or {})})
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"{argv[0]} ended with {process.returncode}; see {log}\n" + log.read_text()[-3000:])
    return {"wall": time.monotonic() - start, "cpu": usage.ru_utime + usage.ru_stime, "rss_mb": usage.ru_maxrss / 1024}


def process_cpu(pid: int) -> float:
    """CPU seconds that a running process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def process_peak_mb(pid: int) -> float:
    """The most memory that a running process has had."""
    line = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024


def percentile(values, percent: float) -> float:
    """Of a list that isn't empty; the nearest value that was seen."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


def verdict(what: str, seen: float, aim: float, unit: str = "", at_least: bool = False):
    """One line that says whether an aim was met, and by how far."""
    met = seen >= aim if at_least else seen <= aim
    number = (lambda value: f"{value:,.0f}") if aim >= 100 else (lambda value: f"{value:.2f}")
    print(f"{'MET   ' if met else 'MISSED'} {what}: {number(seen)}{unit}, aim {'at least' if at_least else 'at most'} "
          f"{number(aim)}{unit}", flush=True)
