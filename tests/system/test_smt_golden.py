"""`starlift smt --compat` against what the tool that it takes the place of wrote for the same schema and config."""
import re

import pytest

from harness.postgres_server import Postgres
from harness.starlift import starlift
from system.smt_support import FIXTURES, difference, make_mysql_schemas, read_file

PASSWORD = "sm7_Pw"


def run(case, port, folder, *options):
    """Runs the case's config; the folder of its files."""
    text = (FIXTURES / "golden" / case / "config.conf").read_text().replace("{PORT}", str(port))
    config = folder / case / "conf" / "config_prod.conf"
    config.parent.mkdir(parents=True)
    config.write_text(text)
    result = folder / case / "result"
    starlift("smt", "-c", config, "--output", result, *options).expect(0)
    return result


def compare(case, port, folder, explained):
    """Fails on each difference that `explained` (our line, their line → bool) doesn't take; returns those it took."""
    result = run(case, port, folder, "--compat")
    golden = FIXTURES / "golden" / case / "result"
    assert sorted(f.name for f in result.glob("*.sql")) == sorted(f.name for f in golden.iterdir())
    wrong, taken = [], 0
    for file in sorted(golden.iterdir()):
        theirs = {s.head: s for s in read_file(file)}
        mine = {s.head: s for s in read_file(result / file.name)}
        if set(theirs) != set(mine):
            wrong.append(f"{file.name}: only ours {sorted(set(mine) - set(theirs))}, only theirs {sorted(set(theirs) - set(mine))}")
        for head in theirs.keys() & mine.keys():
            for line in difference(mine[head], _with_port(theirs[head], port)).splitlines():
                if explained(*(side.strip() for side in line.split(" | "))):
                    taken += 1
                else:
                    wrong.append(f"{file.name}: {head}\n    {line.strip()}")
    assert not wrong, f"{len(wrong)} differences (ours | theirs)\n" + "\n".join(wrong)
    return taken


def _with_port(statement, port):
    statement.options = frozenset((k, v.replace("{PORT}", str(port))) for k, v in statement.options)
    return statement


def nothing(ours, theirs):
    return False


def runnable(line):
    """The original's line without what is no SQL: types that are none, NUL bytes."""
    line = re.sub(r"^(`\w+`) ((?:NOT )?NULL )", r"\1 STRING \2", line)
    return line.replace(" zerofill ", " ").replace("\0", r"\0")


def no_sql(ours, theirs):
    return ours == runnable(theirs)


def mariadb_defaults(ours, theirs):
    """Not copied: MariaDB states defaults as SQL, which the original quotes once more, or takes for no date."""
    def bare(line):
        return re.sub(r" (NOT )?NULL( DEFAULT \"(?:[^\"\\]|\\.)*\")? COMMENT", " COMMENT", line)

    return bare(ours) == bare(runnable(theirs))


@pytest.fixture(scope="module")
def mysql(mysql56):
    prepare(mysql56)
    return mysql56


@pytest.fixture(scope="module")
def maria(mariadb):
    prepare(mariadb)
    return mariadb


@pytest.fixture(scope="module")
def postgres(workspace):
    server = Postgres(workspace / "smt-golden-postgres").start()
    server.execute((FIXTURES / "pg.sql").read_text())
    server.execute(f"CREATE ROLE smt LOGIN SUPERUSER PASSWORD '{PASSWORD}'")
    yield server
    server.close()


def prepare(server):
    make_mysql_schemas(server)
    server.execute(f"GRANT ALL ON *.* TO smt@'%' IDENTIFIED BY '{PASSWORD}'")


def test_shop(mysql, scratch):
    assert compare("m01_shop", mysql.port, scratch, nothing) == 0


def test_types(mysql, scratch):
    # 4 zerofill columns, 8 of geometry, 1 with NULs; in four StarRocks files
    assert compare("m02_types_v3", mysql.port, scratch, no_sql) == 13 * 4


def test_shards(mysql, scratch):
    assert compare("m05_shards", mysql.port, scratch, nothing) == 0


def test_shop_of_mariadb(maria, scratch):
    assert compare("r01_shop", maria.port, scratch, mariadb_defaults) > 0


def test_types_of_mariadb(maria, scratch):
    assert compare("r02_types_v3", maria.port, scratch, mariadb_defaults) > 0


@pytest.mark.parametrize("case", ["p01_crm", "p02_types_v3", "p05_shards"])
def test_postgres(postgres, scratch, case):
    assert compare(case, postgres.port, scratch, nothing) == 0
