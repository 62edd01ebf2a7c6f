"""What the migration tool's document wants of a MySQL source before its log can be followed: each note is a finding of
`starlift check`. Those of PostgreSQL and SQL Server are in test_postgres_catalog.py and test_sqlserver_catalog.py,
Oracle's beside its catalog reader, by replies."""
import pytest

from harness.mysql_servers import MariaDb, MySql56
from harness.starlift import CHECK_FAILED, OK, starlift

_BINLOG = "structure,full,incremental"


@pytest.fixture
def server_with(workspace):
    """Starts a server with these options."""
    servers = []

    def start(kind, *options):
        server = kind(workspace / f"prepared-{kind.__name__}-{abs(hash(options))}", options).start()
        servers.append(server)
        server.execute("CREATE DATABASE shop", "CREATE TABLE shop.t (id INT PRIMARY KEY)")
        return server

    yield start
    for server in servers:
        server.close()


def _check(server, sandbox, scratch, *options):
    return starlift("check", server.url("shop"), sandbox.url(), "--home", scratch, *options)


def test_no_binary_log(server_with, sandbox, scratch, monkeypatch):
    server = server_with(MariaDb, "--skip-log-bin")
    _check(server, sandbox, scratch, "--phases", _BINLOG).expect(
        CHECK_FAILED, "binlog-off", "[mysqld] log_bin=mysql-bin, server_id=1, binlog_format=ROW")
    # Who only loads the rows of now needs none.
    run = _check(server, sandbox, scratch, "--phases", "structure,full").expect(OK)
    assert "binlog" not in run.out, run
    # Nobody said which phases: then it is told, and stops nothing, as `sync` will load the rows of now.
    monkeypatch.delenv("STARLIFT_PHASES")
    _check(server, sandbox, scratch).expect(OK, "changes are not followed: the server writes no binary log", "log_bin=mysql-bin")
    # What stops both stops.
    server.execute("CREATE TABLE shop.u (id INT PRIMARY KEY, `__op` INT)")
    run = _check(server, sandbox, scratch).expect(CHECK_FAILED, "__op", "changes are not followed")
    assert run.out.count("error ") == 1, run


def test_statements_and_no_server_id(server_with, sandbox, scratch):
    server = server_with(MySql56, "--binlog-format=STATEMENT")
    server.execute("SET GLOBAL server_id = 0")  # MariaDB takes no 0
    _check(server, sandbox, scratch, "--phases", _BINLOG).expect(
        CHECK_FAILED, "binlog-format-not-row", "SET GLOBAL binlog_format = 'ROW'", "server-id-zero",
        "SET GLOBAL server_id = 1")
