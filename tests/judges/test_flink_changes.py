"""The jobs of `starlift smt` follow changes: all tables of a rule in one statement set."""
import pytest

from harness.flink import running
from harness.postgres_server import Postgres
from judges.smt_jobs import (MYSQL_CHANGES, MYSQL_TABLES, POSTGRES_ROWS, POSTGRES_TABLES, QUICK_SINK, follow, postgres_differences,
                             shop_differences)
from system.smt_support import FIXTURES, make_mysql_schemas
from system.test_smt import Folder, config

pytestmark = [pytest.mark.long, pytest.mark.timeout(1200)]

POSTGRES_CHANGES = """
UPDATE person SET name = 'now ' || id, born = NULL WHERE id % 5 = 0;
DELETE FROM sales.invoice_line WHERE line_no = 1;
INSERT INTO person VALUES (1001, E'new "é" \\\\', '2038-01-19', '{a,b}'), (1002, '', NULL, NULL);
UPDATE sales.invoice SET total = total + 0.01, note = NULL WHERE id % 2 = 0;
UPDATE sales.invoice_line SET line_no = line_no + 100 WHERE line_no = 2;
DELETE FROM sales.person WHERE id > 0;
INSERT INTO sales.person VALUES (9007199254740993, 0.125);
BEGIN; INSERT INTO person VALUES (2001, 'never', NULL, NULL); ROLLBACK;
"""


@pytest.fixture
def folder(scratch):
    return Folder(scratch / "smt")


@pytest.fixture
def mysql(mysql56):
    make_mysql_schemas(mysql56)
    mysql56.execute_script(FIXTURES / "mysql-rows.sql")
    return mysql56


@pytest.fixture
def postgres(workspace):
    server = Postgres(workspace / "changes-postgres", "wal_level=logical").start()
    server.execute((FIXTURES / "pg.sql").read_text())
    server.execute(POSTGRES_ROWS, database="crm")
    yield server
    server.close()


def test_mysql(mysql, sandbox, folder):
    folder.write(config(mysql, sandbox, database="^shop$", table=MYSQL_TABLES, more=f"flink.cdc.server-time-zone = UTC\n{QUICK_SINK}"))
    folder.run("--apply", "--statement-set")
    with running("RunSql", folder.result / "flink-statement-set.1.sql", "execution.checkpointing.interval=2s", "timeout-seconds=3600",
                 log=folder.path / "job.log", heap="1g") as job:
        follow(lambda: mysql.execute(*MYSQL_CHANGES), lambda: shop_differences(mysql, sandbox), job)


def test_postgres(postgres, sandbox, folder):
    """Each table by a slot of its own, over pgoutput, with old rows whole as the document wants them."""
    for table in POSTGRES_TABLES:
        postgres.execute(f"ALTER TABLE {table} REPLICA IDENTITY FULL", database="crm")
    text = config(postgres, sandbox, database="^crm$", table="^(person|invoice|invoice_line)$", user="postgres",
                  more=f"schema = ^(public|sales)$\n{QUICK_SINK}")
    folder.write(text.replace("type = mysql", "type = pgsql"))
    folder.run("--apply", "--statement-set")
    with running("RunSql", folder.result / "flink-statement-set.1.sql", "execution.checkpointing.interval=2s", "timeout-seconds=3600",
                 log=folder.path / "job.log", heap="1g") as job:
        follow(lambda: postgres.execute(POSTGRES_CHANGES, database="crm"), lambda: postgres_differences(postgres, sandbox), job)
        slots = postgres.execute("SELECT slot_name FROM pg_replication_slots WHERE plugin = 'pgoutput' ORDER BY 1").split()
        assert slots == ["smt_crm_public__person", "smt_crm_sales__invoice", "smt_crm_sales__invoice_line", "smt_crm_sales__person"]
