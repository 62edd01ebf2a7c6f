#!/usr/bin/env python3
"""A backlog of row changes, Starlift beside a floor: interleaved runs, medians, ratios.

    bench/incremental/run.py [--changes 1000000] [--runs 5] [--contenders raw,decoded,null,sandbox] [--shape mixed|one]

Contenders, all reading the same binary log of the same MariaDB:
  raw        mariadb-binlog --read-from-remote-server --raw: the log's bytes into a file on a memory disk
  decoded    mariadb-binlog --read-from-remote-server --verbose: its events as text, thrown away
  null       starlift sync, incremental, into a sandbox that parses and counts, and stores nothing
  sandbox    starlift sync, incremental, into a sandbox that stores

Shapes of the backlog: `mixed` is inserts, updates and deletes in transactions of some hundred rows; `one` is a single
transaction. Printed: row changes per second, CPU seconds and peak memory of the contender's own process, and the
ratios to the floor of the same rounds. The machine is shared and noisy: quote ratios.
"""
import argparse
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "bench")]

from harness.mysql_servers import MariaDb  # noqa: E402
from harness.paths import starlift_binary  # noqa: E402
from harness.sandbox import Sandbox  # noqa: E402
from measuring import measure  # noqa: E402

DATABASE = "bench"
TABLES = 4
COLUMNS = """id BIGINT PRIMARY KEY, customer_id INT, quantity INT, price DECIMAL(18,4), sku VARCHAR(40), created DATETIME(6),
 changed TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6), note VARCHAR(200), ratio DOUBLE, city VARCHAR(40),
 country CHAR(12), flag TINYINT(1)"""
VALUES = """seq, seq % 100003, seq % 17, seq % 1000000 / 7, CONCAT('sku-', LPAD(seq, 24, '0')),
 '2024-01-01' + INTERVAL seq % 31536000 SECOND, '2024-06-01' + INTERVAL seq % 1000000 SECOND,
 REPEAT(CONCAT('note ', seq % 1000, ' '), 6 + seq % 4), seq / 3, CONCAT('City of ', seq % 5000),
 ELT(1 + seq % 3, 'Japan', 'Germany', 'Brazil'), seq % 2"""
CONTENDERS = ("raw", "decoded", "null", "sandbox")


class Bench:
    def __init__(self, arguments, work: Path):
        self.arguments, self.work, self.log, self.number = arguments, work, work / "log", 0
        self.source = MariaDb(work / "mariadb", options=["--innodb-buffer-pool-size=2G", "--max-binlog-size=1G"]).start()
        self.targets = {name: Sandbox(work / name, options=["--null"] if name == "null" else []).start()
                        for name in ("null", "sandbox") if name in arguments.contenders}
        self.source.execute(f"CREATE DATABASE {DATABASE}",
                            *(f"CREATE TABLE {DATABASE}.t{n} ({COLUMNS}) DEFAULT CHARSET=utf8mb4" for n in range(TABLES)))
        # Each target's task has loaded the empty tables; its home is the start of every run.
        for name in self.targets:
            self._sync(name, self._home(name))
        self.source.execute("FLUSH BINARY LOGS")
        self.first_log = self.source.execute("SHOW MASTER STATUS")[0][0]
        self.changes = self._make_backlog()
        self.bytes = sum(row[1] for row in self.source.execute("SHOW BINARY LOGS") if row[0] >= self.first_log)

    def close(self):
        for server in (self.source, *self.targets.values()):
            server.close()

    def _home(self, name):
        return self.work / f"home-{name}"

    def _make_backlog(self) -> int:
        """How many row changes it made."""
        rows = self.arguments.changes // 2
        made = 0
        with self.source.connect(DATABASE) as connection, connection.cursor() as cursor:
            def run(statement):
                nonlocal made
                made += cursor.execute(statement)

            if self.arguments.shape == "one":
                cursor.execute("BEGIN")
                run(f"INSERT INTO t0 SELECT {VALUES} FROM seq_1_to_{rows}")
                run("UPDATE t0 SET quantity = quantity + 1")
                cursor.execute("COMMIT")
                return made
            step = 800
            for begin in range(1, rows // TABLES, step):
                end = begin + step - 1
                for n in range(TABLES):
                    cursor.execute("BEGIN")
                    run(f"INSERT INTO t{n} SELECT {VALUES} FROM seq_{begin}_to_{end}")
                    run(f"UPDATE t{n} SET quantity = quantity + 1, note = CONCAT('changed ', id) WHERE id BETWEEN {begin} AND {end - step // 5}")
                    run(f"DELETE FROM t{n} WHERE id BETWEEN {begin} AND {begin + step // 10}")
                    cursor.execute("COMMIT")
        return made

    def _sync(self, name, home):
        return measure([starlift_binary(), "sync", self.source.url(DATABASE), self.targets[name].url("b"), "--home", home,
                        "--name", "bench", "--phases", "structure,full,incremental", "--until-caught-up", "--progress", "none"], self.log)

    def run(self, contender):
        self.number += 1
        if contender in self.targets:
            home = self.work / f"run{self.number}"
            shutil.copytree(self._home(contender), home)
            figures = self._sync(contender, home)
            shutil.rmtree(home)
            return figures
        read = ["mariadb-binlog", "--no-defaults", "--read-from-remote-server", "--host=127.0.0.1", f"--port={self.source.port}",
                "--user=root", "--to-last-log", self.first_log]
        if contender == "decoded":
            return measure([*read[:-2], "--verbose", *read[-2:]], Path("/dev/null"))
        into = Path(tempfile.mkdtemp(dir="/dev/shm"))
        figures = measure([*read[:-2], "--raw", f"--result-file={into}/", *read[-2:]], self.log)
        shutil.rmtree(into)
        return figures


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--changes", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--shape", choices=["mixed", "one"], default="mixed")
    parser.add_argument("--contenders", default="raw,decoded,null,sandbox", type=lambda text: text.split(","))
    arguments = parser.parse_args()
    work = Path(tempfile.mkdtemp(prefix="starlift-bench-"))
    bench = None
    try:
        bench = Bench(arguments, work)
        results = {name: [] for name in arguments.contenders}
        for counted in range(arguments.runs + 1):
            for name in arguments.contenders:
                figures = bench.run(name)
                if counted:
                    results[name].append(figures)
        print(f"{bench.changes} row changes, {bench.bytes / 1e6:.0f} MB of log, shape {arguments.shape}")
        print(f"{'contender':10} {'wall s':>8} {'changes/s':>10} {'MB/s':>7} {'CPU s':>7} {'changes/CPU s':>14} {'RSS MB':>7}")
        for name, runs in results.items():
            wall, cpu, rss = (statistics.median(run[key] for run in runs) for key in ("wall", "cpu", "rss_mb"))
            print(f"{name:10} {wall:8.2f} {bench.changes / wall:10.0f} {bench.bytes / 1e6 / wall:7.0f} {cpu:7.2f} {bench.changes / cpu:14.0f} {rss:7.0f}")
    finally:
        if bench is not None:
            bench.close()
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
