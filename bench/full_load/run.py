#!/usr/bin/env python3
"""Full load of one table, Starlift beside a floor and its peers: interleaved runs, medians, ratios.

    bench/full_load/run.py [--shapes narrow,ordinary,wide] [--runs 5] [--contenders …] [--scale 1.0]

Contenders, all reading the same table of the same MariaDB:
  floor         a bare program on libmariadb that reads the table unbuffered and throws it away
  null          starlift sync into a sandbox that parses and counts, and stores nothing
  sandbox       starlift sync into a sandbox that stores
  mydumper      mydumper to files, one thread
  flink         a local Flink with mysql-cdc and the StarRocks sink into the sandbox that stores

Printed per contender: median wall seconds, rows/s, CPU seconds and peak memory of its own process, and the ratios
to the floor of the same round. The machine is shared and noisy: quote ratios.
"""
import argparse
import json
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "bench"), str(Path(__file__).resolve().parent)]

from harness.mysql_servers import MariaDb  # noqa: E402
from harness.paths import starlift_binary  # noqa: E402
from harness.sandbox import Sandbox  # noqa: E402
from measuring import measure, process_cpu, verdict  # noqa: E402
from tables import SHAPES, fill  # noqa: E402

DATABASE = "bench"
CONTENDERS = ("floor", "null", "sandbox", "mydumper", "flink")


class Bench:
    def __init__(self, arguments, work: Path):
        self.arguments, self.work, self.log = arguments, work, work / "log"
        self.number = 0
        self.source = MariaDb(work / "mariadb", options=["--innodb-buffer-pool-size=3G"]).start()
        self.null = Sandbox(work / "null", options=["--null"]).start() if "null" in arguments.contenders else None
        self.store = Sandbox(work / "store").start() if {"sandbox", "flink"} & set(arguments.contenders) else None

    def close(self):
        for server in (self.source, self.null, self.store):
            if server is not None:
                server.close()

    def run(self, contender: str, shape) -> dict:
        self.number += 1
        return getattr(self, f"_{contender}")(shape)

    def _floor(self, shape):
        return measure([starlift_binary().parent / "bench" / "bench_floor", "127.0.0.1", self.source.port, "root", "",
                        DATABASE, shape.name], self.log)

    def _sync(self, target, shape):
        before = process_cpu(target.pid)
        database, home = f"b{self.number}", self.work / f"home{self.number}"
        figures = measure([starlift_binary(), "sync", self.source.url(DATABASE), target.url(database), "--home", home,
                           "--tables", shape.name, "--phases", "structure,full"], self.log)
        figures["target_cpu"] = process_cpu(target.pid) - before
        shutil.rmtree(home, ignore_errors=True)
        return figures, database

    def _null(self, shape):
        return self._sync(self.null, shape)[0]

    def _sandbox(self, shape):
        figures, database = self._sync(self.store, shape)
        self._expect_rows(database, shape)
        return figures

    def _mydumper(self, shape):
        directory = self.work / f"dump{self.number}"
        figures = measure(["mydumper", "-h", "127.0.0.1", "-P", self.source.port, "-u", "root", "-B", DATABASE, "-T",
                           shape.name, "-t", "1", "-k", "-o", directory], self.log)
        shutil.rmtree(directory, ignore_errors=True)
        return figures

    def _flink(self, shape):
        from harness.flink import classpath

        database = f"b{self.number}"
        self.store.execute(
            f"CREATE DATABASE {database}",
            f"""CREATE TABLE {database}.{shape.name} ({shape.target_columns}) PRIMARY KEY (id)
                DISTRIBUTED BY HASH (id) BUCKETS 2 PROPERTIES ("replication_num" = "1")""")
        script = self.work / f"flink{self.number}.sql"
        script.write_text(f"""CREATE TABLE origin ({shape.flink_columns}, PRIMARY KEY (id) NOT ENFORCED) WITH (
  'connector' = 'mysql-cdc', 'hostname' = '127.0.0.1', 'port' = '{self.source.port}', 'username' = 'root',
  'password' = '', 'database-name' = '{DATABASE}', 'table-name' = '{shape.name}', 'scan.startup.mode' = 'snapshot',
  'server-time-zone' = 'UTC');
CREATE TABLE sink ({shape.flink_columns}, PRIMARY KEY (id) NOT ENFORCED) WITH (
  'connector' = 'starrocks', 'jdbc-url' = 'jdbc:mysql://127.0.0.1:{self.store.query_port}',
  'load-url' = '127.0.0.1:{self.store.http_port}', 'database-name' = '{database}', 'table-name' = '{shape.name}',
  'username' = 'root', 'password' = '');
INSERT INTO sink SELECT * FROM origin;
""")
        figures = measure(["java", "-Xmx1g", "-Dorg.slf4j.simpleLogger.defaultLogLevel=error", "-cp", classpath(),
                           "io.starlift.judges.RunSql", script, "execution.checkpointing.interval=5s"], self.log)
        self._expect_rows(database, shape)
        return figures

    def _expect_rows(self, database, shape):
        rows = self.store.execute(f"SELECT count(*) FROM {database}.{shape.name}")[0][0]
        if rows != self.rows(shape):
            raise SystemExit(f"{database}.{shape.name} has {rows} rows instead of {self.rows(shape)}")
        self.store.execute(f"DROP DATABASE {database} FORCE")

    def rows(self, shape) -> int:
        return int(shape.rows * self.arguments.scale)


def report(shape, rows, results):
    floor = statistics.median(r["cpu"] for r in results["floor"]) if "floor" in results else None
    floor_wall = statistics.median(r["wall"] for r in results["floor"]) if "floor" in results else None
    print(f"\n{shape.name}: {rows} rows")
    print(f"{'contender':10} {'wall s':>8} {'rows/s':>10} {'CPU s':>8} {'rows/CPU s':>11} {'RSS MB':>8}"
          f" {'rows/s ÷ floor':>15} {'CPU ÷ floor':>12}")
    summary = {}
    for name, runs in results.items():
        wall, cpu, rss = (statistics.median(r[key] for r in runs) for key in ("wall", "cpu", "rss_mb"))
        summary[name] = {"wall_s": wall, "cpu_s": cpu, "rss_mb": rss, "rows": rows, "runs": runs}
        ratios = f" {floor_wall / wall:15.2f} {cpu / floor:12.2f}" if floor else ""
        print(f"{name:10} {wall:8.2f} {rows / wall:10.0f} {cpu:8.2f} {rows / cpu:11.0f} {rss:8.0f}{ratios}")
    if floor and "null" in summary:
        verdict(f"{shape.name}: rows/s ÷ floor", floor_wall / summary["null"]["wall_s"], 0.8, at_least=True)
        verdict(f"{shape.name}: CPU ÷ floor", summary["null"]["cpu_s"] / floor, 1.5)
    return summary


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shapes", default="narrow,ordinary,wide", type=lambda text: text.split(","))
    parser.add_argument("--contenders", default="floor,null,sandbox,mydumper", type=lambda text: text.split(","))
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--scale", type=float, default=1.0, help="times the usual number of rows")
    parser.add_argument("--json", type=Path, help="write all figures here")
    arguments = parser.parse_args()
    unknown = set(arguments.contenders) - set(CONTENDERS)
    if unknown:
        parser.error(f"no contender {', '.join(sorted(unknown))}; there are {', '.join(CONTENDERS)}")

    work = Path(tempfile.mkdtemp(prefix="starlift-bench-"))
    bench = Bench(arguments, work)
    everything = {}
    try:
        for name in arguments.shapes:
            shape = SHAPES[name]
            fill(bench.source, DATABASE, shape, bench.rows(shape))
            results = {contender: [] for contender in arguments.contenders}
            for contender in arguments.contenders:  # a round that isn't counted warms caches
                bench.run(contender, shape)
            for _ in range(arguments.runs):
                for contender in arguments.contenders:
                    results[contender].append(bench.run(contender, shape))
            everything[name] = report(shape, bench.rows(shape), results)
    finally:
        bench.close()
        shutil.rmtree(work, ignore_errors=True)
    if arguments.json:
        arguments.json.write_text(json.dumps(everything, indent=1))


if __name__ == "__main__":
    main()
