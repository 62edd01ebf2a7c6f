"""The schema history reads DDL as the servers do: after every statement, of a corpus and of random
ones, what it tells of the tables is what information_schema tells. The work is done by the unit
tests' program, which runs each statement at the server and in the history."""
import os
import subprocess
from pathlib import Path

import pytest

from harness.paths import starlift_binary

CORPUS = Path(__file__).parent.parent / "fixtures" / "ddl_corpus.sql"
SEEDS = (1, 3)


def program() -> Path:
    return starlift_binary().parent / "src" / "sources" / "mysql" / "source_mysql_test"


def run(server, test, **environment):
    if not program().exists():
        pytest.skip(f"{program()} is not built")
    environment = {**os.environ, "STARLIFT_TEST_MYSQL_PORT": str(server.port),
                   "STARLIFT_TEST_DDL_CORPUS": str(CORPUS), **environment}
    done = subprocess.run([program(), f"--gtest_filter=HistoryLive.{test}"], env=environment,
                          capture_output=True, text=True, errors="replace", timeout=300)
    assert done.returncode == 0, done.stdout[-6000:]
    assert "[  PASSED  ] 1 test." in done.stdout, done.stdout[-2000:]


@pytest.fixture(params=["mariadb", "mysql56"])
def server(request):
    return request.getfixturevalue(request.param)


def test_corpus(server):
    run(server, "Corpus")


@pytest.mark.parametrize("seed", SEEDS)
def test_random_statements(server, seed):
    run(server, "Random", STARLIFT_TEST_SEED=str(seed), STARLIFT_TEST_STATEMENTS="250")
