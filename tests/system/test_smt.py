"""`starlift smt` with a real MariaDB: what it writes runs, and takes the source's rows."""
import os
import re
import stat
import subprocess

import pytest

from harness.paths import ROOT, starlift_binary
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


# ---------------------------------------------------------------- the tool as its users know it
def called_as(folder, name, *options, cwd=None, code=0):
    """Runs the program under another name, from a link in the folder."""
    link = folder.path / name
    if not link.is_symlink():
        link.symlink_to(starlift_binary())
    done = subprocess.run([link, *options], capture_output=True, text=True, cwd=cwd or folder.path, timeout=60)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.mark.parametrize("name", ["starrocks-migrate-tool", "starrocks-migration-tool"])
def test_by_the_original_names_in_the_original_folder(schemas, folder, scratch, name):
    folder.write(config(schemas, database="^shop$"))
    called_as(folder, name, "-logtostderr", "-v", "2", cwd=scratch)
    assert sorted(f.name for f in folder.result.glob("*.sql")) == [
        "flink-create.1.sql", "flink-create.all.sql", "starrocks-create.1.sql", "starrocks-create.all.sql",
        "starrocks-external-create.1.sql", "starrocks-external-create.all.sql"]


def test_two_runs_write_the_same(schemas, folder):
    folder.write(config(schemas))
    folder.run("--merge", "alike")
    first = {f.name: f.read_bytes() for f in folder.result.iterdir()}
    folder.run("--merge", "alike")
    assert {f.name: f.read_bytes() for f in folder.result.iterdir()} == first


def test_a_folder_is_never_emptied(schemas, folder):
    folder.result.mkdir(parents=True)
    (folder.result / "mine.txt").write_text("kept")
    (folder.result / "starrocks-create.9.sql").write_text("the original's, of a rule that is gone")
    folder.write(config(schemas, database="^shop$") + config(schemas, database="^merge_db$").partition("[table-rule.1]")[2].join(["[table-rule.2]", ""]))
    folder.run()
    assert (folder.result / "starrocks-create.2.sql").exists()
    folder.write(config(schemas, database="^shop$"))
    folder.run(words=["keeps older files", "starrocks-create.9.sql"])
    assert (folder.result / "mine.txt").read_text() == "kept"
    assert (folder.result / "starrocks-create.9.sql").exists()
    assert not (folder.result / "starrocks-create.2.sql").exists()  # ours, and stale
    for file in folder.result.glob("*create*.sql"):
        if file.name != "starrocks-create.9.sql":
            assert stat.S_IMODE(file.stat().st_mode) == 0o600, file


def test_nothing_is_written_before_all_is_good(schemas, folder):
    folder.write(config(schemas, database="(", table="*", more="bucket_num = none\nno value"))
    run = folder.run(code=USAGE)
    for line in (14, 15, 16, 17):
        assert re.search(rf"config_prod\.conf:{line}: ", run.err), run
    folder.write(config(schemas, database="^nowhere$"))
    folder.run(code=USAGE, words=["no table of the source matches"])
    folder.write(config(schemas, user="nobody", password="it's \"%(x)s\" wrong"))
    run = starlift("smt", "-c", folder.path / "conf" / "config_prod.conf", cwd=folder.path)
    assert run.code != 0 and "wrong" not in run.out + run.err, run
    assert not folder.result.exists()


def test_a_password_of_all_signs(schemas, folder):
    password = "a'b\"c%(x)s;#=\\`"
    quoted = password.replace("\\", "\\\\").replace("'", "\\'")
    schemas.execute(f"CREATE OR REPLACE USER signs@'%' IDENTIFIED BY '{quoted}'", "GRANT ALL ON *.* TO signs@'%'")
    folder.write(config(schemas, user="signs", password=password, database="^shop$"))
    folder.run()
    source = next(s for s in read_file(folder.result / "flink-create.1.sql") if s.is_table)
    assert dict(source.options)["password"] == password.replace("'", "''")
    run = folder.run("--print-config")
    assert "a'b" not in run.out and "password = ***" in run.out


def test_looking_only(schemas, folder):
    folder.write(config(schemas, database="^types_db$"))
    run = folder.run("--dry-run")
    assert "would make `types_db`.`t_time`" in run.out
    run = folder.run("--explain")
    assert re.search(r"b +time +VARCHAR\(18\) +BIGINT → STRING\n", run.out), run
    assert not folder.result.exists()


def test_apply_makes_tables_and_compares(schemas, sandbox, folder):
    folder.write(config(schemas, sandbox, database="^shop$"))
    folder.run("--apply", "--dry-run", words=["would make 9 tables"])
    assert "shop" not in {row[0] for row in sandbox.execute("SHOW DATABASES")}
    folder.run("--apply", words=["made 9 tables"])
    folder.run("--apply", words=["made 0 tables; 9 are there and fit, 0 are there and differ"])
    sandbox.execute("ALTER TABLE shop.customer DROP COLUMN vip")
    folder.run("--apply", words=["8 are there and fit, 1 are there and differ", "column `vip`: is not there"])


def test_the_task_does_the_same_without_flink(schemas, sandbox, folder):
    folder.write(config(schemas, sandbox, database="^(shop|edu_db_[0-9])$"))
    folder.run("--apply")
    starlift("sync", folder.result / "starlift-task.1.yaml", "--home", folder.path / "home", timeout=200).expect(0)
    found = [line for line in differences(schemas, sandbox, "shop") if not re.search(r" became .*, not ", line)]
    assert not found, "\n".join(found)


def test_the_task_merges_shards(schemas, sandbox, folder):
    schemas.execute("REPLACE INTO edu_db_1.course_1 VALUES (1, 'a')", "REPLACE INTO edu_db_2.course_2 VALUES (2, 'b')")
    folder.write(config(schemas, sandbox, database="^edu_db_[0-9]*$", table="^course_[0-9]*$"))
    folder.run("--apply", words=["merges 4 tables"])
    starlift("sync", folder.result / "starlift-task.1.yaml", "--home", folder.path / "home", timeout=200).expect(0)
    assert sandbox.execute("SELECT id, name FROM edu_db__auto_shard.course__auto_shard ORDER BY id") == ((1, "a"), (2, "b"))


def test_the_pipeline_names_the_tables_that_it_can_carry(schemas, folder):
    folder.write(config(schemas, database="^shop$", more="flink.cdc.server-time-zone = UTC\nflink.starrocks.sink.max-retries = 10"))
    folder.run(words=["[table-rule.1]: flink-cdc-pipeline.1.yaml leaves out 5 of 9 tables"])
    lines = (folder.result / "flink-cdc-pipeline.1.yaml").read_text().splitlines()
    tables = next(line for line in lines if line.startswith("  tables: ")).split('"')[1].split(",")
    assert sorted(tables) == ["shop.customer", "shop.mem_tab", "shop.order_line", "shop.utf_names"]
    for line in ('  server-time-zone: "UTC"', '  local-time-zone: "UTC"', '  jdbc-url: "jdbc:mysql://fe.example:9030"',
                 "  treat-tinyint1-as-boolean.enabled: false", "# left out: `shop`.`one_col`: has no primary key",
                 "# left out: `shop`.`product`: has no primary key",
                 "# left out: `shop`.`orders`: column `tags` is a SET, an array there, which its sink refuses",
                 "# left out: flink.starrocks.sink.max-retries, which the pipeline doesn't know"):
        assert line in lines, line


# ---------------------------------------------------------------- the original's document
DOCUMENT = ROOT.parent / "shared" / "seeds"
REST = "[other]\nbe_num = 3\nuse_decimal_v3 = false\noutput_dir = ./result\n[table-rule.1]\ndatabase = ^db$\ntable = ^t$\nschema = ^.*$\n"


def samples():
    """The configurations in the original's document, completed where it shows a part only."""
    document = next(DOCUMENT.glob("001_*"), None)
    blocks = re.findall(r"```\w*\n(.*?)```", document.read_text(), re.DOTALL) if document else []
    wanted = [re.sub(r"(?m)^[ \t]+", "", block) for block in blocks if re.search(r"^\s*\[(db|table-rule\.\d)\]", block, re.MULTILINE)]
    db = next((block.partition("[table-rule")[0] for block in wanted if "[other]" in block), "")
    return [block if "[other]" in block else block + REST if "[db]" in block else db + block for block in wanted]


def test_every_sample_of_the_document_is_understood(folder):
    if not DOCUMENT.is_dir():
        pytest.skip("the documents are not beside this checkout")
    texts = samples()
    assert len(texts) >= 8
    for text in texts:
        folder.write(text)
        run = folder.run("--print-config")
        assert "note: " not in run.err, f"{text}\n{run}"
        shown = [line.split(" = ", 1)[0] for line in run.out.splitlines() if " = " in line]
        keys = [re.split(r"\s*=", line)[0] for line in text.splitlines() if re.match(r"[a-z][\w.-]*\s*=", line)]
        assert set(keys) <= set(shown), set(keys) - set(shown)


@pytest.mark.parametrize("form, name", [([], "course__auto_shard"), (["--compat"], "edu_db__auto_shard__course__auto_shard")])
def test_the_documents_shards(schemas, folder, form, name):
    folder.write(config(schemas, database="^edu_db_[0-9]*$", table="^course_[0-9]*$", more="schema = ^.*$"))
    folder.run("--output", folder.result, *form)
    tables = [s.head for s in read_file(folder.result / "starrocks-create.1.sql") if s.is_table]
    assert tables == [f"CREATE TABLE IF NOT EXISTS `edu_db__auto_shard`.`{name}`"]
    source = next(s for s in read_file(folder.result / "flink-create.1.sql") if s.is_table)
    assert dict(source.options)["table-name"] == "course_[0-9]*"


@pytest.mark.long
@pytest.mark.timeout(1200)  # most of it is MariaDB's, which makes the tables
def test_ten_thousand_tables(mariadb, folder):
    """10,000 tables of 30 columns: under 5 s of our own, under 300 MB."""
    types = ["INT", "BIGINT UNSIGNED", "VARCHAR(120) NOT NULL DEFAULT 'x' COMMENT 'some words about it'", "DECIMAL(18,4)", "DATETIME", "TEXT"]
    columns = ", ".join(f"column_number_{i} {types[i % 6]}" for i in range(29))
    mariadb.execute("CREATE DATABASE many",
                    *(f"CREATE TABLE many.table_of_things_{n:05d}_x (id BIGINT PRIMARY KEY, {columns}) ENGINE=MyISAM" for n in range(10000)))
    folder.write(config(mariadb, database="^many$"))
    with open(folder.path / "said", "w") as said:
        process = subprocess.Popen([starlift_binary(), "smt", "-c", folder.path / "conf" / "config_prod.conf"], cwd=folder.path, stdout=said, stderr=said)
        _, status, used = os.wait4(process.pid, 0)
    mariadb.execute("DROP DATABASE many")
    print(f"cpu {used.ru_utime + used.ru_stime:.1f} s, memory {used.ru_maxrss // 1024} MB")
    assert status == 0, (folder.path / "said").read_text()
    assert (folder.result / "starrocks-create.1.sql").read_text().count("\nCREATE TABLE IF NOT EXISTS ") == 10000
    assert used.ru_maxrss < 300 * 1024 and used.ru_utime + used.ru_stime < 5
