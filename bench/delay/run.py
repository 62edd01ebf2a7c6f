#!/usr/bin/env python3
"""How long it takes from a commit at the source until its rows are visible at the target, at a steady rate.

    bench/delay/run.py [--rates 1000,10000] [--seconds 30] [--tables 4] [--flush-interval 200ms]
    bench/delay/run.py --tables 3000 --rates 1500 --seconds 60

A writer commits transactions at the rate, half inserts and half updates, which mark every row with the transaction's
number; it notes when COMMIT returned. A reader asks the target for each table's highest number again and again: the
moment of the answer that first holds a transaction is when it was visible. How long such a round takes is the
resolution, and is printed; the delay is never told shorter than it was.

With more than 32 tables each transaction is a single row of a table, the tables in turn; some of them are watched at the
target, of all of them `starlift status` tells how long the oldest change has waited.

The sandbox stands for StarRocks here; writer, source, Starlift, sandbox and reader share the machine's cores.
"""
import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "bench")]

from harness.mysql_servers import MariaDb  # noqa: E402
from harness.paths import starlift_binary  # noqa: E402
from harness.process import wait_until  # noqa: E402
from harness.sandbox import Sandbox  # noqa: E402
from harness.starlift import start_starlift  # noqa: E402
from measuring import percentile, process_cpu, process_peak_mb, verdict  # noqa: E402
from writers import MANY_TABLES, ManyTablesWriter, SteadyWriter  # noqa: E402

DATABASE, TARGET = "bench", "b"
COLUMNS = """id BIGINT PRIMARY KEY, number BIGINT NOT NULL, customer_id INT, price DECIMAL(18,4), created DATETIME(6),
 note VARCHAR(200), city VARCHAR(40)"""
WATCHED = 50  # of many tables
SETUP_S, CATCH_UP_S = 900, 120
STATUS_EVERY_S = 1.0


class Watcher(threading.Thread):
    """Asks the target for the highest number of each table; remembers when it grew."""

    def __init__(self, target, tables, pause_s):
        super().__init__(daemon=True)
        self.target, self.tables, self.pause_s = target, tables, pause_s
        self.seen = {name: [] for name in tables}  # (moment, highest number)
        self.rounds = []  # seconds each
        self.ending = False

    def run(self):
        with self.target.connect(TARGET) as connection, connection.cursor() as cursor:
            last = time.monotonic()
            while not self.ending:
                for name in self.tables:
                    cursor.execute(f"SELECT MAX(number) FROM {name}")
                    highest = cursor.fetchone()[0]
                    if highest is not None and (not self.seen[name] or highest > self.seen[name][-1][1]):
                        self.seen[name].append((time.monotonic(), highest))
                time.sleep(self.pause_s)
                now = time.monotonic()
                self.rounds.append(now - last)
                last = now

    def delays(self, commits):
        """Seconds from each commit until it was seen, for (table, number, moment)s; those never seen are left out, as None."""
        places = dict.fromkeys(self.tables, 0)
        for table, number, moment in commits:
            seen, place = self.seen[table], places[table]
            while place < len(seen) and seen[place][1] < number:
                place += 1
            places[table] = place
            yield max(0.0, seen[place][0] - moment) if place < len(seen) else None

    def reached(self, last):
        return all(self.seen[name] and self.seen[name][-1][1] >= number for name, number in last.items())


class StatusWatcher(threading.Thread):
    """What `starlift status` says of the tables' lag."""

    def __init__(self, home):
        super().__init__(daemon=True)
        self.home, self.ending, self.worst, self.maxima = home, False, {}, []

    def run(self):
        while not self.ending:
            done = subprocess.run([str(starlift_binary()), "status", "delay-bench", "--home", str(self.home), "--json"],
                                  capture_output=True, check=False)
            if done.returncode == 0:
                lags = {table["source"]: table["lag_ms"] / 1000 for table in json.loads(done.stdout)["tables"]}
                self.maxima.append(max(lags.values(), default=0))
                for name, lag in lags.items():
                    self.worst[name] = max(lag, self.worst.get(name, 0))
            time.sleep(STATUS_EVERY_S)


class Bench:
    def __init__(self, arguments, work: Path):
        self.arguments, self.work, self.home = arguments, work, work / "home"
        self.many = arguments.tables > MANY_TABLES
        self.source = MariaDb(work / "mariadb", options=["--innodb-buffer-pool-size=1G", "--table-open-cache=8000"]).start()
        self.target = Sandbox(work / "sandbox").start()
        self.tables = [f"t{n}" for n in range(arguments.tables)]
        self.source.execute(f"CREATE DATABASE {DATABASE}")
        self.source.execute(*(f"CREATE TABLE {name} ({COLUMNS}) DEFAULT CHARSET=utf8mb4" for name in self.tables), database=DATABASE)
        self.process = start_starlift(
            "sync", self.source.url(DATABASE), self.target.url(TARGET), "--home", self.home, "--name", "delay-bench", "--phases",
            "structure,full,incremental", "--flush-interval", arguments.flush_interval, log=work / "log")
        wait_until("the task to follow changes", self._follows, timeout=SETUP_S, every=0.5)

    def close(self):
        for server in (self.process, self.source, self.target):
            server.close()

    def _follows(self):
        if not self.process.alive():
            raise SystemExit(self.process.tail())
        done = subprocess.run([str(starlift_binary()), "status", "delay-bench", "--home", str(self.home), "--json"], capture_output=True, check=False)
        return done.returncode == 0 and json.loads(done.stdout)["phase"] == "incremental"

    def run(self, rate):
        watched = self.tables[:: max(1, len(self.tables) // WATCHED)] if self.many else self.tables
        watcher = Watcher(self.target, watched, 0.002)
        status = StatusWatcher(self.home)
        writer = (ManyTablesWriter if self.many else SteadyWriter)(self.source, DATABASE, self.tables, rate, self.arguments.seconds)
        before = {"starlift": process_cpu(self.process.pid), "sandbox": process_cpu(self.target.pid)}
        for thread in (watcher, status) if self.many else (watcher,):
            thread.start()
        commits, took = writer.run()
        last = {table: number for table, number, _ in commits if table in watcher.seen}
        wait_until("the last change at the target", lambda: watcher.reached(last) or not self.process.alive(), timeout=CATCH_UP_S)
        if not self.process.alive():
            raise SystemExit(self.process.tail())
        status.ending = watcher.ending = True
        watcher.join()
        self.report(rate, writer, watcher, status, [commit for commit in commits if commit[0] in watcher.seen], took, before)

    def report(self, rate, writer, watcher, status, commits, took, before):
        delays = list(watcher.delays(commits))
        if None in delays:
            raise SystemExit("a change was never seen")
        p50, p90, p99, worst = (percentile(delays, p) for p in (50, 90, 99, 100))
        print(f"\n{writer.changes / took:,.0f} changes/s ({rate} wanted) on {len(self.tables)} tables for {took:.0f} s; "
              f"{len(delays)} transactions watched; a look at the target every {statistics.median(watcher.rounds) * 1000:.0f} ms "
              f"(at worst {max(watcher.rounds) * 1000:.0f})")
        print(f"delay s: p50 {p50:.3f}  p90 {p90:.3f}  p99 {p99:.3f}  longest {worst:.3f}")
        print(f"CPU s: starlift {process_cpu(self.process.pid) - before['starlift']:.2f}, sandbox "
              f"{process_cpu(self.target.pid) - before['sandbox']:.2f}; peak memory of starlift {process_peak_mb(self.process.pid):.0f} MB")
        if self.many:
            waited = sorted(status.worst.values())
            print(f"by status, of {len(waited)} tables: a table's longest wait p50 {percentile(waited, 50):.1f} s, longest {waited[-1]:.1f} s")
            verdict("longest delay of a watched table", worst, 30, " s")
            verdict("longest wait of any table by status", waited[-1], 30, " s")
        else:
            verdict(f"delay at {rate} changes/s, p50", p50, 0.3, " s")
            verdict(f"delay at {rate} changes/s, p99", p99, 1, " s")
        verdict("peak memory", process_peak_mb(self.process.pid), 256, " MB")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rates", default="1000,10000", type=lambda text: [int(rate) for rate in text.split(",")], help="changes per second")
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--tables", type=int, default=4)
    parser.add_argument("--flush-interval", default="200ms")
    arguments = parser.parse_args()
    work = Path(tempfile.mkdtemp(prefix="starlift-bench-"))
    bench = None
    try:
        bench = Bench(arguments, work)
        for rate in arguments.rates:
            bench.run(rate)
    finally:
        if bench is not None:
            bench.close()
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
