"""`starlift check`: each finding of docs/guide/check.md, with its mend, and that the mend mends it."""
import pytest

from harness.ports import free_port
from harness.process import wait_until
from harness.starlift import CHECK_FAILED, OK, UNREACHABLE, starlift

from .support import databases_of, fill_numbers


def check(mariadb, sandbox, database, *arguments, source_user="root", target=None):
    run = starlift("check", mariadb.url(database, source_user), target or sandbox.url(), *arguments, timeout=60)
    for inside in ("terminate called", "std::", "nullptr", "AddressSanitizer"):
        assert inside not in run.out + run.err, run
    return run


def findings(run):
    """[(severity, subject, text)], each with its mend behind "to mend it: "."""
    found = []
    for line in (run.out + run.err).splitlines():
        words = line.split(None, 2)
        if line.startswith(("error ", "warning ")) and len(words) == 3:
            found.append([words[0], words[1], words[2], ""])
        elif "to mend it:" in line and found:
            found[-1][3] = line.split("to mend it:", 1)[1].strip()
    return found


def test_nothing_to_mend(mariadb, sandbox, database):
    fill_numbers(mariadb, database, rows=3)
    run = check(mariadb, sandbox, database).expect(OK)
    assert not [finding for finding in findings(run) if finding[0] == "error"], run
    assert database not in databases_of(sandbox), "a check changes nothing"


def test_the_source_may_not_be_read(mariadb, sandbox, database):
    fill_numbers(mariadb, database, "orders", rows=3)
    mariadb.execute("CREATE USER IF NOT EXISTS 'looker'@'%'", f"GRANT SELECT (id) ON {database}.orders TO 'looker'@'%'")
    run = check(mariadb, sandbox, database, source_user="looker").expect(CHECK_FAILED, "orders")
    mends = [mend for severity, _, _, mend in findings(run) if severity == "error"]
    assert len(mends) == 1 and mends[0].startswith("GRANT SELECT"), run
    mariadb.execute(mends[0].rstrip(";"))
    check(mariadb, sandbox, database, source_user="looker").expect(OK)


def test_the_target_may_not_be_written(mariadb, sandbox, database):
    fill_numbers(mariadb, database, rows=3)
    sandbox.execute("CREATE USER IF NOT EXISTS 'writer'@'%' IDENTIFIED BY ''", f"CREATE DATABASE {database}")
    run = check(mariadb, sandbox, database, target=sandbox.url("", "writer"))
    said = [finding for finding in findings(run) if finding[1] == "target"]
    assert said and all(mend.startswith("GRANT ") for *_, mend in said), run
    for *_, mend in said:
        sandbox.execute(mend.rstrip(";"))
    after = check(mariadb, sandbox, database, target=sandbox.url("", "writer"))
    assert not [finding for finding in findings(after) if finding[1] == "target" and finding in said], after


def test_the_backend_cannot_be_reached(mariadb, sandbox, database):
    fill_numbers(mariadb, database, rows=3)
    sandbox.fault("refuse,point=fe,table=/api/starlift_check*")
    run = check(mariadb, sandbox, database).expect(UNREACHABLE, str(sandbox.http_port))
    assert all(mend for *_, mend in findings(run)), run
    sandbox.heal()
    sandbox.fault("no_backend")
    check(mariadb, sandbox, database).expect(CHECK_FAILED, "no backend alive", "ALTER SYSTEM ADD BACKEND")
    sandbox.heal()
    check(mariadb, sandbox, database).expect(OK)


def test_ports_and_logins(mariadb, sandbox, database):
    fill_numbers(mariadb, database, rows=3)
    port = free_port()
    run = check(mariadb, sandbox, database, target=sandbox.url(http_port=port))
    assert run.code in (CHECK_FAILED, UNREACHABLE)
    run.expect(run.code, f"127.0.0.1:{port}", "http-port")
    run = check(mariadb, sandbox, database, target=sandbox.url(query_port=port))
    run.expect(UNREACHABLE, f"127.0.0.1:{port}")
    check(mariadb, sandbox, database, target=sandbox.url("", "nobody", "geheim")).expect(CHECK_FAILED, "nobody", "password")
    assert "geheim" not in run.out + run.err


def test_more_replicas_than_backends(mariadb, sandbox, database):
    fill_numbers(mariadb, database, rows=3)
    run = check(mariadb, sandbox, database, target=sandbox.url() + "&replication_num=3").expect(CHECK_FAILED, "replication-num")
    assert ["set replication-num to 1 or less"] == [mend for severity, _, _, mend in findings(run) if severity == "error"], run
    check(mariadb, sandbox, database, target=sandbox.url() + "&replication_num=1").expect(OK)


@pytest.mark.parametrize("definition, words", [
    ("CREATE TABLE t (a INT, b INT)", ["warning", "key"]),
    ("CREATE TABLE t (id INT PRIMARY KEY, d DECIMAL(50, 2))", ["warning", "decimal"]),
    ("CREATE TABLE t (id DOUBLE PRIMARY KEY, v INT)", ["warning", "key"]),
    ("CREATE TABLE t (id INT PRIMARY KEY, `__op` INT)", ["error", "__op", "rename_columns"]),
    ("CREATE TABLE `a/b` (id INT PRIMARY KEY)", ["error", "target_table"]),
])
def test_tables_that_cannot_land_as_they_are(mariadb, sandbox, database, definition, words):
    mariadb.execute(definition, database=database)
    run = check(mariadb, sandbox, database)
    run.expect(CHECK_FAILED if words[0] == "error" else OK, *words)


def test_a_table_that_is_there_with_another_type(mariadb, sandbox, database):
    mariadb.execute("CREATE TABLE t (id INT PRIMARY KEY, name VARCHAR(20))", database=database)
    sandbox.execute(f"CREATE DATABASE {database}",
                    f"""CREATE TABLE {database}.t (id INT NOT NULL, name DATE) PRIMARY KEY (id) DISTRIBUTED BY HASH (id)
                        PROPERTIES ("replication_num" = "1")""")
    run = check(mariadb, sandbox, database).expect(CHECK_FAILED, "`name`", "date")
    assert all(mend for severity, *_, mend in findings(run) if severity == "error"), run


def test_names_that_differ_only_in_case(mariadb, sandbox, database):
    mariadb.execute("CREATE TABLE Orders (id INT PRIMARY KEY)", "CREATE TABLE orders (id INT PRIMARY KEY)", database=database)
    check(mariadb, sandbox, database).expect(CHECK_FAILED, "Orders", "orders", "target_table")


def test_tables_that_are_there_already(mariadb, sandbox, database):
    mariadb.execute("CREATE TABLE t (id INT PRIMARY KEY, name VARCHAR(20))", "INSERT INTO t VALUES (1, 'x')", database=database)
    sandbox.execute(f"CREATE DATABASE {database}",
                    f"""CREATE TABLE {database}.t (id INT NOT NULL, name VARCHAR(3)) PRIMARY KEY (id) DISTRIBUTED BY HASH (id)
                        PROPERTIES ("replication_num" = "1")""")
    run = check(mariadb, sandbox, database).expect(OK, "varchar(3)")
    (_, _, _, mend), = findings(run)
    assert mend.startswith("ALTER TABLE"), run
    sandbox.execute(mend.rstrip(";"))
    wait_until("the column to be wider", lambda: sandbox.execute(f"DESC {database}.t")[1][1] == "varchar(80)")
    assert not findings(check(mariadb, sandbox, database).expect(OK))

    sandbox.execute(f"ALTER TABLE {database}.t ADD COLUMN must INT NOT NULL DEFAULT '1'", f"INSERT INTO {database}.t VALUES (7, 'mine', 1)")
    check(mariadb, sandbox, database).expect(CHECK_FAILED, "rows", "--existing")
    check(mariadb, sandbox, database, "--existing", "append").expect(OK)
