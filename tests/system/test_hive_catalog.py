"""Structure and checks of Hive, against a real HiveServer2 in each of its transports (long: a minute for each)."""
import subprocess
from urllib.parse import quote

import pytest

from harness.certificate import Certificate
from harness.hive_server import HiveServer
from harness.kerberos_realm import REALM, KerberosRealm
from harness.ldap_server import LdapServer
from harness.ports import free_port
from harness.starlift import CHECK_FAILED, OK, UNREACHABLE, USAGE, starlift
from harness.zookeeper_server import Zookeeper

from .catalog_support import check, column_line, ddl, smt_config

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
    check("hive://127.0.0.1:1/shop?authentication=zk&connect_timeout=1s", sandbox, scratch).expect(
        UNREACHABLE, "ZooKeeper at 127.0.0.1:1")
    check("hive://127.0.0.1:1,127.0.0.1:2/shop?authentication=zk&connect_timeout=1s", sandbox, scratch).expect(
        UNREACHABLE, "ZooKeeper at 127.0.0.1:1,127.0.0.1:2")


def test_a_server_that_speaks_no_sasl(mariadb, sandbox, scratch):
    run = check(f"hive://ann@127.0.0.1:{mariadb.port}/shop?connect_timeout=3s", sandbox, scratch)
    assert run.code != 0 and "authentication=" in run.err, run


@pytest.fixture(scope="module")
def found(workspace):
    """A server that asks LDAP, speaks TLS, and stands in ZooKeeper behind one that has died."""
    zookeeper = Zookeeper(workspace / "zookeeper").start()
    ldap = LdapServer(workspace / "ldap", ann="ge;heim 1").start()
    certificate = Certificate(workspace, "localhost")
    keystore = workspace / "localhost.p12"
    subprocess.run(["openssl", "pkcs12", "-export", "-in", certificate.file, "-inkey", certificate.key, "-out", keystore,
                    "-passout", "pass:keystore"], check=True)
    server = HiveServer(
        workspace / "hive-found", SCHEMA,
        hive__server2__authentication="LDAP", hive__server2__authentication__ldap__url=f"ldap://127.0.0.1:{ldap.port}",
        hive__server2__authentication__ldap__baseDN=ldap.base,
        hive__server2__use__SSL="true", hive__server2__keystore__path=str(keystore), hive__server2__keystore__password="keystore",
        hive__server2__thrift__bind__host="localhost", hive__server2__support__dynamic__service__discovery="true",
        hive__zookeeper__quorum=f"127.0.0.1:{zookeeper.port}").start()
    zookeeper.create("/hiveserver2/serverUri=127.0.0.1:1;version=4.0.1;sequence=0000000000", "")
    server.zookeeper, server.authority = zookeeper, certificate.file
    yield server
    server.close()
    ldap.close()
    zookeeper.close()


@pytest.mark.long
@pytest.mark.timeout(900)
def test_ldap_over_tls_directly_and_by_zookeeper(found, sandbox, scratch):
    login = f"hive://ann:{quote('ge;heim 1')}@"
    trusted = f"ssl-mode=verify-identity&ssl-ca={found.authority}"
    direct = f"{login}localhost:{found.port}/shop?authentication=ldap&"
    assert set(ddl(direct + trusted, sandbox, scratch)) == {"orders", "keyed"}
    # Another name than the certificate's.
    run = check(direct.replace("localhost", "127.0.0.1") + trusted, sandbox, scratch)
    assert run.code != 0 and "certificate" in run.err, run
    run = check(direct.replace("heim", "hiem") + trusted, sandbox, scratch)
    assert run.code != 0 and "refuses the login" in run.err and "ge;hiem" not in run.err + run.out, run
    told = f"{login}127.0.0.1:{found.zookeeper.port}/shop?authentication=zk"
    assert set(ddl(told, sandbox, scratch)) == {"orders", "keyed"}
    assert set(ddl(f"{told}&{trusted}", sandbox, scratch)) == {"orders", "keyed"}
    run = check(told + "&zookeeper_namespace=nowhere", sandbox, scratch)
    assert run.code != 0 and "zookeeper-namespace=NAME" in run.err, run


@pytest.mark.long
@pytest.mark.timeout(900)
def test_ldap_over_http(workspace, sandbox, scratch):
    ldap = LdapServer(workspace / "ldap-http", ann="ge;heim 1").start()
    server = HiveServer(
        workspace / "hive-ldap-http", SCHEMA, hive__server2__transport__mode="http",
        hive__server2__authentication="LDAP", hive__server2__authentication__ldap__url=f"ldap://127.0.0.1:{ldap.port}",
        hive__server2__authentication__ldap__baseDN=ldap.base).start()
    try:
        url = f"hive://ann:{quote('ge;heim 1')}@127.0.0.1:{server.port}/shop?authentication=ldap-http"
        assert set(ddl(url, sandbox, scratch)) == {"orders", "keyed"}
        run = check(url.replace("heim", "hiem"), sandbox, scratch)
        assert run.code != 0 and "ge;hiem" not in run.err + run.out, run
        assert "login" in run.err, run
    finally:
        server.close()
        ldap.close()


@pytest.mark.long
@pytest.mark.timeout(900)
def test_smt_finds_hive_by_zookeeper(found, scratch):
    conf = scratch / "config_prod.conf"
    conf.write_text(smt_config("hive", 10000, "ann", "ge;heim 1", host=f"127.0.0.1:{found.zookeeper.port}",
                               database="^shop$", authentication="zk"))
    starlift("smt", "-c", conf, "--output", scratch / "result").expect(OK)
    assert "`orders`" in (scratch / "result" / "starrocks-create.all.sql").read_text()


@pytest.mark.long
@pytest.mark.timeout(900)
def test_kerberos_binary_and_http(workspace, sandbox, scratch, monkeypatch):
    realm = KerberosRealm(workspace / "realm").start("hive/localhost", "HTTP/localhost", "ann")
    server = HiveServer(
        workspace / "hive-kerberos", SCHEMA, java=[f"-Djava.security.krb5.conf={realm.config}"],
        hadoop__security__authentication="kerberos", yarn__resourcemanager__principal=f"hive/localhost@{REALM}",
        hive__server2__authentication="KERBEROS",
        hive__server2__authentication__kerberos__principal=f"hive/localhost@{REALM}",
        hive__server2__authentication__kerberos__keytab=str(realm.keytab("hive/localhost")),
        hive__server2__authentication__spnego__principal=f"HTTP/localhost@{REALM}",
        hive__server2__authentication__spnego__keytab=str(realm.keytab("HTTP/localhost")),
        hive__server2__thrift__bind__host="localhost", hive__server2__transport__mode="all",
        hive__server2__thrift__http__port=str(free_port()))
    try:
        server.start()
        for name, value in realm.environment.items():
            monkeypatch.setenv(name, value)
        http_port = server.settings["hive.server2.thrift.http.port"]
        binary = f"hive://hive%2Flocalhost@localhost:{server.port}/shop?authentication=kerberos"
        run = check(binary, sandbox, scratch)
        assert run.code != 0 and "kinit -kt" in run.err, run
        realm.kinit("ann")
        assert set(ddl(binary, sandbox, scratch)) == {"orders", "keyed"}
        http = f"hive://hive%2Flocalhost@localhost:{http_port}/shop?authentication=kerberos-http"
        assert set(ddl(http, sandbox, scratch)) == {"orders", "keyed"}
    finally:
        server.close()
        realm.close()
