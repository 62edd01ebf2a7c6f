#!/usr/bin/env python3
"""A backlog of row changes, Starlift beside a floor and a peer: interleaved runs, medians, ratios.

    bench/incremental/run.py [--changes 1000000] [--runs 5] [--contenders raw,decoded,null,sandbox,flink]
                             [--shape mixed|insert|update] [--rows ordinary|narrow] [--tables 4]

Contenders, all reading the same binary log of the same MariaDB:
  raw        mariadb-binlog --read-from-remote-server --raw: the log's bytes into a file on a memory disk
  decoded    mariadb-binlog --read-from-remote-server --verbose: its events as text, thrown away
  null       starlift sync, incremental, into a sandbox that parses and counts, and stores nothing
  sandbox    starlift sync, incremental, into a sandbox that stores
  flink      a local Flink, mysql-cdc from the backlog's begin to the StarRocks sink, into the sandbox that stores; with
             --tables 1 only, since each of its tables would read the whole log

Shapes of the backlog: `mixed` is inserts, updates and deletes in transactions of some 1,600 changes; `insert` is one
transaction that inserts all rows of a table, `update` one that changes all rows of a loaded table.

Printed: row changes per second, CPU seconds and peak memory of the contender's own process, then the aims. The machine
is shared and noisy: quote ratios.
"""
import argparse
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "bench")]

from backlog import ROWS, make_backlog  # noqa: E402
from harness.mysql_servers import MariaDb  # noqa: E402
from harness.paths import starlift_binary  # noqa: E402
from harness.sandbox import Sandbox  # noqa: E402
from measuring import measure, verdict  # noqa: E402

DATABASE, TARGET = "bench", "b"
CONTENDERS = ("raw", "decoded", "null", "sandbox", "flink")
STORING = {"sandbox", "flink"}
FLINK_POLL_S, FLINK_PATIENCE_S = 0.5, 1800


class Bench:
    def __init__(self, arguments, work: Path):
        self.arguments, self.work, self.log, self.number = arguments, work, work / "log", 0
        self.rows = ROWS[arguments.rows]
        self.source = MariaDb(work / "mariadb", options=["--innodb-buffer-pool-size=2G", "--max-binlog-size=1G"]).start()
        self.targets = {}
        if "null" in arguments.contenders:
            self.targets["null"] = Sandbox(work / "null", options=["--null"]).start()
        if STORING & set(arguments.contenders):
            self.targets["sandbox"] = Sandbox(work / "sandbox").start()
        self.tables = [f"t{n}" for n in range(arguments.tables)]
        self.source.execute(f"CREATE DATABASE {DATABASE}",
                            *(f"CREATE TABLE {DATABASE}.{name} ({self.rows.columns}) DEFAULT CHARSET=utf8mb4" for name in self.tables))
        if arguments.shape == "update":
            self.source.execute(f"INSERT INTO {DATABASE}.t0 SELECT {self.rows.values} FROM seq_1_to_{arguments.changes}", database=DATABASE)
        # Each target's task has loaded what is there before the backlog; its home is the start of every run.
        for name in self.targets:
            self._sync(name, self._home(name))
        self.source.execute("FLUSH BINARY LOGS")
        self.first_log, self.first_offset = self.source.execute("SHOW MASTER STATUS")[0][:2]
        self.changes = make_backlog(self.source, DATABASE, self.tables, self.rows, arguments.shape, arguments.changes)
        self.bytes = sum(row[1] for row in self.source.execute("SHOW BINARY LOGS") if row[0] >= self.first_log)
        self.final = [self._sums(self.source, DATABASE, name) for name in self.tables]

    def close(self):
        for server in (self.source, *self.targets.values()):
            server.close()

    def _home(self, name):
        return self.work / f"home-{name}"

    @staticmethod
    def _sums(server, database, table):
        count, total = server.execute(f"SELECT COUNT(*), SUM(quantity) FROM {database}.{table}")[0]
        return int(count), int(total or 0)

    def _sync(self, name, home):
        return measure([starlift_binary(), "sync", self.source.url(DATABASE), self.targets[name].url(TARGET), "--home", home,
                        "--name", "bench", "--phases", "structure,full,incremental", "--until-caught-up", "--progress", "none"], self.log)

    def run(self, contender):
        self.number += 1
        return getattr(self, f"_{contender}")()

    def _starlift(self, name):
        home = self.work / f"run{self.number}"
        shutil.copytree(self._home(name), home)
        figures = self._sync(name, home)
        shutil.rmtree(home)
        return figures

    def _null(self):
        return self._starlift("null")

    def _sandbox(self):
        figures = self._starlift("sandbox")
        found = [self._sums(self.targets["sandbox"], TARGET, name) for name in self.tables]
        if found != self.final:
            raise SystemExit(f"the target has {found} (rows, sum) instead of {self.final}")
        return figures

    def _binlog(self, *options):
        return ["mariadb-binlog", "--no-defaults", "--read-from-remote-server", "--host=127.0.0.1", f"--port={self.source.port}",
                "--user=root", "--to-last-log", *options, self.first_log]

    def _decoded(self):
        return measure(self._binlog("--verbose"), Path("/dev/null"))

    def _raw(self):
        into = Path(tempfile.mkdtemp(dir="/dev/shm"))
        figures = measure(self._binlog("--raw", f"--result-file={into}/"), self.log)
        shutil.rmtree(into)
        return figures

    def _flink(self):
        """Its job has no end: it is over when the target has what the source has. Its process is ended then."""
        from harness.flink import classpath

        store, database = self.targets["sandbox"], f"f{self.number}"
        store.execute(f"CREATE DATABASE {database}",
                      f"""CREATE TABLE {database}.t0 ({self.rows.target_columns}) PRIMARY KEY (id)
                          DISTRIBUTED BY HASH (id) BUCKETS 2 PROPERTIES ("replication_num" = "1")""")
        script = self.work / f"flink{self.number}.sql"
        script.write_text(self._flink_job(store, database))
        log = self.work / f"flink{self.number}.log"
        with open(log, "ab") as out:
            began = time.monotonic()
            process = subprocess.Popen(
                ["java", "-Xmx1g", "-Dorg.slf4j.simpleLogger.defaultLogLevel=error", "-cp", classpath(),
                 "io.starlift.judges.RunSql", str(script), "execution.checkpointing.interval=5s",
                 f"timeout-seconds={FLINK_PATIENCE_S}"], stdin=subprocess.DEVNULL, stdout=out, stderr=out)
            try:
                wall = self._await_flink(process, store, database, began, log)
            finally:
                process.send_signal(signal.SIGKILL)
                _, _, usage = os.wait4(process.pid, 0)
                process.returncode = -signal.SIGKILL
        store.execute(f"DROP DATABASE {database} FORCE")
        return {"wall": wall, "cpu": usage.ru_utime + usage.ru_stime, "rss_mb": usage.ru_maxrss / 1024}

    def _await_flink(self, process, store, database, began, log) -> float:
        while [self._sums(store, database, "t0")] != self.final:
            # Not awaited here, which would take its figures away.
            gone = Path(f"/proc/{process.pid}/stat").read_text().rsplit(") ", 1)[1].startswith("Z")
            if gone or time.monotonic() - began > FLINK_PATIENCE_S:
                raise SystemExit(f"Flink {'ended' if gone else 'is not done'}:\n{log.read_text()[-4000:]}")
            time.sleep(FLINK_POLL_S)
        return time.monotonic() - began

    def _flink_job(self, store, database) -> str:
        return f"""CREATE TABLE origin ({self.rows.flink_columns}, PRIMARY KEY (id) NOT ENFORCED) WITH (
  'connector' = 'mysql-cdc', 'hostname' = '127.0.0.1', 'port' = '{self.source.port}', 'username' = 'root',
  'password' = '', 'database-name' = '{DATABASE}', 'table-name' = 't0', 'server-time-zone' = 'UTC',
  'scan.startup.mode' = 'specific-offset', 'scan.startup.specific-offset.file' = '{self.first_log}',
  'scan.startup.specific-offset.pos' = '{self.first_offset}');
CREATE TABLE sink ({self.rows.flink_columns}, PRIMARY KEY (id) NOT ENFORCED) WITH (
  'connector' = 'starrocks', 'jdbc-url' = 'jdbc:mysql://127.0.0.1:{store.query_port}',
  'load-url' = '127.0.0.1:{store.http_port}', 'database-name' = '{database}', 'table-name' = 't0',
  'username' = 'root', 'password' = '');
INSERT INTO sink SELECT * FROM origin;
"""


def report(bench, arguments, results):
    print(f"{bench.changes} row changes, {bench.bytes / 1e6:.0f} MB of log, shape {arguments.shape}, {arguments.rows} rows, "
          f"{arguments.tables} tables")
    print(f"{'contender':10} {'wall s':>8} {'changes/s':>10} {'MB/s':>7} {'CPU s':>7} {'changes/CPU s':>14} {'RSS MB':>7}")
    medians = {}
    for name, runs in results.items():
        wall, cpu, rss = (statistics.median(run[key] for run in runs) for key in ("wall", "cpu", "rss_mb"))
        medians[name] = {"wall": wall, "cpu": cpu, "rss": max(run["rss_mb"] for run in runs)}
        print(f"{name:10} {wall:8.2f} {bench.changes / wall:10.0f} {bench.bytes / 1e6 / wall:7.0f} {cpu:7.2f} {bench.changes / cpu:14.0f} {rss:7.0f}")
    if "null" in medians:
        verdict("backlog into null mode", bench.changes / medians["null"]["wall"], 250_000, " changes/s", at_least=True)
    for name in ("null", "sandbox"):
        if name in medians:
            verdict(f"peak memory, {name}", medians[name]["rss"], 256, " MB")
    if {"sandbox", "flink"} <= medians.keys():
        verdict("row changes per CPU second beside Flink", medians["flink"]["cpu"] / medians["sandbox"]["cpu"], 5, " times", at_least=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--changes", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--no-warm-up", action="store_true", help="count the first round, too")
    parser.add_argument("--shape", choices=["mixed", "insert", "update"], default="mixed")
    parser.add_argument("--rows", choices=sorted(ROWS), default="ordinary")
    parser.add_argument("--tables", type=int, default=4)
    parser.add_argument("--contenders", default="raw,decoded,null,sandbox", type=lambda text: text.split(","))
    arguments = parser.parse_args()
    unknown = set(arguments.contenders) - set(CONTENDERS)
    if unknown:
        parser.error(f"no contender {', '.join(sorted(unknown))}; there are {', '.join(CONTENDERS)}")
    if "flink" in arguments.contenders and (arguments.shape == "update" or arguments.tables != 1):
        parser.error("flink begins with one empty table: give --tables 1, and another shape than update")
    work = Path(tempfile.mkdtemp(prefix="starlift-bench-"))
    bench = None
    try:
        bench = Bench(arguments, work)
        results = {name: [] for name in arguments.contenders}
        for number in range(arguments.runs + (not arguments.no_warm_up)):
            for name in arguments.contenders:
                figures = bench.run(name)
                if number or arguments.no_warm_up:
                    results[name].append(figures)
        report(bench, arguments, results)
    finally:
        if bench is not None:
            bench.close()
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
