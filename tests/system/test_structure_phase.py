"""The structure phase when a statement fails, the target goes away, or it is told to stop."""
import signal
import time

from harness.process import wait_until
from harness.starlift import CHECK_FAILED, OK, UNREACHABLE, starlift, start_starlift

from .support import assert_equal, databases_of, fill_numbers, sync


def make_tables(mariadb, database, count):
    mariadb.execute(*(f"CREATE TABLE t{i} (id INT PRIMARY KEY, v VARCHAR(10))" for i in range(count)), database=database)


def tables_of(sandbox, database):
    return {row[0] for row in sandbox.execute(f"SHOW TABLES FROM {database}")} if database in databases_of(sandbox) else set()


def test_a_statement_that_the_target_refuses(mariadb, sandbox, database, scratch):
    """CREATE TABLE without the privilege: the message names statement, target and mend; nothing is half done afterwards."""
    fill_numbers(mariadb, database, rows=100)
    sandbox.execute("CREATE USER IF NOT EXISTS 'builder'@'%' IDENTIFIED BY ''", f"CREATE DATABASE {database}",
                    f"GRANT SELECT, INSERT ON ALL TABLES IN DATABASE {database} TO USER 'builder'")
    run = starlift("sync", mariadb.url(database), sandbox.url("", "builder"), "--home", scratch / "home", "--retry-for", "2s", timeout=60)
    assert run.code not in (OK, UNREACHABLE), run
    run.expect(run.code, "create table", "builder", "grant", str(sandbox.query_port))
    assert tables_of(sandbox, database) == set()
    sandbox.execute(f"GRANT CREATE TABLE ON DATABASE {database} TO USER 'builder'",
                    f"GRANT SELECT, INSERT, ALTER, DROP ON ALL TABLES IN DATABASE {database} TO USER 'builder'")
    starlift("sync", mariadb.url(database), sandbox.url("", "builder"), "--home", scratch / "home", timeout=60).expect(OK)
    assert_equal(mariadb, sandbox, database)


def test_a_table_that_appears_in_between(mariadb, sandbox, database, scratch):
    """Somebody else makes a table of the same name, with other columns, after a run that was only to make the structure."""
    mariadb.execute("CREATE TABLE t (id INT PRIMARY KEY, v INT)", "INSERT INTO t VALUES (1, 2)", database=database)
    sync(mariadb, sandbox, database, scratch / "home", "--phases", "structure").expect(OK)
    sandbox.execute(f"DROP TABLE {database}.t FORCE",
                    f"""CREATE TABLE {database}.t (id INT NOT NULL, other INT) PRIMARY KEY (id) DISTRIBUTED BY HASH (id)
                        PROPERTIES ("replication_num" = "1")""")
    run = sync(mariadb, sandbox, database, scratch / "home2", timeout=60)
    run.expect(CHECK_FAILED, f"{database}", "`t`", "v")


def test_stopped_while_it_makes_tables(mariadb, sandbox, database, scratch):
    """SIGTERM between two CREATE TABLEs: an orderly end, and the next run makes the rest."""
    make_tables(mariadb, database, 400)
    mariadb.execute("INSERT INTO t7 VALUES (1, 'x')", database=database)
    process = start_starlift("sync", mariadb.url(database), sandbox.url(), "--home", scratch / "home", log=scratch / "log")
    try:
        wait_until("some tables to be there", lambda: not process.alive() or len(tables_of(sandbox, database)) > 3)
        assert process.alive(), process.tail()
        begin = time.monotonic()
        process.signal(signal.SIGTERM)
        code = process.wait(30)
        assert code == 143, (code, process.tail())
        assert time.monotonic() - begin < 30
    finally:
        process.close()
    made = tables_of(sandbox, database)
    assert 0 < len(made) < 400, len(made)
    sync(mariadb, sandbox, database, scratch / "home", timeout=200).expect(OK)
    assert len(tables_of(sandbox, database)) == 400
    assert sandbox.execute(f"SELECT id, v FROM {database}.t7") == ((1, "x"),)


def test_the_target_is_killed_while_tables_are_made(mariadb, sandbox, database, scratch):
    make_tables(mariadb, database, 120)
    process = start_starlift("sync", mariadb.url(database), sandbox.url(), "--home", scratch / "home", "--retry-for", "60s", log=scratch / "log")
    try:
        wait_until("some tables to be there", lambda: not process.alive() or len(tables_of(sandbox, database)) > 3)
        sandbox.kill()
        time.sleep(1.5)
        sandbox.start()
        code = process.wait(180)
        assert code == OK, (code, process.tail())
    finally:
        process.close()
        if not sandbox.alive():
            sandbox.start()
    assert len(tables_of(sandbox, database)) == 120
