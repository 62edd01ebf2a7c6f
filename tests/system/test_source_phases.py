"""What a source can't do yet is refused in one clear line before anything is made, and `check` says so; what it can is done."""
import pytest

from harness.clickhouse_server import Clickhouse
from harness.postgres_server import Postgres
from harness.starlift import CHECK_FAILED, OK, USAGE, starlift
from harness.tds_server import TdsServer
from harness.tidb_server import Tidb

from .support import databases_of
from .test_sqlserver_catalog import _answer

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def postgres(workspace):
    server = Postgres(workspace / "postgres-phases").start()
    server.execute("CREATE DATABASE shop;")
    server.execute("CREATE TABLE t (id INT PRIMARY KEY, v TEXT);", database="shop")
    yield server.url("shop")
    server.close()


@pytest.fixture(scope="module")
def clickhouse(workspace):
    server = Clickhouse(workspace / "clickhouse-phases").start()
    server.execute("CREATE DATABASE shop", "CREATE TABLE shop.t (id Int32, v String) ENGINE = MergeTree() ORDER BY id")
    yield server.url("shop")
    server.close()


@pytest.fixture(scope="module")
def sqlserver():
    server = TdsServer(_answer, users={"sa": "x"}, databases={"shop"})
    yield server.url("shop")
    server.close()


@pytest.fixture(params=["postgres", "clickhouse", "sqlserver"])
def structure_only(request):
    return {"postgres": "PostgreSQL", "clickhouse": "ClickHouse", "sqlserver": "SQL Server"}[request.param], \
        request.getfixturevalue(request.param)


def _error_lines(run):
    return [line for line in run.err.splitlines() if line.startswith("starlift:")]


def test_rows_are_refused(structure_only, sandbox, scratch):
    title, url = structure_only
    starlift("check", url, sandbox.url(), "--home", scratch).expect(CHECK_FAILED, f"rows of {title} can't be read yet")
    run = starlift("sync", url, sandbox.url(), "--home", scratch).expect(CHECK_FAILED, f"rows of {title} can't be read yet")
    assert run.err.count("can't be read yet") == 1, run
    assert "shop" not in databases_of(sandbox)


def test_changes_are_refused(structure_only, sandbox, scratch):
    _, url = structure_only
    for phases in ("incremental", "structure,full,incremental"):
        run = starlift("sync", url, sandbox.url(), "--home", scratch, "--phases", phases)
        run.expect(USAGE, "no log that can be followed")
        assert len(_error_lines(run)) == 1, run
        starlift("check", url, sandbox.url(), "--home", scratch, "--phases", phases).expect(
            CHECK_FAILED, "this source has no log that can be followed")
    assert "shop" not in databases_of(sandbox)


def test_comparing_is_refused(structure_only, sandbox, scratch):
    title, url = structure_only
    starlift("sync", url, sandbox.url(), "--home", scratch, "--phases", "structure", "--exclude-tables", r"shop\.sales.*")
    run = starlift("verify", url, sandbox.url(), "--home", scratch, "--exclude-tables", r"shop\.sales.*")
    assert run.code not in (0, 1), run
    assert f"rows of {title} can't be read yet" in run.err, run


def test_the_tables_alone_are_made(structure_only, sandbox, scratch):
    _, url = structure_only
    options = ("--home", scratch, "--phases", "structure", "--exclude-tables", r"shop\.sales.*")
    run = starlift("check", url, sandbox.url(), *options)
    assert "rows-not-read-yet" not in run.out, run
    starlift("sync", url, sandbox.url(), *options).expect(OK)
    assert sandbox.execute("SHOW TABLES FROM shop")


@pytest.mark.long
@pytest.mark.timeout(3600)  # the first time it is built
def test_changes_of_tidb(workspace, sandbox, scratch):
    server = Tidb(workspace / "tidb-phases").start()
    try:
        server.execute("CREATE DATABASE shop", "CREATE TABLE shop.t (id INT PRIMARY KEY)", "INSERT INTO shop.t VALUES (1)")
        starlift("check", server.url("shop"), sandbox.url(), "--home", scratch, "--phases", "structure,full,incremental").expect(
            CHECK_FAILED, "changes-not-read-yet", "--phases structure,full")
        starlift("sync", server.url("shop"), sandbox.url(), "--home", scratch, "--phases", "structure,full,incremental").expect(
            USAGE, "no log that can be followed", "--phases structure,full")
        assert "shop" not in databases_of(sandbox)
        # Unasked, what it can do is done, and what it can't is said.
        starlift("sync", server.url("shop"), sandbox.url(), "--home", scratch, env={"STARLIFT_PHASES": "structure,full"}).expect(OK)
        assert sandbox.execute("SELECT COUNT(*) FROM shop.t")[0][0] == 1
    finally:
        server.close()
