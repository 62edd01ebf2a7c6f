"""`starlift smt` with a real MariaDB: what it writes runs, and takes the source's rows."""
import os
import re
import stat

import pytest

from harness.paths import starlift_binary
from harness.postgres_server import Postgres
from harness.starlift import USAGE, starlift
from system.smt_support import FIXTURES, make_mysql_schemas, read_file, split
from system.support import differences

CONFIG = """[db]
host = 127.0.0.1
port = {port}
user = {user}
password = {password}
type = mysql

[other]
be_num = 1
use_decimal_v3 = true
output_dir = ./result

[table-rule.1]
database = {database}
table = {table}
{more}
flink.starrocks.jdbc-url=jdbc:mysql://{fe}
flink.starrocks.load-url={load}
flink.starrocks.username=root
flink.starrocks.password=
flink.starrocks.sink.properties.format=json
"""


class Folder:
    """A tool's folder, as a user of the original has it: conf/, and result/ to be made."""

    def __init__(self, path):
        self.path = path
        (path / "conf").mkdir(parents=True)
        self.result = path / "result"

    def write(self, text):
        (self.path / "conf" / "config_prod.conf").write_text(text)

    def run(self, *options, code=0, words=()):
        return starlift("smt", "-c", self.path / "conf" / "config_prod.conf", *options, cwd=self.path).expect(code, *words)


@pytest.fixture
def folder(scratch):
    return Folder(scratch / "smt")


def config(server, sandbox=None, **values):
    values = {"port": server.port, "user": "root", "password": "", "database": "^.*$", "table": "^.*$", "more": "",
              "fe": f"127.0.0.1:{sandbox.query_port}" if sandbox else "fe.example:9030",
              "load": f"127.0.0.1:{sandbox.http_port}" if sandbox else "fe.example:8030", **values}
    return CONFIG.format(**values)


@pytest.fixture(scope="module")
def schemas(mariadb):
    make_mysql_schemas(mariadb)
    mariadb.execute_script(FIXTURES / "mysql-rows.sql")
    return mariadb


def create(sandbox, path):
    """Runs a file of statements at the target."""
    with sandbox.connect() as target, target.cursor() as cursor:
        for statement in split(path.read_text()):
            cursor.execute(statement)


@pytest.mark.parametrize("database", ["shop", "types_db"])
def test_every_statement_runs_and_takes_the_rows(schemas, sandbox, folder, database):
    folder.write(config(schemas, sandbox, database=f"^{database}$"))
    folder.run()
    create(sandbox, folder.result / "starrocks-create.all.sql")
    starlift("sync", schemas.url(database), sandbox.url(database), "--existing", "append",
             "--home", folder.path / "home", timeout=200).expect(0)
    # Types may be others than those that sync would make; values must be the same.
    found = [line for line in differences(schemas, sandbox, database) if not re.search(r" became .*, not ", line)]
    assert not found, "\n".join(found)


@pytest.fixture(scope="module")
def postgres(workspace):
    server = Postgres(workspace / "smt-postgres").start()
    server.execute((FIXTURES / "pg.sql").read_text())
    yield server
    server.close()


@pytest.mark.parametrize("database", ["crm", "pgtypes", "region_1"])
def test_every_statement_of_postgres_runs(postgres, sandbox, folder, database):
    text = config(postgres, sandbox, database=f"^{database}$", user="postgres", more="schema = .*")
    folder.write(text.replace("type = mysql", "type = pgsql"))
    folder.run()
    create(sandbox, folder.result / "starrocks-create.all.sql")
    made = [s for s in read_file(folder.result / "starrocks-create.all.sql") if s.is_table]
    assert sorted(row[0] for row in sandbox.execute(f"SHOW TABLES FROM {database}")) == sorted(s.head.split("`")[3] for s in made)
    # Each Flink job has a slot of its own, as current versions want it.
    sources = [dict(s.options) for s in read_file(folder.result / "flink-create.all.sql") if s.is_table and s.head.endswith("_src`")]
    assert len({options["slot.name"] for options in sources}) == len(sources) == len(made)
