"""A schema change asks for a table to be loaded anew, and the source has altered the table again by then."""
import pytest

from harness.starlift import OK

from .support import assert_equal, sync

UNTIL = ("--phases", "structure,full,incremental", "--until-caught-up")
ANOTHER_KEY = "ALTER TABLE t DROP PRIMARY KEY, ADD PRIMARY KEY (id, b)"

LATER = {
    "a column is gone": ["ALTER TABLE t DROP COLUMN a, ADD COLUMN c VARCHAR(9) DEFAULT 'new'"],
    # Read by the earlier definition, `a` would bring the new column's values into what becomes `x`.
    "a column has another's name": ["ALTER TABLE t CHANGE COLUMN a x INT, ADD COLUMN a INT DEFAULT 7"],
    "columns have changed places": ["ALTER TABLE t CHANGE COLUMN a x INT", "ALTER TABLE t CHANGE COLUMN v a INT", "ALTER TABLE t CHANGE COLUMN x v INT"],
    "a column has another type": ["ALTER TABLE t MODIFY COLUMN a VARCHAR(20)", "UPDATE t SET a = 'text' WHERE id < 20"],
    "a column may be NULL": ["ALTER TABLE t MODIFY COLUMN b INT NOT NULL, MODIFY COLUMN n INT NULL", "UPDATE t SET n = NULL WHERE id < 20"],
    "the key is another again": ["ALTER TABLE t DROP PRIMARY KEY, ADD PRIMARY KEY (b, id)", "ALTER TABLE t DROP COLUMN n"],
}


@pytest.mark.parametrize("later", LATER, ids=lambda name: name.replace(" ", "-"))
def test_the_table_comes_back_as_it_is_now(later, mariadb, sandbox, database, scratch):
    mariadb.execute(
        "CREATE TABLE t (id INT, b INT, a INT, v INT, n INT NOT NULL, PRIMARY KEY (id))", "INSERT INTO t SELECT seq, seq % 7, seq * 2, seq * 3, 1 FROM seq_1_to_500",
        "CREATE TABLE beside (id INT PRIMARY KEY, v INT)", "INSERT INTO beside SELECT seq, seq FROM seq_1_to_50", database=database)
    home = scratch / "home"
    sync(mariadb, sandbox, database, home, *UNTIL).expect(OK)
    mariadb.execute(
        "UPDATE t SET v = -v WHERE id < 100", ANOTHER_KEY, "DELETE FROM t WHERE id > 450", "UPDATE beside SET v = 0 WHERE id < 9", *LATER[later],
        "INSERT INTO t (id, b, n) VALUES (1000, 1, 5)" if later != "the key is another again" else "INSERT INTO t (id, b) VALUES (1000, 1)",
        "DELETE FROM t WHERE id BETWEEN 30 AND 40", "INSERT INTO beside VALUES (100, 100)", database=database)
    sync(mariadb, sandbox, database, home, *UNTIL).expect(OK)
    assert_equal(mariadb, sandbox, database)
    # It is the task's as before.
    mariadb.execute("UPDATE t SET b = b + 10 WHERE id = 1", "DELETE FROM t WHERE id = 2", database=database)
    sync(mariadb, sandbox, database, home, *UNTIL).expect(OK)
    assert_equal(mariadb, sandbox, database)
