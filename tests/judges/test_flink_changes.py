"""The jobs of `starlift smt` follow changes: all tables of a rule in one statement set."""
import re

import pytest

from harness.flink import running
from harness.postgres_server import Postgres
from judges.smt_jobs import (MYSQL_CHANGES, MYSQL_TABLES, POSTGRES_ROWS, POSTGRES_TABLES, QUICK_SINK, TYPE_CHANGES, TYPE_ROWS, follow,
                             mysql_differences, postgres_differences, shop_differences)
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


# Those of types_db whose values MySQL's connector brings over whole; not t_float: an update brings the -0.01 of a DOUBLE(10,2)
# as its neighbour.
_TYPES = "t_int|t_dec|t_dec_key|t_float_key|t_zerofill|t_date_key|t_text|t_bin|t_bin_key|t_enum|t_bit|t_time"
TIME_CHANGES = [
    "UPDATE types_db.t_time SET b = '838:59:59', f = '-00:00:00.5'",
    "INSERT INTO types_db.t_time (k, b, f) VALUES (2, '-00:00:01', '23:59:59.999'), (3, NULL, '100:00:00')",
    "UPDATE types_db.t_bit SET j = 9223372036854775810, d = b'0', e = 258, f = 515, g = 16909060, h = 4278255360, i = 72623859790382856",
    "INSERT INTO types_db.t_bit (k, b, j) VALUES (2, b'0', 1)",
]


def test_every_type_of_mysql_in_one_job(mysql, sandbox, folder):
    """Eighteen tables read side by side: each source has server ids of its own."""
    mysql.execute(*TYPE_ROWS, "INSERT INTO types_db.t_bit (k, b, e, h, i, j) VALUES (3, b'1', 1, 2, 3, 72057594037927936)")
    folder.write(config(mysql, sandbox, database="^(shop|types_db)$", table=f"{MYSQL_TABLES[:-2]}|{_TYPES})$",
                        more=f"flink.cdc.server-time-zone = UTC\n{QUICK_SINK}"))
    folder.run("--apply", "--statement-set")
    with running("RunSql", folder.result / "flink-statement-set.1.sql", "execution.checkpointing.interval=2s", "timeout-seconds=3600",
                 log=folder.path / "job.log", heap="1g") as job:
        follow(lambda: mysql.execute(*MYSQL_CHANGES, *TYPE_CHANGES, *TIME_CHANGES),
               lambda: [*shop_differences(mysql, sandbox), *mysql_differences(mysql, sandbox, "types_db", tables=rf"types_db\.({_TYPES})")], job)


def test_a_partitioned_table_of_postgres(workspace, sandbox, folder):
    """Its changes come by the publication that the note names; without it the job doesn't start."""
    server = Postgres(workspace / "partitioned-postgres", "wal_level=logical").start()
    try:
        server.execute("CREATE DATABASE parts;")
        server.execute("""CREATE TABLE "By day" (id int, d date, v text, PRIMARY KEY (id, d)) PARTITION BY RANGE (d);
CREATE TABLE old PARTITION OF "By day" FOR VALUES FROM ('2023-01-01') TO ('2024-01-01');
CREATE TABLE recent PARTITION OF "By day" FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
ALTER TABLE old REPLICA IDENTITY FULL; ALTER TABLE recent REPLICA IDENTITY FULL;
INSERT INTO "By day" SELECT i, DATE '2023-06-01' + i, 'x' FROM generate_series(1, 400) i;""", database="parts")
        text = config(server, sandbox, database="^parts$", table="^By day$", user="postgres", more=f"schema = ^public$\n{QUICK_SINK}")
        folder.write(text.replace("type = mysql", "type = pgsql"))
        run = folder.run("--apply", words=["is partitioned, and Flink follows it by a publication"])
        statement = re.search(r"CREATE PUBLICATION .*;", run.err).group()
        server.execute(statement, database="parts")

        def differ():
            source = server.execute('SELECT id, d, v FROM "By day";', database="parts").split()
            target = ["|".join(map(str, row)) for row in sandbox.execute("SELECT id, d, v FROM parts.`public__By day`")]
            return sorted(set(source) ^ set(target))[:5]

        with running("RunSql", folder.result / "flink-create.1.sql", "execution.checkpointing.interval=2s", "timeout-seconds=3600",
                     log=folder.path / "job.log", heap="1g") as job:
            follow(lambda: server.execute("""INSERT INTO "By day" VALUES (1001, '2024-05-05', 'y');
UPDATE "By day" SET v = 'y' WHERE id <= 10; DELETE FROM "By day" WHERE id = 11 OR id = 390;""", database="parts"), differ, job)
    finally:
        server.close()


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
