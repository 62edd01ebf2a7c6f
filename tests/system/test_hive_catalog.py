"""Structure and checks of Hive, against a real HiveServer2 in each of its transports (long: a minute for each)."""
import pytest

from harness.hive_server import HiveServer
from harness.starlift import CHECK_FAILED, UNREACHABLE, USAGE, starlift

from .catalog_support import check, column_line, ddl

SCHEMA = [
    "CREATE DATABASE IF NOT EXISTS shop",
    """CREATE TABLE IF NOT EXISTS shop.orders (id BIGINT COMMENT 'nr', code VARCHAR(20), tags MAP<STRING,ARRAY<INT>>,
       price DECIMAL(12,3), raw BINARY, at TIMESTAMP) COMMENT 'what was sold'
       PARTITIONED BY (day DATE, region STRING) STORED AS TEXTFILE""",
    "ALTER TABLE shop.orders ADD IF NOT EXISTS PARTITION (day='2024-01-01', region='eu')",
    """CREATE TABLE IF NOT EXISTS shop.keyed (id INT NOT NULL DISABLE NOVALIDATE, b STRING,
       PRIMARY KEY (id) DISABLE NOVALIDATE)""",
    "CREATE VIEW IF NOT EXISTS shop.v AS SELECT 1 AS one",
]


@pytest.fixture(scope="module", params=["none", "nosasl", "none-http"])
def hive(request, workspace):
    settings = {"none": {}, "nosasl": {"hive__server2__authentication": "NOSASL"},
                "none-http": {"hive__server2__transport__mode": "http"}}[request.param]
    server = HiveServer(workspace / f"hive-{request.param}", SCHEMA, **settings).start()
    server.options = "" if request.param == "none" else f"?authentication={request.param}"
    yield server
    server.close()


@pytest.mark.long
@pytest.mark.timeout(600)
def test_tables_types_partitions_and_check(hive, sandbox, scratch):
    tables = ddl(hive.url("shop", hive.options), sandbox, scratch)
    assert set(tables) == {"orders", "keyed"}
    orders = tables["orders"]
    assert "PRIMARY KEY" not in orders and 'COMMENT "what was sold"' in orders
    assert column_line(orders, "id").startswith("`id` BIGINT")
    assert 'COMMENT "nr"' in column_line(orders, "id")
    assert column_line(orders, "tags").startswith("`tags` JSON NULL")
    assert "DECIMAL(12" in column_line(orders, "price")
    # Partition columns come behind the others.
    assert orders.index("`at`") < orders.index("`day`") < orders.index("`region`")
    # Hive's keys are enforced by nobody.
    assert "PRIMARY KEY" not in tables["keyed"] and column_line(tables["keyed"], "id").startswith("`id` INT NOT NULL")
    check(hive.url("shop", hive.options), sandbox, scratch).expect(
        CHECK_FAILED, "rows-not-read-yet", "key-not-enforced")
    starlift("sync", hive.url("shop", hive.options), sandbox.url(), "--home", scratch).expect(
        CHECK_FAILED, "rows of Hive can't be read yet")


def test_one_clear_error(sandbox, scratch):
    check("hive://ann@127.0.0.1:1/shop", sandbox, scratch).expect(UNREACHABLE, "127.0.0.1:1")
    check("hive://ann@127.0.0.1:1/shop?authentication=kerberos", sandbox, scratch).expect(USAGE, "hive/hs2.example")
    run = check("hive://ann@127.0.0.1:1/shop?authentication=zk", sandbox, scratch)
    assert run.code != 0 and "ZooKeeper" in run.err, run


def test_a_server_that_speaks_no_sasl(mariadb, sandbox, scratch):
    run = check(f"hive://ann@127.0.0.1:{mariadb.port}/shop?connect_timeout=3s", sandbox, scratch)
    assert run.code != 0 and "authentication=" in run.err, run
