"""What keeps a log from being a complete change stream is found before the task starts."""
import pytest

from harness.mysql_servers import MariaDb

from . import dump


def findings(url) -> dict:
    """Severity by code: 0 info, 1 warning, 2 error."""
    return {line["code"]: line["severity"] for line in dump.run(url, "check", "-")}


@pytest.fixture
def database(mariadb):
    mariadb.execute("DROP DATABASE IF EXISTS checked", "CREATE DATABASE checked",
                    "CREATE TABLE checked.parent (id INT PRIMARY KEY)",
                    "CREATE TABLE checked.child (id INT PRIMARY KEY, p INT, CONSTRAINT fk FOREIGN KEY (p) REFERENCES parent (id) "
                    "ON DELETE CASCADE)")
    return mariadb.url("checked")


def test_effects_of_foreign_keys_are_not_logged(mariadb, database):
    assert findings(database)["foreign-key-followed"] == 0
    mariadb.execute("INSERT INTO checked.parent VALUES (1)", "INSERT INTO checked.child VALUES (1, 1)")
    start = dump.head(database)
    mariadb.execute("DELETE FROM checked.parent")
    assert mariadb.execute("SELECT COUNT(*) FROM checked.child") == ((0,),)
    tables = [line["table"] for line in dump.follow(database, start) if line["kind"] == "delete"]
    assert tables == ["`checked`.`parent`"], "this server logs them: the finding should go"


def test_undecided_xa(mariadb, database):
    assert "xa-undecided" not in findings(database)
    cursor = mariadb.connect("checked").cursor()
    for statement in ("XA START 'x'", "INSERT INTO parent VALUES (7)", "XA END 'x'", "XA PREPARE 'x'"):
        cursor.execute(statement)
    try:
        assert findings(database)["xa-undecided"] == 1
    finally:
        cursor.execute("XA ROLLBACK 'x'")


def test_tables_that_keep_their_history(mariadb, database):
    assert "table-system-versioned" not in findings(database)
    mariadb.execute("CREATE TABLE checked.v (id INT PRIMARY KEY) WITH SYSTEM VERSIONING")
    assert findings(database)["table-system-versioned"] == 2
    start = dump.head(database)
    mariadb.execute("INSERT INTO checked.v VALUES (1)")
    with pytest.raises(dump.DumpFailed, match="columns") as stop:
        dump.follow(database, start)
    assert stop.value.code == 4


def test_settings_and_grants(mariadb, database):
    mariadb.execute("SET GLOBAL binlog_format = 'MIXED', GLOBAL binlog_row_image = 'MINIMAL', GLOBAL binlog_checksum = 'NONE'",
                    "CREATE OR REPLACE USER poor@'%'", "GRANT SELECT ON checked.* TO poor@'%'")
    try:
        found = findings(database)
        assert found["binlog-format-not-row"] == 2
        assert found["binlog-row-image-not-full"] == 2
        assert found["binlog-checksum-none"] == 0
        poor = findings(mariadb.url("checked", user="poor"))
        assert poor["replication-not-granted"] == 2
        assert poor["log-status-not-granted"] == 2
    finally:
        mariadb.execute("SET GLOBAL binlog_format = 'ROW', GLOBAL binlog_row_image = 'FULL', GLOBAL binlog_checksum = 'CRC32'")


def test_filters_that_hide_the_databases(workspace):
    server = MariaDb(workspace / "filtered", options=["--binlog-do-db=seen"]).start()
    try:
        server.execute("CREATE DATABASE seen", "CREATE DATABASE hidden", "CREATE TABLE seen.t (id INT PRIMARY KEY)",
                       "CREATE TABLE hidden.t (id INT PRIMARY KEY)")
        assert "binlog-filtered" not in findings(server.url("seen"))
        assert findings(server.url("hidden"))["binlog-filtered"] == 2
    finally:
        server.close()
