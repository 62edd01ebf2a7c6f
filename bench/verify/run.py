#!/usr/bin/env python3
"""Verification of equal tables beside their full load: interleaved runs, medians, ratios.

    bench/verify/run.py [--shapes narrow,ordinary] [--runs 3] [--contenders load,crc32,md5,rows] [--scale 1.0] [--readers 1]

Contenders, all over the same table of the same MariaDB and the same sandbox, which stores:
  load     starlift sync, structure and full load
  crc32    starlift verify, sums of CRC-32 by both databases
  md5      starlift verify, sums of MD5 by both databases
  rows     starlift verify, every row read from both sides

Printed: wall seconds, rows per second, CPU seconds and peak memory of the contender's own process, CPU seconds of both
databases, and wall seconds ÷ those of the full load of the same rounds. The aim is a third. The machine is shared and noisy: quote ratios.
"""
import argparse
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "bench"), str(ROOT / "bench" / "full_load")]

from harness.mysql_servers import MariaDb  # noqa: E402
from harness.paths import starlift_binary  # noqa: E402
from harness.sandbox import Sandbox  # noqa: E402
from measuring import measure, process_cpu, verdict  # noqa: E402
from tables import SHAPES, fill  # noqa: E402

DATABASE = "bench"
CHECKSUMS = {"crc32": "crc32", "md5": "md5", "rows": "none"}
CONTENDERS = ("load", *CHECKSUMS)


class Bench:
    def __init__(self, arguments, work: Path):
        self.arguments, self.work, self.log, self.number = arguments, work, work / "log", 0
        self.source = MariaDb(work / "mariadb", options=["--innodb-buffer-pool-size=3G"]).start()
        self.target = Sandbox(work / "sandbox").start()

    def close(self):
        self.source.close()
        self.target.close()

    def rows(self, shape) -> int:
        return int(shape.rows * self.arguments.scale)

    def _starlift(self, command, shape, database, *options):
        home = self.work / f"home{self.number}"
        ends = {"source_cpu": self.source, "target_cpu": self.target}
        before = {name: process_cpu(end.pid) for name, end in ends.items()}
        figures = measure([starlift_binary(), command, self.source.url(DATABASE), self.target.url(database), "--home", home,
                           "--tables", shape.name, "--readers", str(self.arguments.readers), *options], self.log)
        shutil.rmtree(home, ignore_errors=True)
        return figures | {name: process_cpu(end.pid) - before[name] for name, end in ends.items()}

    def load(self, shape, database):
        self.number += 1
        return self._starlift("sync", shape, database, "--phases", "structure,full")

    def run(self, contender, shape) -> dict:
        if contender == "load":
            figures = self.load(shape, f"b{self.number}")
            self.target.execute(f"DROP DATABASE b{self.number - 1} FORCE")
            return figures
        # Any difference would end it with exit code 1, and the benchmark with it.
        return self._starlift("verify", shape, "kept", "--checksum", CHECKSUMS[contender])


def report(shape, rows, results):
    load = statistics.median(r["wall"] for r in results["load"]) if "load" in results else None
    print(f"\n{shape.name}: {rows} rows")
    print(f"{'contender':10} {'wall s':>8} {'rows/s':>10} {'CPU s':>8} {'RSS MB':>8} {'source CPU s':>13} {'target CPU s':>13} {'wall ÷ load':>12}")
    for name, runs in results.items():
        wall, cpu, rss, source, target = (statistics.median(r[key] for r in runs) for key in ("wall", "cpu", "rss_mb", "source_cpu", "target_cpu"))
        ratio = f" {wall / load:12.2f}" if load else ""
        print(f"{name:10} {wall:8.2f} {rows / wall:10.0f} {cpu:8.2f} {rss:8.0f} {source:13.2f} {target:13.2f}{ratio}", flush=True)
    if load and "crc32" in results:
        verdict(f"verification of {rows} equal {shape.name} rows ÷ their full load", statistics.median(r["wall"] for r in results["crc32"]) / load, 1 / 3)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shapes", default="narrow,ordinary", type=lambda text: text.split(","))
    parser.add_argument("--contenders", default=",".join(CONTENDERS), type=lambda text: text.split(","))
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--readers", type=int, default=1, help="of the full load and of the verification")
    parser.add_argument("--scale", type=float, default=1.0, help="times the usual number of rows")
    arguments = parser.parse_args()
    unknown = set(arguments.contenders) - set(CONTENDERS)
    if unknown:
        parser.error(f"no contender {', '.join(sorted(unknown))}; there are {', '.join(CONTENDERS)}")
    work = Path(tempfile.mkdtemp(prefix="starlift-bench-"))
    bench = Bench(arguments, work)
    try:
        for name in arguments.shapes:
            shape = SHAPES[name]
            fill(bench.source, DATABASE, shape, bench.rows(shape))
            bench.load(shape, "kept")
            results = {contender: [] for contender in arguments.contenders}
            for _ in range(arguments.runs):
                for contender in arguments.contenders:
                    results[contender].append(bench.run(contender, shape))
            report(shape, bench.rows(shape), results)
    finally:
        bench.close()
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
