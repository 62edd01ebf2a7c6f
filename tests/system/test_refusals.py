"""What can't land as it is: refused before anything is done, with what to do instead."""
import pytest

from compare import quote
from harness.starlift import CHECK_FAILED, OK, starlift

from .support import assert_equal, databases_of, sync


def test_tables_that_differ_only_in_case(mariadb, sandbox, database, scratch):
    mariadb.execute("CREATE TABLE Orders (id INT PRIMARY KEY)", "CREATE TABLE orders (id INT PRIMARY KEY)", database=database)
    sync(mariadb, sandbox, database, scratch / "home").expect(CHECK_FAILED, "Orders", "orders", "target_table")
    assert database not in databases_of(sandbox)


def test_reserved_columns(mariadb, sandbox, database, scratch):
    mariadb.execute("CREATE TABLE t (id INT PRIMARY KEY, `__op` INT, `__ROW` INT)", database=database)
    sync(mariadb, sandbox, database, scratch / "home").expect(CHECK_FAILED, "__op", "__ROW", "rename_columns")


@pytest.mark.parametrize("name", ["a/b", "tick`s", "line\nbreak"])
def test_table_names_that_the_target_cannot_have(mariadb, sandbox, database, scratch, name):
    mariadb.execute(f"CREATE TABLE {quote(name)} (id INT PRIMARY KEY)", database=database)
    sync(mariadb, sandbox, database, scratch / "home").expect(CHECK_FAILED, "target_table")
    assert database not in databases_of(sandbox)


@pytest.mark.parametrize("name", ["a*b", "a=b", "a<b", "a!b", "tick`s"])
def test_column_names_that_the_target_cannot_have(mariadb, sandbox, database, scratch, name):
    mariadb.execute(f"CREATE TABLE t (id INT PRIMARY KEY, {quote(name)} INT)", database=database)
    sync(mariadb, sandbox, database, scratch / "home").expect(CHECK_FAILED, "rename_columns")


def test_a_rename_rule_mends_it(mariadb, sandbox, database, scratch):
    mariadb.execute("CREATE TABLE t (id INT PRIMARY KEY, `__op` INT, `a*b` INT)", "INSERT INTO t VALUES (1, 2, 3)", database=database)
    sync(mariadb, sandbox, database, scratch / "home").expect(CHECK_FAILED, "a*b")
    task = scratch / "task.yaml"
    task.write_text(f"""
version: 1
source: {{url: "{mariadb.url(database)}"}}
target: {{url: "{sandbox.url()}"}}
rules:
  - match: t
    rename_columns: {{__op: op, "a*b": product}}
""")
    starlift("sync", task, "--home", scratch / "home2").expect(OK)
    assert sandbox.execute(f"SELECT id, op, product FROM {database}.t") == ((1, 2, 3),)


def test_a_database_name_that_the_target_cannot_have(mariadb, sandbox, scratch):
    mariadb.execute("DROP DATABASE IF EXISTS `1st shop`", "CREATE DATABASE `1st shop`", "CREATE TABLE `1st shop`.t (id INT PRIMARY KEY)")
    try:
        run = starlift("sync", mariadb.url() , sandbox.url(), "--home", scratch / "home", "--tables", "1st shop[.]t")
        run.expect(CHECK_FAILED, "1st shop")
    finally:
        mariadb.execute("DROP DATABASE `1st shop`")


def test_views_are_left_alone(mariadb, sandbox, database, scratch):
    mariadb.execute("CREATE TABLE t (id INT PRIMARY KEY)", "CREATE VIEW v AS SELECT * FROM t", database=database)
    sync(mariadb, sandbox, database, scratch / "home").expect(OK)
    assert_equal(mariadb, sandbox, database)
