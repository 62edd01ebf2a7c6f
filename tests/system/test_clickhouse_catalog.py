"""Structure and checks of ClickHouse, against a real (if old) server."""
import socket
import threading

import pytest

from harness.clickhouse_server import Clickhouse
from harness.ports import free_port
from harness.starlift import CHECK_FAILED, USAGE, starlift

from .catalog_support import check, column_line, ddl, smt_config

SCHEMA = [
    "CREATE DATABASE shop",
    """CREATE TABLE shop.orders (k1 UInt64, d Date, s LowCardinality(String), n Nullable(Int32),
       e Enum8('a' = 1, 'b\\'b' = 2) DEFAULT 'a', tags Array(Nullable(String)), f FixedString(4),
       dt DateTime('Asia/Tokyo'), x UInt8 DEFAULT 7, m UInt8 MATERIALIZED x + 1, price Decimal(12, 3))
       ENGINE = ReplacingMergeTree() PARTITION BY toYYYYMM(d) ORDER BY (s, k1)""",
    "INSERT INTO shop.orders (k1, d, s) VALUES (1, '2024-01-01', 'x'), (2, '2024-02-01', 'y')",
    "CREATE TABLE shop.plain (a String, b Int16) ENGINE = MergeTree() ORDER BY a",
    "CREATE TABLE shop.states (k UInt8, v AggregateFunction(uniq, UInt64)) ENGINE = AggregatingMergeTree() ORDER BY k",
    "CREATE TABLE shop.notes (a String) ENGINE = TinyLog",
    "CREATE VIEW shop.v AS SELECT 1 AS one",
    "CREATE MATERIALIZED VIEW shop.mv ENGINE = MergeTree() ORDER BY k1 AS SELECT k1 FROM shop.orders",
]


@pytest.fixture(scope="module")
def clickhouse(workspace):
    server = Clickhouse(workspace / "clickhouse", reader="p&w'x @").start()
    server.execute(*SCHEMA)
    yield server
    server.close()


def test_tables_types_and_keys(clickhouse, sandbox, scratch):
    tables = ddl(clickhouse.url("shop"), sandbox, scratch)
    # A materialized view's rows come under its name; a plain view has none.
    assert set(tables) >= {"orders", "plain", "notes", "mv"} and "v" not in tables
    assert not any(name.startswith(".inner") for name in tables)
    orders = tables["orders"]
    # Only a Replacing engine keeps its sorting key unique.
    assert "PRIMARY KEY" in orders and orders.index("`s`") < orders.index("`k1`") < orders.index("`d`")
    assert "PRIMARY KEY" not in tables["plain"]
    assert column_line(orders, "k1").startswith("`k1` LARGEINT NOT NULL")
    assert column_line(orders, "n").startswith("`n` INT NULL")
    assert column_line(orders, "tags").startswith("`tags` JSON NOT NULL")
    assert 'DEFAULT "7"' in column_line(orders, "x")
    assert "DATETIME" in column_line(orders, "dt")
    assert "DECIMAL(12" in column_line(orders, "price")


def test_check(clickhouse, sandbox, scratch):
    check(clickhouse.url("shop", "reader"), sandbox, scratch).expect(
        CHECK_FAILED, "rows-not-read-yet", "column-type-not-supported", "AggregateFunction(uniq, UInt64)",
        "engine-merges-rows", "OPTIMIZE TABLE `shop`.`states` FINAL", "table-without-key")


def test_sync_refuses_before_it_makes_anything(clickhouse, sandbox, scratch):
    starlift("sync", clickhouse.url("shop"), sandbox.url(), "--home", scratch, "--tables", "notes").expect(
        CHECK_FAILED, "rows of ClickHouse can't be read yet")
    assert "shop" not in {row[0] for row in sandbox.execute("SHOW DATABASES")}


def test_one_clear_error(clickhouse, sandbox, scratch):
    run = check(clickhouse.url("shop", "reader").replace("p%26", "q%26"), sandbox, scratch)
    assert run.code != 0 and "code 193" in run.err, run
    check(clickhouse.url("shpo"), sandbox, scratch).expect(run.code, "did you mean `shop`?")
    check(clickhouse.url("shop") + "?sslmode=on", sandbox, scratch).expect(USAGE, "did you mean 'ssl-mode'")


def test_a_native_port_is_explained_and_http_is_found(clickhouse, sandbox, scratch):
    """Old configs have the native protocol's port; the server itself tells its HTTP port there."""
    native = clickhouse.url("shop", "reader", port=clickhouse.native_port)
    check(native, sandbox, scratch).expect(
        CHECK_FAILED, "native-port-given", f"{clickhouse.native_port} is the port of ClickHouse's native protocol",
        f"give the port {clickhouse.port}")
    assert "orders" in ddl(native, sandbox, scratch)
    conf = scratch / "config_prod.conf"
    conf.write_text(smt_config("clickhouse", clickhouse.native_port, "default", database="^shop$"))
    starlift("smt", "-c", conf, "--output", scratch / "result").expect(0)
    assert "`orders`" in (scratch / "result" / "starrocks-create.all.sql").read_text()


def test_a_native_port_without_http(sandbox, scratch):
    """What a server answers whose http_port is not open to us."""
    closed = free_port()
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]

    def answer():
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                connection.recv(65536)
                connection.sendall(f"HTTP/1.0 400 Bad Request\r\n\r\nPort {port} is for clickhouse-client program.\r\n"
                                   f"You must use port {closed} for HTTP.\r\n".encode())

    threading.Thread(target=answer, daemon=True).start()
    try:
        run = check(f"clickhouse://default@127.0.0.1:{port}/shop", sandbox, scratch)
        assert run.code != 0 and f"nothing answers at {closed} either" in run.err and "http_port" in run.err, run
    finally:
        listener.close()
