"""Tables that are at the target already."""
from harness.starlift import CHECK_FAILED, OK

from .support import assert_equal, fill_numbers, sync


def table_with_rows(sandbox, database, columns="id INT NOT NULL, v VARCHAR(200)"):
    sandbox.execute(f"CREATE DATABASE IF NOT EXISTS {database}",
                    f'CREATE TABLE {database}.t ({columns}) PRIMARY KEY(id) DISTRIBUTED BY HASH(id) PROPERTIES("replication_num"="1")')


def test_rows_of_others_are_refused(mariadb, sandbox, database, scratch):
    fill_numbers(mariadb, database, rows=10)
    table_with_rows(sandbox, database)
    sandbox.execute(f"INSERT INTO {database}.t VALUES (-1, 'not ours')")
    sync(mariadb, sandbox, database, scratch / "home").expect(CHECK_FAILED, "`t`", "--existing")
    assert sandbox.execute(f"SELECT * FROM {database}.t") == ((-1, "not ours"),)


def test_append_and_truncate(mariadb, sandbox, database, scratch):
    fill_numbers(mariadb, database, rows=10)
    table_with_rows(sandbox, database)
    sandbox.execute(f"INSERT INTO {database}.t VALUES (-1, 'not ours')")
    sync(mariadb, sandbox, database, scratch / "a", "--existing", "append").expect(OK)
    assert sandbox.execute(f"SELECT COUNT(*) FROM {database}.t") == ((11,),)
    sync(mariadb, sandbox, database, scratch / "b", "--existing", "truncate").expect(OK)
    assert_equal(mariadb, sandbox, database)


def test_an_empty_table_that_fits_is_used(mariadb, sandbox, database, scratch):
    fill_numbers(mariadb, database, rows=10)
    table_with_rows(sandbox, database)
    sync(mariadb, sandbox, database, scratch / "home").expect(OK)
    assert_equal(mariadb, sandbox, database)


def test_a_table_that_does_not_fit_is_explained(mariadb, sandbox, database, scratch):
    fill_numbers(mariadb, database, rows=10)
    table_with_rows(sandbox, database, "id INT NOT NULL, v VARCHAR(3), w INT NOT NULL")
    run = sync(mariadb, sandbox, database, scratch / "home").expect(CHECK_FAILED, "`v`", "`w`")
    assert "varchar(3)" in (run.out + run.err).lower()
