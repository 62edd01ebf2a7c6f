"""SQL Server's wire and catalog, against a scripted TDS server: no real one can be had (docs/reference/sources.md)."""
import pytest

from harness.certificate import Certificate
from harness.starlift import CHECK_FAILED, UNREACHABLE, USAGE, starlift
from harness.tds_server import Browser, SqlError, TdsServer

from .catalog_support import check, column_line, ddl
from .smt_support import split

TABLES = [(101, "dbo", "orders", False, 1200, 819200, 1704067200, 'für "Köln" 🚚', 1),
          (102, "sales", "log]s", True, 0, 0, 1704067200, None, 0)]
COLUMNS = [
    (101, "id", "bigint", 8, 19, 0, False, True, False, None, None, "number", 1),
    (101, "code", "nvarchar", 40, 0, 0, False, False, False, "Latin1_General_CI_AS", "(N'it''s ä')", None, 2),
    (101, "price", "money", 8, 19, 4, True, False, False, None, "((0))", None, 3),
    (101, "small", "tinyint", 1, 3, 0, False, False, False, None, None, None, 4),
    (101, "at", "datetime2", 8, 27, 7, True, False, False, None, "(sysdatetime())", None, 5),
    (101, "guid", "uniqueidentifier", 16, 0, 0, True, False, False, None, None, None, 6),
    (102, "what", "nvarchar", -1, 0, 0, True, False, False, "Latin1_General_CI_AS", None, None, 1),
]
KEYS = [(101, "MyPk", "p", "id", 1), (102, "FK_what", "f", "what", 1)]


def _answer(batch, database):
    if "SERVERPROPERTY('ProductVersion')" in batch:
        return [[("15.0.4430.1",)]]
    if "FROM sys.databases WHERE name NOT IN" in batch:
        return [[("archive",), ("shop",)]]
    if "FROM sys.tables t JOIN" in batch:
        return [TABLES, COLUMNS, KEYS] if database == "shop" else [[(7, "dbo", "old", False, 0, 0, 0, None, 1)], [], []]
    if "dm_server_services" in batch:
        raise SqlError(300, "VIEW SERVER STATE permission was denied on object 'server', database 'master'.")
    if "is_cdc_enabled" in batch:
        return [[(3, False, 0)]]
    return []


@pytest.fixture
def server():
    server = TdsServer(_answer, users={"sa": "Str0ng;'pw"}, databases={"shop", "archive"})
    yield server
    server.close()


def _url(server, database="shop"):
    return server.url(database, password="Str0ng%3B%27pw")


def test_tables_types_and_keys(server, sandbox, scratch):
    orders = ddl(_url(server), sandbox, scratch)["orders"]
    assert "PRIMARY KEY" in orders
    assert column_line(orders, "id").startswith("`id` BIGINT NOT NULL")
    assert column_line(orders, "code").startswith("`code` VARCHAR(80) NOT NULL DEFAULT \"it's ä\"")
    assert "DECIMAL(19" in column_line(orders, "price")
    # 0 to 255.
    assert column_line(orders, "small").startswith("`small` SMALLINT NOT NULL")
    assert "VARCHAR(36)" in column_line(orders, "guid")
    assert 'für \\"Köln\\" 🚚' in orders
    # Tables, columns and keys come in one round trip.
    assert sum("sys.tables" in batch for batch in server.batches) == 2, server.batches  # check, catalog


def test_all_databases_where_none_is_named(server, sandbox, scratch):
    assert "orders" in ddl(_url(server, ""), sandbox, scratch, "--exclude-tables", "archive.*")
    assert "USE [archive]" in server.batches


def test_check(server, sandbox, scratch):
    check(_url(server), sandbox, scratch).expect(
        CHECK_FAILED, "rows-not-read-yet", "agent-state-unknown", "cdc-off-in-database", "sys.sp_cdc_enable_db",
        "cdc-off-for-table", "@source_schema = N'dbo', @source_name = N'orders'", "select-not-granted",
        "GRANT SELECT ON [sales].[log]]s] TO [sa];")


def test_sync_refuses_before_it_makes_anything(server, sandbox, scratch):
    starlift("sync", _url(server), sandbox.url(), "--home", scratch).expect(
        CHECK_FAILED, "rows of SQL Server can't be read yet")
    assert "shop" not in {row[0] for row in sandbox.execute("SHOW DATABASES")}


def test_one_clear_error(server, sandbox, scratch):
    run = check(server.url("shop", password="wrong"), sandbox, scratch)
    assert run.code != 0 and "18456" in run.err, run
    run = check(_url(server, "nowhere"), sandbox, scratch)
    assert run.code != 0 and "4060" in run.err and "sys.databases" in run.err, run
    check("sqlserver://sa:x@127.0.0.1:1/shop", sandbox, scratch).expect(UNREACHABLE, "127.0.0.1:1")


@pytest.fixture(scope="module")
def certificate(workspace):
    return Certificate(workspace, "localhost")


@pytest.fixture
def secure(certificate):
    server = TdsServer(_answer, users={"sa": "x"}, databases={"shop"}, certificate=certificate)
    yield server
    server.close()


@pytest.mark.parametrize("option, login, rest", [
    ("", True, False), ("?encrypt=request", True, False), ("?encrypt=off", False, False), ("?encrypt=require", True, True),
    ("?encrypt=true", True, True)])
def test_as_much_is_encrypted_as_was_asked_for(secure, sandbox, scratch, option, login, rest):
    check(secure.url("shop") + option, sandbox, scratch).expect(CHECK_FAILED, "rows-not-read-yet")
    assert secure.encrypted == {"login": {login}, "batch": {rest}}


def test_the_certificate_is_checked_where_an_authority_is_named(secure, certificate, workspace, sandbox, scratch):
    trusted = f"?encrypt=require&ssl-ca={certificate.file}"
    check(secure.url("shop", host="localhost") + trusted, sandbox, scratch).expect(CHECK_FAILED, "rows-not-read-yet")
    other = Certificate(scratch, "localhost")
    check(secure.url("shop", host="localhost") + f"?encrypt=require&ssl-ca={other.file}", sandbox, scratch).expect(
        UNREACHABLE, "localhost", "signed by one of those authorities")
    # Made out to another name than the one that was asked for.
    check(secure.url("shop") + trusted, sandbox, scratch).expect(UNREACHABLE, "127.0.0.1", "made out to the host's name")


def test_a_server_without_encryption_where_it_is_required(server, sandbox, scratch):
    check(_url(server) + "?encrypt=require", sandbox, scratch).expect(UNREACHABLE, "has a certificate")
    check(_url(server) + "?encrypt=strict", sandbox, scratch).expect(USAGE, "TDS 8", "encrypt=require&ssl-ca=FILE")
    check(_url(server) + "?ssl-ca=/x", sandbox, scratch).expect(USAGE, "add encrypt=require")
    check(_url(server) + "?encrpyt=on", sandbox, scratch).expect(USAGE, "did you mean 'encrypt'")


# Each at an address of its own: the browser's port is fixed, and tests run side by side.
@pytest.mark.parametrize("host, place", [("127.7.7.7", "127.7.7.7%5CSALES/shop"), ("127.7.7.8", "127.7.7.8/shop?instance=Sales")])
def test_the_port_of_a_named_instance_is_asked_for(sandbox, scratch, host, place):
    server = TdsServer(_answer, users={"sa": "x"}, databases={"shop"}, host=host)
    browser = Browser(host, "SALES", server.port)
    try:
        check("sqlserver://sa:x@" + place, sandbox, scratch).expect(CHECK_FAILED, "rows-not-read-yet")
        check(f"sqlserver://sa:x@{host}/shop?instance=NOWHERE&connect_timeout=2s", sandbox, scratch).expect(
            UNREACHABLE, "NOWHERE", "SQL Server Browser", "UDP port 1434")
    finally:
        browser.close()
        server.close()


CONFIG = """[db]
host = 127.0.0.1
port = {port}
user = sa
password = Str0ng;'pw
type = sqlserver
[other]
be_num = 3
use_decimal_v3 = false
output_dir = ./result
[table-rule.1]
database = ^shop$
table = ^.*$
schema = ^.*$
flink.starrocks.jdbc-url=jdbc:mysql://fe.example:9030
flink.starrocks.load-url=fe.example:8030
flink.starrocks.username=root
flink.starrocks.password=
external.properties.driver_url = http://jars.example/mssql-jdbc.jar
"""


@pytest.mark.parametrize("options", [[], ["--compat"], ["--external-catalog"]])
def test_smt_writes_external_files(server, sandbox, scratch, options):
    file = scratch / "conf" / "config_prod.conf"
    file.parent.mkdir()
    file.write_text(CONFIG.format(port=server.port))
    starlift("smt", "-c", file, "--output", scratch / "result", *options).expect(0)
    written = {path.name: path.read_text() for path in (scratch / "result").glob("starrocks-external-*.sql")}
    if options == ["--external-catalog"]:
        assert list(written) == ["starrocks-external-catalog.sql"]
        assert ";databaseName=shop" in written["starrocks-external-catalog.sql"]
        sandbox.execute(written["starrocks-external-catalog.sql"])
        assert ("sqlserver_external_shop", "jdbc", None) in sandbox.execute("SHOW CATALOGS")
        return
    assert set(written) == {"starrocks-external-create.1.sql", "starrocks-external-create.all.sql"}
    text = written["starrocks-external-create.all.sql"]
    assert text == written["starrocks-external-create.1.sql"]
    heads = [line.removesuffix(" (") for line in text.splitlines() if line.startswith("CREATE ")]
    table = "CREATE EXTERNAL TABLE " + ("" if options else "IF NOT EXISTS ")
    assert heads == [
        "CREATE EXTERNAL RESOURCE `sqlserver_external_shop_resource`",
        "CREATE DATABASE IF NOT EXISTS `sqlserver_external_shop`;",
        f"{table}`sqlserver_external_shop`.`dbo__orders`",
        f"{table}`sqlserver_external_shop`.`sales__log]s`"], text
    for statement in split(text):
        sandbox.execute(statement)
    assert [row[0] for row in sandbox.execute("SHOW TABLES FROM sqlserver_external_shop")] == ["dbo__orders", "sales__log]s"]
    shown = sandbox.execute("SHOW CREATE TABLE sqlserver_external_shop.`sales__log]s`")[0][1]
    assert r'"table" = "\"sales\".\"log]s\""' in shown and '"resource" = "sqlserver_external_shop_resource"' in shown, shown
