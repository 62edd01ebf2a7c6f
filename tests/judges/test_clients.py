"""Clients that we did not write talk to the sandbox's MySQL port."""
import subprocess
import threading
from pathlib import Path

import mysql.connector
import pymysql
import pymysql.constants.CLIENT
import pytest
import sqlalchemy
from sqlalchemy import inspect, text

from harness.paths import dependency_cache

JAVA = Path(__file__).resolve().parent / "java"

TABLE = """CREATE TABLE t (id BIGINT NOT NULL COMMENT "the key", flag BOOLEAN, amount DECIMAL(12, 2), moment DATETIME,
  name VARCHAR(50) DEFAULT "none", day DATE, ratio DOUBLE, doc JSON) PRIMARY KEY (id)
  COMMENT "a table" DISTRIBUTED BY HASH (id) BUCKETS 2 PROPERTIES ("replication_num" = "1")"""


@pytest.fixture
def shop(sandbox):
    sandbox.execute("CREATE DATABASE shop")
    sandbox.execute(TABLE, """INSERT INTO t VALUES (1, true, 1.50, '2024-02-29 12:34:56', 'eins', '2024-02-29', 0.25,
                    parse_json('{"a": 1}')), (2, NULL, NULL, NULL, NULL, NULL, NULL, NULL)""", database="shop")
    return sandbox


def test_pymysql_reads_typed_values(shop):
    with shop.connect("shop") as connection, connection.cursor() as cursor:
        cursor.execute("SELECT * FROM t ORDER BY id")
        first, second = cursor.fetchall()
        assert first[0] == 1 and first[1] == 1 and str(first[2]) == "1.50" and first[4] == "eins"
        assert str(first[3]) == "2024-02-29 12:34:56" and str(first[5]) == "2024-02-29" and first[6] == 0.25
        assert first[7] == '{"a": 1}'
        assert second == (2, None, None, None, None, None, None, None)
        assert cursor.execute("SELECT id FROM t WHERE name = %s", ("ei'ns",)) == 0


def test_mysql_connector_python_text_and_prepared(shop):
    connection = mysql.connector.connect(host="127.0.0.1", port=shop.query_port, user="root", password="",
                                         database="shop", use_pure=True, ssl_disabled=True)
    try:
        cursor = connection.cursor()
        cursor.execute("SELECT id, amount, moment FROM t ORDER BY id")
        rows = cursor.fetchall()
        assert rows[0][0] == 1 and str(rows[0][1]) == "1.50" and str(rows[0][2]) == "2024-02-29 12:34:56"
        prepared = connection.cursor(prepared=True)
        prepared.execute("SELECT name, ratio, day FROM t WHERE name = ?", ("eins",))
        assert [tuple(str(value) for value in row) for row in prepared.fetchall()] == [("eins", "0.25", "2024-02-29")]
        # The driver sends positive numbers with the unsigned flag, which the real frontend refuses as well.
        with pytest.raises(mysql.connector.Error, match="unknown mysql type code 32769"):
            prepared.execute("SELECT name FROM t WHERE id = ?", (1,))
    finally:
        connection.close()


def test_mysql_command_line(shop):
    def run(*statements):
        return subprocess.run(["mysql", "-h", "127.0.0.1", "-P", str(shop.query_port), "-u", "root", "shop",
                               "-e", "; ".join(statements)], capture_output=True, text=True, timeout=60)

    done = run("SELECT id, name FROM t ORDER BY id", "SHOW TABLES", "SELECT 'zwei ä' AS x")
    assert done.returncode == 0, done.stderr
    assert done.stdout == "id\tname\n1\teins\n2\tNULL\nTables_in_shop\nt\nx\nzwei ä\n"
    failed = run("SELECT * FROM nosuch")
    assert failed.returncode == 1 and "ERROR 5502 (42602)" in failed.stderr


def test_named_prepared_statements_and_several_statements(shop):
    with shop.connect("shop", client_flag=pymysql.constants.CLIENT.MULTI_STATEMENTS) as connection:
        with connection.cursor() as cursor:
            cursor.execute("PREPARE p FROM 'SELECT name FROM t WHERE id = ?'")
            cursor.execute("SET @id = 1")
            cursor.execute("EXECUTE p USING @id")
            assert cursor.fetchall() == (("eins",),)
            cursor.execute("DEALLOCATE PREPARE p")
            cursor.execute("SELECT 1; SELECT 2")
            assert cursor.fetchall() == ((1,),) and cursor.nextset() and cursor.fetchall() == ((2,),)


def test_kill_ends_a_running_query(shop):
    shop.execute("INSERT INTO t (id, ratio) SELECT x, x FROM TABLE(generate_series(10, 20000)) AS g(x)", database="shop")
    with shop.connect("shop") as busy, shop.connect() as other:
        killer = threading.Timer(1, lambda: other.cursor().execute(f"KILL QUERY {busy.thread_id()}"))
        killer.start()
        with pytest.raises(pymysql.err.MySQLError, match="interrupted"):
            busy.cursor().execute("SELECT count(*) FROM t a, t b, t c WHERE a.ratio + b.ratio + c.ratio > 3")
        killer.join()
        with busy.cursor() as cursor:
            assert cursor.execute("SELECT 1") == 1


def test_users_and_grants(shop):
    shop.execute("CREATE USER reader IDENTIFIED BY 'pw'", "GRANT SELECT ON TABLE shop.t TO reader")
    with shop.connect("shop", user="reader", password="pw") as connection, connection.cursor() as cursor:
        assert cursor.execute("SELECT id FROM t") == 2
        with pytest.raises(Exception, match="INSERT privilege"):
            cursor.execute("INSERT INTO t (id) VALUES (3)")
    with pytest.raises(Exception, match="Access denied for user 'reader'"):
        shop.connect("shop", user="reader", password="wrong")
    shop.stop()
    shop.start()
    with shop.connect("shop", user="reader", password="pw") as connection, connection.cursor() as cursor:
        assert cursor.execute("SELECT id FROM t") == 2


def test_sqlalchemy_reflects_tables(shop):
    engine = sqlalchemy.create_engine(f"starrocks://root@127.0.0.1:{shop.query_port}/shop")
    try:
        with engine.connect() as connection:
            assert connection.execute(text("SELECT count(*) FROM t")).scalar() == 2
        inspector = inspect(engine)
        assert inspector.get_table_names() == ["t"]
        columns = {column["name"]: column for column in inspector.get_columns("t")}
        assert list(columns) == ["id", "flag", "amount", "moment", "name", "day", "ratio", "doc"]
        assert not columns["id"]["nullable"] and columns["name"]["nullable"]
        assert inspector.get_pk_constraint("t")["constrained_columns"] in ([], ["id"])
        table = sqlalchemy.Table("t", sqlalchemy.MetaData(), autoload_with=engine)
        assert "amount" in table.columns
    finally:
        engine.dispose()


def driver_jars(profile: str) -> Path:
    """The driver's jars and the compiled judge, fetched once."""
    home = dependency_cache() / f"jdbc-judge-{profile}"
    source = JAVA / "src/main/java/io/starlift/judges/Jdbc.java"
    if not (home / "lib").exists():
        subprocess.run(["mvn", "-q", "-B", "-f", JAVA / "pom.xml", "-P", profile, "dependency:copy-dependencies",
                        f"-DoutputDirectory={home / 'lib'}"], check=True, timeout=600)
    (home / "classes").mkdir(parents=True, exist_ok=True)
    subprocess.run(["javac", "-d", home / "classes", source], check=True, timeout=120)
    return home


@pytest.mark.parametrize("profile, scheme, options", [
    ("connector8", "mysql", "useSSL=false&allowPublicKeyRetrieval=true"),
    pytest.param("connector8", "mysql", "useSSL=false&useServerPrepStmts=true", marks=pytest.mark.long),
    pytest.param("connector5", "mysql", "useSSL=false", marks=pytest.mark.long),
    pytest.param("mariadb", "mariadb", "useSsl=false", marks=pytest.mark.long),
])
def test_jdbc_drivers(sandbox, profile, scheme, options):
    home = driver_jars(profile)
    url = f"jdbc:{scheme}://127.0.0.1:{sandbox.query_port}/?{options}"
    done = subprocess.run(["java", "-cp", f"{home / 'classes'}:{home / 'lib'}/*", "io.starlift.judges.Jdbc", url],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300)
    assert done.returncode == 0 and "judged" in done.stdout, done.stdout[-4000:]
