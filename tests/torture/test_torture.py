"""The torture database arrives equal, cell by cell."""
import pytest

import compare as judge
from harness.starlift import OK, starlift

from . import columns, keys, names, sizes, texts
from .builder import Builder

PARTS = {"columns": columns.build, "keys": keys.build, "texts": texts.build, "names": names.build, "sizes": sizes.build}


def arrive(server, sandbox, database, home, timeout=300):
    starlift("sync", server.url(database), sandbox.url(), "--home", home, "--chunk-rows", "7000", timeout=timeout).expect(OK)
    found = judge.compare(server.url(), sandbox.url(), databases={database})
    assert not found, "source and target differ:\n" + "\n".join(found[:60])


@pytest.mark.parametrize("part", PARTS)
def test_mariadb(mariadb, sandbox, scratch, part):
    database = f"torture_{part}"
    mariadb.execute(f"DROP DATABASE IF EXISTS {database}")
    with Builder(mariadb, database) as builder:
        PARTS[part](builder)
    arrive(mariadb, sandbox, database, scratch / "home")


@pytest.mark.parametrize("part", PARTS)
def test_mysql56(mysql56, sandbox, scratch, part):
    database = f"torture_{part}"
    mysql56.execute(f"DROP DATABASE IF EXISTS {database}")
    with Builder(mysql56, database) as builder:
        PARTS[part](builder)
    arrive(mysql56, sandbox, database, scratch / "home")


@pytest.mark.timeout(900)
def test_three_thousand_tables(mariadb, sandbox, scratch):
    mariadb.execute("DROP DATABASE IF EXISTS torture_many")
    with Builder(mariadb, "torture_many") as builder:
        sizes.many_tables(builder)
    arrive(mariadb, sandbox, "torture_many", scratch / "home", timeout=600)
