"""The Flink jobs that `starlift smt` writes bring the rows."""
import pytest

from harness.flink import run_sql
from harness.postgres_server import Postgres
from judges.smt_jobs import POSTGRES_ROWS, mysql_differences, postgres_differences
from system.smt_support import FIXTURES, make_mysql_schemas
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


def test_the_jobs_bring_the_rows(schemas, sandbox, folder):
    """MySQL to the sandbox by Flink CDC and the StarRocks connector, with nothing but our files."""
    schemas.execute("SET GLOBAL time_zone = '+00:00'")
    more = "flink.cdc.scan.startup.mode = snapshot\nflink.cdc.server-time-zone = UTC"
    folder.write(config(schemas, sandbox, database="^(shop|types_db)$", table="^(customer|orders|order_line|product|utf_names|t_int|t_bin|t_bin_key|t_dec_key|t_enum)$",
                        more=more))
    folder.run("--apply")
    run_sql(folder.result / "flink-create.all.sql", **{"execution.checkpointing.interval": "2s"})
    tables = r"(shop\.(customer|orders|order_line|product|utf_names)|types_db\.(t_int|t_bin|t_bin_key|t_dec_key|t_enum))"
    found = mysql_differences(schemas, sandbox, "shop", "types_db", tables=tables)
    assert not found, "\n".join(found)


def test_the_jobs_bring_postgres_rows(postgres, sandbox, folder):
    """PostgreSQL to the sandbox by Flink CDC (a slot of its own for each table) and the StarRocks connector."""
    postgres.execute(POSTGRES_ROWS, database="crm")
    text = config(postgres, sandbox, database="^crm$", table="^(person|invoice|invoice_line)$",
                  more="schema = ^(public|sales)$\nflink.cdc.scan.incremental.snapshot.enabled = true\nflink.cdc.scan.startup.mode = snapshot",
                  user="postgres")
    folder.write(text.replace("type = mysql", "type = pgsql"))
    folder.run("--apply")
    run_sql(folder.result / "flink-create.all.sql", **{"execution.checkpointing.interval": "2s"})
    found = postgres_differences(postgres, sandbox)
    assert not found, "\n".join(found)
