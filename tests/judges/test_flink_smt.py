"""Flink's own planner and connectors take the files of `starlift smt`, and their jobs bring the rows."""
import re
from datetime import datetime

import pytest

from harness.flink import run_java, run_sql
from harness.postgres_server import Postgres
from system.smt_support import FIXTURES, make_mysql_schemas
from system.support import differences
from system.test_smt import Folder, config

pytestmark = pytest.mark.long


@pytest.fixture
def folder(scratch):
    return Folder(scratch / "smt")


@pytest.fixture(scope="module")
def schemas(mariadb):
    make_mysql_schemas(mariadb)
    mariadb.execute_script(FIXTURES / "mysql-rows.sql")
    return mariadb


@pytest.fixture(scope="module")
def postgres(workspace):
    server = Postgres(workspace / "flink-postgres", "wal_level=logical").start()
    server.execute((FIXTURES / "pg.sql").read_text())
    yield server
    server.close()


def plan(file, tables):
    """Every CREATE is executed and every INSERT planned."""
    said = run_java("RunSql", file, "plan-only=true")
    refused = [line for line in said.splitlines() if line.startswith("refused: ")]
    assert not refused, "\n".join(refused)
    assert f"planned={tables}" in said, said[-3000:]


@pytest.mark.parametrize("database, tables", [("shop", 9), ("types_db", 17)])
def test_the_planner_takes_mysql(schemas, sandbox, folder, database, tables):
    folder.write(config(schemas, sandbox, database=f"^{database}$"))
    folder.run("--apply")
    plan(folder.result / "flink-create.all.sql", tables)


@pytest.mark.parametrize("database, tables", [("crm", 7), ("pgtypes", 21)])
def test_the_planner_takes_postgres(postgres, sandbox, folder, database, tables):
    text = config(postgres, sandbox, database=f"^{database}$", user="postgres", more="schema = .*")
    folder.write(text.replace("type = mysql", "type = pgsql"))
    folder.run("--apply")
    plan(folder.result / "flink-create.all.sql", tables)


def test_the_jobs_bring_the_rows(schemas, sandbox, folder):
    """MySQL to the sandbox by Flink CDC and the StarRocks connector, with nothing but our files."""
    schemas.execute("SET GLOBAL time_zone = '+00:00'")
    more = "flink.cdc.scan.startup.mode = snapshot\nflink.cdc.server-time-zone = UTC"
    folder.write(config(schemas, sandbox, database="^(shop|types_db)$", table="^(customer|orders|order_line|product|utf_names|t_int|t_bin|t_bin_key|t_dec_key|t_enum)$",
                        more=more))
    folder.run("--apply")
    run_sql(folder.result / "flink-create.all.sql", **{"execution.checkpointing.interval": "2s"})
    tables = r"(shop\.(customer|orders|order_line|product|utf_names)|types_db\.(t_int|t_bin|t_bin_key|t_dec_key|t_enum))"
    found = [line for line in differences(schemas, sandbox, "shop", "types_db", tables=tables, exact=False) if not re.search(r" became .*, not ", line)]
    assert not found, "\n".join(found)


POSTGRES_ROWS = """
INSERT INTO person SELECT n, CASE n WHEN 7 THEN E'it\\'s "Zoë" 🚀 \\\\ back' WHEN 8 THEN '' ELSE 'name ' || n END,
  CASE WHEN n % 3 > 0 THEN DATE '1899-12-31' + n * 100 END, NULL FROM generate_series(1, 500) n;
INSERT INTO sales.invoice (note, person_id, total, at)
  SELECT nullif('note ' || n, 'note 5'), n, n * 1234567.89 - 9, TIMESTAMP '2024-02-29 23:59:59.123456' + n * INTERVAL '7 hours'
  FROM generate_series(1, 500) n;
INSERT INTO sales.invoice_line SELECT 1 + n % 9, 1 + n / 5, n % 5 FROM generate_series(0, 999) n;
INSERT INTO sales.person SELECT n * 9007199254740993, CASE WHEN n % 2 = 0 THEN n / 8.0 END FROM generate_series(-500, 500) n;
"""
# By their names at the source: the columns that are compared.
POSTGRES_TABLES = {
    "public.person": "id, name, born",
    "sales.invoice": "id, note, person_id, total, at",
    "sales.invoice_line": "invoice_id, line_no, qty",
    "sales.person": "id, discount",
}


def as_csv(rows):
    """As psql prints rows: NULL as such, a fraction of a second without its zeros."""
    def text(value):
        if value is None:
            return "<null>"
        if isinstance(value, datetime):
            return value.isoformat(sep=" ").rstrip("0").rstrip(".") if value.microsecond else value.isoformat(sep=" ")
        if isinstance(value, float):
            return repr(value).removesuffix(".0")
        return str(value)
    return sorted("\x1f".join(map(text, row)) for row in rows)


def test_the_jobs_bring_postgres_rows(postgres, sandbox, folder):
    """PostgreSQL to the sandbox by Flink CDC (a slot of its own for each table) and the StarRocks connector."""
    postgres.execute(POSTGRES_ROWS, database="crm")
    text = config(postgres, sandbox, database="^crm$", table="^(person|invoice|invoice_line)$",
                  more="schema = ^(public|sales)$\nflink.cdc.scan.incremental.snapshot.enabled = true\nflink.cdc.scan.startup.mode = snapshot",
                  user="postgres")
    folder.write(text.replace("type = mysql", "type = pgsql"))
    folder.run("--apply")
    run_sql(folder.result / "flink-create.all.sql", **{"execution.checkpointing.interval": "2s"})
    for table, columns in POSTGRES_TABLES.items():
        printed = postgres.execute(f"\\pset fieldsep '\x1f'\n\\pset null '<null>'\nSELECT {columns} FROM {table};", database="crm")
        source = sorted(line for line in printed.split("\n") if "\x1f" in line)
        name = table.replace(".", "__")
        target = as_csv(sandbox.execute(f"SELECT {columns} FROM crm.{name}"))
        assert len(source) >= 500, table
        assert source == target, table
