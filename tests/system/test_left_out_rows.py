"""Rows that were left out, and a log that doesn't tell whole rows: no row may come that the source doesn't have."""
import pytest

from harness.starlift import DATA_DIFFERS, OK, STOPPED_BY_POLICY

from .support import assert_equal, sync

UNTIL = ("--phases", "structure,full,incremental", "--until-caught-up", "--max-errors", "100")
PARTS_ONLY = "SET SESSION binlog_row_image = MINIMAL"
LONG = "REPEAT('x', 1100000)"


@pytest.fixture
def rows(mariadb, database):
    mariadb.execute("CREATE TABLE t (id INT PRIMARY KEY, n INT, v LONGTEXT)", "INSERT INTO t SELECT seq, 0, 'short' FROM seq_1_to_20", database=database)


def found(sandbox, database, table="t"):
    return {row[0]: tuple(row[1:]) for row in sandbox.execute(f"SELECT id, n, v FROM `{database}`.`{table}`")}


def test_a_part_of_a_row_that_the_full_load_left_out_stops_the_task(mariadb, sandbox, database, rows, scratch):
    mariadb.execute(f"UPDATE t SET v = {LONG} WHERE id = 7", database=database)
    home = scratch / "home"
    sync(mariadb, sandbox, database, home, *UNTIL).expect(DATA_DIFFERS)
    # Whole rows don't mind.
    mariadb.execute("UPDATE t SET n = 5 WHERE id = 3", database=database)
    sync(mariadb, sandbox, database, home, *UNTIL)
    assert found(sandbox, database)[3] == (5, "short")
    mariadb.execute(PARTS_ONLY, "UPDATE t SET n = 1 WHERE id = 7", database=database)
    run = sync(mariadb, sandbox, database, home, *UNTIL).expect(STOPPED_BY_POLICY)
    assert "rows of it were left out when it was loaded as a whole" in run.err
    assert 7 not in found(sandbox, database)


def test_what_is_missing_stays_known_when_the_table_is_renamed(mariadb, sandbox, database, rows, scratch):
    home = scratch / "home"
    sync(mariadb, sandbox, database, home, *UNTIL).expect(OK)
    mariadb.execute(f"UPDATE t SET v = {LONG} WHERE id = 7", "RENAME TABLE t TO u", PARTS_ONLY, "UPDATE u SET n = 1 WHERE id IN (7, 8)", database=database)
    sync(mariadb, sandbox, database, home, *UNTIL).expect(DATA_DIFFERS)
    rows = found(sandbox, database, "u")
    assert 7 not in rows and rows[8] == (1, "short")
    mariadb.execute("UPDATE u SET v = 'short again' WHERE id = 7", database=database)
    sync(mariadb, sandbox, database, home, *UNTIL)
    assert_equal(mariadb, sandbox, database)
