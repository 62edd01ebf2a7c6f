"""compare.py has to notice what it is there for. Two MariaDB databases stand in for source and target."""
import pytest

import compare as judge


class BothMariaDb(judge.Comparison):
    """The stand-in declares other types than StarRocks would; values are what is tested here."""

    def _compare_types(self, *_):
        pass


@pytest.fixture
def pair(mariadb, database):
    other = f"{database}_t"
    mariadb.execute(f"CREATE DATABASE {other}")
    yield database, other
    mariadb.execute(f"DROP DATABASE {other}")


def differences(mariadb, pair):
    comparison = BothMariaDb(mariadb.url(), mariadb.url(), target_database=pair[1])
    try:
        comparison.run(lambda d, t: d == pair[0], exact=True)
        return comparison.differences
    finally:
        comparison.close()


def both(mariadb, pair, *statements):
    for name in pair:
        mariadb.execute(*statements, database=name)


KEYED = ["CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(20), f DOUBLE)", "INSERT INTO t VALUES (1, 'a', 0.1), (2, NULL, NULL), (3, '', -0e0)"]


def test_equal_is_equal(mariadb, pair):
    both(mariadb, pair, *KEYED)
    assert differences(mariadb, pair) == []


@pytest.mark.parametrize("change, word", [
    ("DELETE FROM t WHERE id = 2", "only at the source"),
    ("INSERT INTO t VALUES (4, 'x', 0)", "only at the target"),
    ("UPDATE t SET v = '' WHERE id = 2", "`v`"),
    ("UPDATE t SET v = NULL WHERE id = 3", "`v`"),
    ("UPDATE t SET v = 'A' WHERE id = 1", "`v`"),
    ("UPDATE t SET v = 'a ' WHERE id = 1", "`v`"),
    ("UPDATE t SET f = 0.10000000000000002 WHERE id = 1", "`f`"),
    ("ALTER TABLE t DROP COLUMN v", "columns are"),
    ("DROP TABLE t", "not at the target"),
    ("CREATE TABLE more (id INT)", "does not: `"),
])
def test_each_kind_of_difference_is_seen(mariadb, pair, change, word):
    both(mariadb, pair, *KEYED)
    mariadb.execute(change, database=pair[1])
    found = "\n".join(differences(mariadb, pair))
    assert word in found


def test_a_row_too_many_without_a_key(mariadb, pair):
    both(mariadb, pair, "CREATE TABLE t (v INT)", "INSERT INTO t VALUES (1), (1), (2)")
    assert differences(mariadb, pair) == []
    mariadb.execute("INSERT INTO t VALUES (1)", database=pair[1])
    assert "1 time(s) more" in "\n".join(differences(mariadb, pair))
    # As many rows on both sides, but not the same ones.
    mariadb.execute("DELETE FROM t WHERE v = 2", database=pair[1])
    assert len(differences(mariadb, pair)) == 2


def test_forms():
    assert judge.date_or_null(b"2021-02-31") is None
    assert judge.date_or_null(b"0000-00-00") is None
    assert judge.date_or_null(b"2000-02-29") == b"2000-02-29"
    assert judge.moment_or_null(b"2024-01-01 00:00:00") == judge.moment_or_null(b"2024-01-01 00:00:00.000")
    assert judge.json_form(b'{"b": 1.0, "a": [null]}') == judge.json_form(b'{"a":[null],"b":1}')
    assert judge.json_form(b"null") != judge.json_form(b'"null"')
    assert judge.exact_decimal(b"1.50") != judge.exact_decimal(b"1.5")
    assert judge.exact_decimal(b"0012.5") == judge.exact_decimal(b"12.5")
    assert judge.float_bits(b"0.1") == judge.float_bits(b"0.10000000149011612")
    assert judge.double_bits(b"-0") == judge.double_bits(b"0")
    assert judge.wkt_form(b"MULTIPOINT(0 0,1 1)") == judge.wkt_form(b"MULTIPOINT((0 0),(1 1))")
    assert judge.wkt_form(b"SRID=4326;POINT(1 2.50)") == judge.wkt_form(b"SRID=4326;POINT (1.0 2.5)")
    assert judge.wkt_form(b"POINT(1 2)") != judge.wkt_form(b"SRID=1;POINT(1 2)")
    assert judge.wkt_form(b"GEOMETRYCOLLECTION(POINT(1 2),LINESTRING(0 0,1 1))") != judge.wkt_form(b"GEOMETRYCOLLECTION(POINT(1 2))")
