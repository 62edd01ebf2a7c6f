"""The random workload beside kills, faulty ways and restarts: README.md in this folder.

STARLIFT_WORKLOAD_SEED=n replays one seed; STARLIFT_WORKLOAD_SEEDS=n plays so many; STARLIFT_WORKLOAD_MINUTES=n plays one
seed for so long against STARLIFT_WORKLOAD_TABLES (200) tables.
"""
import os
import random

import pytest

from harness.mysql_servers import MariaDb, MariaDb114, MySql56
from harness.sandbox import Sandbox

from .trial import LONG, SHORT, Trial, of_minutes

# What a killed server has answered must be in its log and its tables: the harness's usual options give that up for speed.
DURABLE = ["--innodb-flush-log-at-trx-commit=1", "--sync-binlog=1"]
SERVERS = {"mariadb": MariaDb, "mariadb114": MariaDb114, "mysql56": MySql56}


def play(server: str, seed: int, size, scratch):
    print(f"STARLIFT_WORKLOAD_SEED={seed} on {server}")
    source = SERVERS[server](scratch / "source", options=DURABLE).start()
    sandbox = Sandbox(scratch / "sandbox")
    try:
        sandbox.start()
        trial = Trial(seed, size, source, sandbox, scratch, mariadb=server != "mysql56")
        trial.run()
        print(trial)
    finally:
        sandbox.close()
        source.close()


def new_seed() -> int:
    return int(os.environ.get("STARLIFT_WORKLOAD_SEED", random.SystemRandom().randrange(1 << 30)))


# The short ones draw the same each time, so that a change is judged by what it changed: 2 and 7 found rows that came twice
# or not at all beside XA transactions. New seeds are --long's.
@pytest.mark.timeout(600)
@pytest.mark.parametrize("server, seed", [("mariadb", 2), ("mariadb", 7), ("mysql56", 3)])
def test_short(server, seed, scratch):
    play(server, int(os.environ.get("STARLIFT_WORKLOAD_SEED", seed)), SHORT, scratch)


@pytest.mark.long
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("number", range(int(os.environ.get("STARLIFT_WORKLOAD_SEEDS", "20"))))
def test_many(number, scratch):
    server = ["mariadb", "mariadb114", "mariadb", "mysql56"][number % 4]
    play(server, new_seed(), LONG if number % 5 == 0 else SHORT, scratch)


@pytest.mark.long
@pytest.mark.timeout(7200)
@pytest.mark.skipif("STARLIFT_WORKLOAD_MINUTES" not in os.environ, reason="STARLIFT_WORKLOAD_MINUTES=10 plays ten minutes against 200 tables")
def test_for_minutes(scratch):
    size = of_minutes(float(os.environ["STARLIFT_WORKLOAD_MINUTES"]), int(os.environ.get("STARLIFT_WORKLOAD_TABLES", "200")))
    play(os.environ.get("STARLIFT_WORKLOAD_SERVER", "mariadb"), new_seed(), size, scratch)
