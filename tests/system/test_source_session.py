"""How a MySQL source is logged in to and spoken to: plugins, TLS modes, compression, options."""
import subprocess

import pytest

from harness.mysql_servers import MariaDb
from harness.starlift import CHECK_FAILED, OK, STOPPED_BY_POLICY, USAGE, start_starlift, starlift

from .support import assert_equal, fill_numbers, sync


def sync_from(url, sandbox, home, *options):
    return starlift("sync", url, sandbox.url(), "--home", home, *options)


def openssl(*arguments, cwd):
    subprocess.run(["openssl", *arguments], cwd=cwd, check=True, capture_output=True)


@pytest.fixture(scope="module")
def secure_mariadb(tmp_path_factory):
    """A MariaDB with a certificate for `localhost`, and the authority's file."""
    folder = tmp_path_factory.mktemp("tls")
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca-key.pem", "-out", "ca.pem", "-days", "2",
            "-subj", "/CN=starlift test authority", cwd=folder)
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out", "request.pem", "-subj",
            "/CN=localhost", cwd=folder)
    openssl("x509", "-req", "-in", "request.pem", "-CA", "ca.pem", "-CAkey", "ca-key.pem", "-CAcreateserial", "-out",
            "certificate.pem", "-days", "2", cwd=folder)
    folder.chmod(0o755)
    for file in folder.iterdir():
        file.chmod(0o644)
    server = MariaDb(folder / "server", options=[f"--ssl-ca={folder}/ca.pem", f"--ssl-cert={folder}/certificate.pem",
                                                 f"--ssl-key={folder}/key.pem"])
    try:
        server.start()
        server.execute("CREATE DATABASE shop", "USE shop", "CREATE TABLE t (id INT PRIMARY KEY, v TEXT)",
                       "INSERT INTO t SELECT seq, REPEAT('x', seq % 300) FROM seq_1_to_5000",
                       "CREATE USER 'secure'@'%' IDENTIFIED BY 'pw' REQUIRE SSL", "GRANT SELECT ON shop.* TO 'secure'@'%'")
        yield server, folder / "ca.pem"
    finally:
        server.close()


@pytest.mark.parametrize("plugin, password", [("mysql_native_password", "secret"), ("ed25519", "secret"),
                                              ("ed25519", "a passphrase longer than thirty-two bytes, ä")])
def test_logins(mariadb, sandbox, database, scratch, plugin, password):
    fill_numbers(mariadb, database)
    if plugin == "ed25519":
        mariadb.execute("INSTALL PLUGIN IF NOT EXISTS ed25519 SONAME 'auth_ed25519'")
    mariadb.execute(f"CREATE OR REPLACE USER 'login'@'%' IDENTIFIED VIA {plugin} USING PASSWORD('{password}')",
                    f"GRANT SELECT ON {database}.* TO 'login'@'%'")
    url = f"mysql://login:${{env:LOGIN_PASSWORD}}@127.0.0.1:{mariadb.port}/{database}"
    starlift("sync", url, sandbox.url(), "--home", scratch / "home", env={"LOGIN_PASSWORD": password}).expect(OK)
    assert_equal(mariadb, sandbox, database)
    starlift("sync", url, sandbox.url(), "--home", scratch / "other", env={"LOGIN_PASSWORD": "wrong"}).expect(
        CHECK_FAILED, "Access denied", "login")


@pytest.mark.parametrize("options, host, code", [
    ("ssl-mode=preferred", "127.0.0.1", OK),
    ("ssl-mode=required", "127.0.0.1", OK),
    ("ssl-mode=verify-ca&ssl-ca={ca}", "127.0.0.1", OK),
    ("ssl-mode=verify-identity&ssl-ca={ca}", "localhost", OK),
    ("ssl-mode=verify-identity&ssl-ca={ca}", "127.0.0.1", CHECK_FAILED),
    ("ssl-mode=verify-ca", "127.0.0.1", CHECK_FAILED),
    ("ssl-mode=disabled", "127.0.0.1", CHECK_FAILED),
    ("ssl-mode=required&compression=true", "127.0.0.1", OK),
])
def test_tls_modes(secure_mariadb, sandbox, scratch, options, host, code):
    server, authority = secure_mariadb
    url = f"mysql://secure:pw@{host}:{server.port}/shop?{options.format(ca=authority)}"
    starlift("check", url, sandbox.url(), "--home", scratch / "home").expect(code)


@pytest.mark.parametrize("options, host", [("ssl-mode=required", "127.0.0.1"), ("ssl-mode=verify-identity&ssl-ca={ca}", "localhost"),
                                           ("ssl-mode=verify-ca&ssl-ca={ca}&compression=true", "127.0.0.1")])
def test_the_log_is_read_over_tls(secure_mariadb, sandbox, scratch, options, host):
    """The server lets this user in over TLS only, so that each of the task's connections has it."""
    server, authority = secure_mariadb
    server.execute("CREATE OR REPLACE USER 'follower'@'%' IDENTIFIED BY 'pw' REQUIRE SSL",
                   "GRANT SELECT, REPLICATION SLAVE, BINLOG MONITOR ON *.* TO 'follower'@'%'")

    def follow(options):
        url = f"mysql://follower:pw@{host}:{server.port}/shop?{options.format(ca=authority)}"
        return starlift("sync", url, sandbox.url(), "--home", scratch / "home", "--name", "tls", "--phases", "structure,full,incremental",
                        "--until-caught-up")
    follow(options).expect(OK)
    server.execute("INSERT INTO t SELECT MAX(id) + 1, REPEAT('y', 60000) FROM t", "DELETE FROM t ORDER BY id LIMIT 3", "UPDATE t SET v = 'changed' LIMIT 5",
                   database="shop")
    follow("ssl-mode=disabled").expect(CHECK_FAILED, "Access denied")
    follow(options).expect(OK)
    assert_equal(server, sandbox, "shop")


def test_tls_that_the_server_lacks(mariadb, sandbox, database, scratch):
    fill_numbers(mariadb, database)
    sync_from(mariadb.url(database) + "?ssl-mode=required", sandbox, scratch / "home").expect(
        CHECK_FAILED, "offers no TLS", "ssl-mode")


def test_compressed_rows_are_the_same(mariadb, sandbox, database, scratch):
    fill_numbers(mariadb, database, rows=20000)
    sync_from(mariadb.url(database) + "?compression=true", sandbox, scratch / "home").expect(OK)
    assert_equal(mariadb, sandbox, database)


def test_a_mistyped_option(mariadb, sandbox, database, scratch):
    sync_from(mariadb.url(database) + "?ssl-mod=required", sandbox, scratch / "home").expect(USAGE, "did you mean 'ssl-mode'")


def test_text_without_a_unicode_form_stops(mariadb, sandbox, database, scratch):
    """0x81AD is well-formed sjis, but no character: the server would hand out a question mark."""
    mariadb.execute("CREATE TABLE t (id INT PRIMARY KEY, v VARBINARY(20))",
                    "INSERT INTO t VALUES (1, 'fine?'), (2, X'81AD')",
                    "ALTER TABLE t MODIFY v VARCHAR(20) CHARACTER SET sjis", database=database)
    sync(mariadb, sandbox, database, scratch / "home").expect(STOPPED_BY_POLICY, "`v`", "sjis", "81AD")
    mariadb.execute("UPDATE t SET v = 'mended?' WHERE id = 2", database=database)
    sync(mariadb, sandbox, database, scratch / "home").expect(OK)
    assert_equal(mariadb, sandbox, database)


def test_a_killed_read_is_taken_up_again(mariadb, sandbox, database, scratch):
    """KILL on the reader's session is an outage like any other."""
    fill_numbers(mariadb, database, rows=200000)
    process = start_starlift("sync", mariadb.url(database), sandbox.url(), "--home", scratch / "home",
                             log=scratch / "log")
    try:
        killed = 0
        while process.alive():
            for (session,) in mariadb.execute(
                    "SELECT ID FROM information_schema.PROCESSLIST WHERE INFO LIKE 'SELECT `id`%' LIMIT 1"):
                if killed < 3:
                    try:
                        mariadb.execute(f"KILL {session}")
                        killed += 1
                    except Exception:  # it has ended by itself meanwhile
                        pass
    finally:
        process.close()
    sync(mariadb, sandbox, database, scratch / "home").expect(OK)
    assert_equal(mariadb, sandbox, database)
