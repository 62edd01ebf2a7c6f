"""Flink's own planner and the real connectors take every statement of `starlift smt`, for each source that has any."""
import re
from pathlib import Path

import pytest

from harness.flink import run_java
from harness.postgres_server import Postgres
from harness.tds_server import TdsServer
from harness.tidb_server import Tidb
from system.smt_support import FIXTURES, make_mysql_schemas, split
from system.test_smt import CONFIG, Folder
from system.test_smt_hostile import hostile  # noqa: F401  (a fixture)

# Flink's tables stand in for Hive's, as its Hive catalog would type them.
HIVE_COLUMNS = ["BIGINT", "BOOLEAN", "TINYINT", "SMALLINT", "INT", "FLOAT", "DOUBLE", "DECIMAL(38, 18)", "CHAR(10)", "VARCHAR(20000)", "STRING",
                "DATE", "TIMESTAMP(9)", "BYTES", "ARRAY<INT>", "MAP<STRING, ARRAY<DECIMAL(10, 2)>>", "ROW<a INT, b STRING, c ARRAY<BYTES>>"]


class Planner:
    """Collects files, and has them planned by one Flink."""

    def __init__(self, sandbox, scratch):
        self.sandbox, self.scratch, self.arguments, self.wanted = sandbox, scratch, [], []

    def add(self, file, first=None):
        if first:
            self.arguments.append(f"first={first}")
        self.arguments.append(file)
        self.wanted.append(f"planned={len(re.findall(r'^INSERT ', file.read_text(), re.MULTILINE))} in {file}")

    def write(self, name, type_, server, *options, user="root", password="", database, more=""):
        """Lets smt write for a source and make the tables; the planner gets its files for Flink."""
        folder = Folder(self.scratch / name)
        folder.write(CONFIG.format(port=server.port, user=user, password=password, database=database, table=".*", more=f"schema = .*\n{more}",
                                   fe=f"127.0.0.1:{self.sandbox.query_port}", load=f"127.0.0.1:{self.sandbox.http_port}"
                                   ).replace("type = mysql", f"type = {type_}"))
        folder.run("--apply", "--statement-set", *options)
        self.add(folder.result / "flink-create.all.sql")
        self.add(folder.result / "flink-statement-set.all.sql")

    def add_written(self, type_, first=None):
        """A file that a unit test holds against what smt writes, and its tables."""
        places = {"fe.example:9030": f"127.0.0.1:{self.sandbox.query_port}", "fe.example:8030": f"127.0.0.1:{self.sandbox.http_port}"}
        folder = self.scratch / f"written-{type_}"
        folder.mkdir()
        for name in ("starrocks-create.all.sql", "flink-create.all.sql"):
            text = (FIXTURES / "written" / type_ / name).read_text()
            for old, new in places.items():
                text = text.replace(old, new)
            (folder / name).write_text(text)
        for statement in split((folder / "starrocks-create.all.sql").read_text()):
            self.sandbox.execute(statement)
        self.add(folder / "flink-create.all.sql", first)

    def plan(self):
        said = run_java("PlanSql", *self.arguments, project="planner")
        refused = [line for line in said.splitlines() if line.startswith("refused: ")]
        assert not refused, "\n".join(refused)
        assert [line for line in said.splitlines() if line.startswith("planned=")] == self.wanted, said[-3000:]
        assert all(not wanted.startswith("planned=0 ") for wanted in self.wanted), self.wanted


@pytest.fixture
def planner(sandbox, scratch):
    return Planner(sandbox, scratch)


@pytest.fixture(scope="module")
def postgres(workspace):
    server = Postgres(workspace / "planner-postgres").start()
    server.execute((FIXTURES / "pg.sql").read_text())
    yield server
    server.close()


def sqlserver_types():
    """Each type of SQL Server as its catalog tells it: name, bytes, precision, scale."""
    types = [("bigint", 8, 19, 0), ("tinyint", 1, 3, 0), ("bit", 1, 1, 0), ("decimal", 17, 38, 10), ("numeric", 9, 12, 3), ("money", 8, 19, 4),
             ("smallmoney", 4, 10, 4), ("real", 4, 24, 0), ("float", 8, 53, 0), ("date", 3, 10, 0), ("datetime", 8, 23, 3),
             ("smalldatetime", 4, 16, 0), ("datetime2", 8, 27, 7), ("datetimeoffset", 10, 34, 7), ("time", 5, 16, 7), ("char", 10, 0, 0),
             ("nvarchar", -1, 0, 0), ("ntext", 16, 0, 0), ("xml", -1, 0, 0), ("uniqueidentifier", 16, 0, 0), ("binary", 8, 0, 0),
             ("varbinary", -1, 0, 0), ("image", 16, 0, 0), ("sql_variant", 8016, 0, 0), ("hierarchyid", 892, 0, 0), ("timestamp", 8, 0, 0)]
    return [(101, f"c{n}", name, size, precision, scale, n > 0, False, False, None, None, None, n + 1)
            for n, (name, size, precision, scale) in enumerate(types)]


def scripted_sqlserver():
    tables = [(101, "dbo", "all types", False, 0, 0, 1704067200, None, 1), (102, "sales", "a$b.c", True, 0, 0, 1704067200, None, 0)]
    columns = [*sqlserver_types(), (102, "what", "nvarchar", -1, 0, 0, True, False, False, None, None, None, 1)]

    def answer(batch, database):
        if "SERVERPROPERTY('ProductVersion')" in batch:
            return [[("15.0.4430.1",)]]
        if "FROM sys.databases WHERE name NOT IN" in batch:
            return [[("shop",)]]
        if "FROM sys.tables t JOIN" in batch:
            return [tables, columns, [(101, "PK", "p", "c0", 1)]]
        return []

    return TdsServer(answer, users={"sa": "it's"}, databases={"shop"})


def hive_catalog(path: Path):
    """Statements that make a catalog with the tables of written/hive, and go there."""
    columns = ", ".join(f"c{n} {type_}" for n, type_ in enumerate(HIVE_COLUMNS))
    made = ["CREATE CATALOG hive WITH ('type' = 'generic_in_memory', 'default-database' = 'default')", "USE CATALOG hive",
            "CREATE DATABASE shop", f"CREATE TABLE shop.types ({columns}) WITH ('connector' = 'datagen')",
            *(f"CREATE TABLE shop.log_{n} (c0 STRING, c1 INT) WITH ('connector' = 'datagen')" for n in (1, 2))]
    path.write_text("".join(f"{statement};\n" for statement in made))
    return path


@pytest.mark.timeout(1200)  # the first time the jars are fetched
def test_the_planner_takes_every_statement(planner, mariadb, hostile, postgres):  # noqa: F811
    make_mysql_schemas(mariadb)
    planner.write("mysql", "mysql", mariadb, database="^(shop|types_db|edu_db_.*|hostile)$")
    planner.write("postgres", "pgsql", postgres, user="postgres", database="^(crm|pgtypes|region_.*)$")
    sqlserver = scripted_sqlserver()
    try:
        planner.write("sqlserver", "sqlserver", sqlserver, user="sa", password="it's", database="^shop$")
    finally:
        sqlserver.close()
    planner.add_written("oracle")
    planner.add_written("hive", hive_catalog(planner.scratch / "hive.sql"))
    planner.plan()


@pytest.mark.long
@pytest.mark.timeout(3600)  # the first time TiDB is built
def test_the_planner_takes_tidb(planner, workspace):
    """Its connector takes no patterns: a source for each shard."""
    server = Tidb(workspace / "planner-tidb").start()
    try:
        server.execute("CREATE DATABASE shop", "CREATE TABLE shop.t_1 (id BIGINT UNSIGNED PRIMARY KEY, v VARBINARY(9), at TIMESTAMP)",
                       "CREATE TABLE shop.t_2 LIKE shop.t_1")
        planner.write("tidb", "tidb", server, database="^shop$", more="flink.cdc.pd-addresses = 127.0.0.1:2379")
    finally:
        server.close()
    planner.plan()
