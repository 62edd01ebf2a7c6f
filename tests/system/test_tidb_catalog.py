"""TiDB: what can be said of tidb:// without it, and (long) structure and rows of a real one."""
import pytest

import compare as judge
from harness.starlift import CHECK_FAILED, OK, starlift
from harness.tidb_server import Tidb

from .catalog_support import check


def test_another_server_is_named(mariadb, database, sandbox, scratch):
    mariadb.execute("CREATE TABLE t (id INT PRIMARY KEY)", database=database)
    check(mariadb.url(database).replace("mysql://", "tidb://"), sandbox, scratch).expect(
        CHECK_FAILED, "server-is-not-tidb", "use mariadb://")


@pytest.fixture(scope="module")
def tidb(workspace):
    server = Tidb(workspace / "tidb").start()
    server.execute(
        "CREATE DATABASE shop",
        """CREATE TABLE shop.orders (id BIGINT UNSIGNED AUTO_RANDOM PRIMARY KEY, code VARCHAR(20) NOT NULL DEFAULT 'x',
           price DECIMAL(12,3), state ENUM('new','paid'), doc JSON, at DATETIME(6), seen TIMESTAMP NULL, raw VARBINARY(9))
           COMMENT 'what was sold'""",
        "CREATE TABLE shop.pairs (a INT, b VARCHAR(9), c INT, PRIMARY KEY (a, b) NONCLUSTERED) "
        "PARTITION BY RANGE (a) (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN MAXVALUE)",
        "CREATE TABLE shop.keyless (v TEXT)",
        "INSERT INTO shop.orders (code, price, state, doc, at, seen, raw) VALUES ('ä', 1.5, 'paid', '{\"a\": [1]}', "
        "'2024-01-02 03:04:05.000006', '2024-01-02 03:04:05', x'00ff'), ('y', NULL, NULL, NULL, NULL, NULL, NULL)",
        "INSERT INTO shop.pairs VALUES (1, 'a', 1), (11, 'b', NULL)",
        "INSERT INTO shop.keyless VALUES ('one'), ('one'), (NULL)")
    yield server
    server.close()


@pytest.mark.long
@pytest.mark.timeout(3600)  # the first time it is built
def test_structure_and_rows_of_a_real_tidb(tidb, sandbox, scratch):
    # Its embedded store has no placement drivers.
    run = check(tidb.url("shop"), sandbox, scratch).expect(
        OK, "TiDB v", "history-kept-shortly", "pd-addresses-unknown", "set flink.cdc.pd-addresses in the table rule")
    assert "METRICS_SCHEMA" not in run.out
    starlift("sync", tidb.url("shop"), sandbox.url(), "--home", scratch, "--phases", "structure,full").expect(OK)
    found = judge.compare(tidb.url().replace("tidb://", "mysql://"), sandbox.url(), databases={"shop"})
    assert not found, "\n".join(found)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_system_schemas_stay_out_where_no_database_is_named(tidb, sandbox, scratch):
    run = starlift("sync", tidb.url(), sandbox.url(), "--home", scratch, "--dry-run", "--ddl-only").expect(OK)
    assert "`shop`.`orders`" in run.out
    assert "schema`" not in run.out.lower().replace("`shop`", "")
