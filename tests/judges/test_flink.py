"""StarRocks' own Java clients load into the sandbox: its stream-load SDK and its Flink connector."""
import pytest

from harness.flink import run_java, run_sql

pytestmark = pytest.mark.long

TYPES = """id BIGINT, flag BOOLEAN, small SMALLINT, amount DECIMAL(12, 2), ratio DOUBLE, `day` DATE,
  moment TIMESTAMP(6), name STRING"""


def make_database(sandbox):
    sandbox.execute("CREATE DATABASE judge")
    sandbox.execute(
        """CREATE TABLE target (id BIGINT NOT NULL, flag BOOLEAN, small SMALLINT, amount DECIMAL(12, 2), ratio DOUBLE,
           `day` DATE, moment DATETIME, name VARCHAR(400))
           PRIMARY KEY (id) DISTRIBUTED BY HASH (id) BUCKETS 2 PROPERTIES ("replication_num" = "1")""",
        database="judge")


def sink(sandbox, **options):
    settings = {
        "connector": "starrocks", "jdbc-url": f"jdbc:mysql://127.0.0.1:{sandbox.query_port}",
        "load-url": f"127.0.0.1:{sandbox.http_port}", "database-name": "judge", "table-name": "target",
        "username": "root", "password": "", "sink.buffer-flush.interval-ms": "1000", **options}
    listed = ",\n  ".join(f"'{key}' = '{value}'" for key, value in settings.items())
    return f"CREATE TABLE sink ({TYPES}, PRIMARY KEY (id) NOT ENFORCED) WITH (\n  {listed});\n"


@pytest.mark.parametrize("body", ["csv", "json"])
def test_stream_load_sdk_prepares_commits_and_aborts(sandbox, body):
    sandbox.execute("CREATE DATABASE judge")
    sandbox.execute(
        """CREATE TABLE sdk (id BIGINT NOT NULL, name VARCHAR(100), amount DECIMAL(20, 2)) PRIMARY KEY (id)
           DISTRIBUTED BY HASH (id) BUCKETS 1 PROPERTIES ("replication_num" = "1")""", database="judge")
    run_java("StreamLoadSdk", f"jdbc:mysql://127.0.0.1:{sandbox.query_port}", f"127.0.0.1:{sandbox.http_port}",
             "root", "", "judge", "sdk", 20000, body)
    rows = sandbox.execute("SELECT count(*), min(id), max(id), sum(amount), max(name) FROM sdk", database="judge")
    assert [str(value) for value in rows[0]] == ["20000", "0", "19999", "199995000.00", "name 9999 é"]


@pytest.mark.parametrize("semantic", ["at-least-once", "exactly-once"])
@pytest.mark.parametrize("body", ["csv", "json"])
def test_flink_connector_loads_generated_rows(sandbox, scratch, semantic, body):
    make_database(sandbox)
    options = {"sink.semantic": semantic, "sink.label-prefix": "flink_judge", "sink.properties.format": body}
    if body == "json":
        options["sink.properties.strip_outer_array"] = "true"
    else:
        options["sink.properties.column_separator"] = "\\\\x01"
        options["sink.properties.row_delimiter"] = "\\\\x02"
    script = scratch / "job.sql"
    script.write_text(
        f"""CREATE TABLE numbers (id BIGINT) WITH ('connector' = 'datagen', 'number-of-rows' = '5000',
  'fields.id.kind' = 'sequence', 'fields.id.start' = '1', 'fields.id.end' = '5000');
{sink(sandbox, **options)}INSERT INTO sink SELECT id, MOD(id, 2) = 0, CAST(MOD(id, 1000) AS SMALLINT),
  CAST(id / 4.0 AS DECIMAL(12, 2)), id * 1.5, CAST(DATE '2024-01-01' AS DATE),
  CAST(TIMESTAMP '2024-02-29 12:34:56.123456' AS TIMESTAMP(6)),
  CASE WHEN MOD(id, 5) = 0 THEN CAST(NULL AS STRING) ELSE 'zeile ' || CAST(id AS STRING) END FROM numbers;
""")
    run_sql(script, **{"execution.checkpointing.interval": "2s"})
    rows = sandbox.execute(
        "SELECT count(*), sum(flag), sum(ratio), min(`day`), max(moment), count(name) FROM target", database="judge")
    assert [str(value) for value in rows[0]] == \
        ["5000", "2500", "18753750.0", "2024-01-01", "2024-02-29 12:34:56.123456", "4000"]


def test_mysql_cdc_to_starrocks_snapshot(mariadb, database, sandbox, scratch):
    """The pair that our users run today, from a real server into the sandbox."""
    make_database(sandbox)
    mariadb.execute(
        f"""CREATE TABLE {database}.origin (id BIGINT PRIMARY KEY, flag TINYINT(1), small SMALLINT,
            amount DECIMAL(12, 2), ratio DOUBLE, `day` DATE, moment DATETIME(6), name VARCHAR(100))""",
        f"""INSERT INTO {database}.origin SELECT seq, seq % 2, seq % 1000, seq / 4, seq * 1.5, '2024-01-01',
            '2024-02-29 12:34:56.123456', concat('zeile ', seq) FROM seq_1_to_20000""",
        database=database)
    script = scratch / "job.sql"
    script.write_text(
        f"""CREATE TABLE origin ({TYPES}, PRIMARY KEY (id) NOT ENFORCED) WITH (
  'connector' = 'mysql-cdc', 'hostname' = '127.0.0.1', 'port' = '{mariadb.port}', 'username' = 'root',
  'password' = '', 'database-name' = '{database}', 'table-name' = 'origin',
  'scan.startup.mode' = 'snapshot', 'server-time-zone' = 'UTC');
{sink(sandbox)}INSERT INTO sink SELECT * FROM origin;
""")
    run_sql(script, **{"execution.checkpointing.interval": "2s"})
    rows = sandbox.execute("SELECT count(*), sum(small), sum(amount) FROM target", database="judge")
    assert [str(value) for value in rows[0]] == ["20000", "9990000", "50002500.00"]
