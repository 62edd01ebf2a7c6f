"""The same row has the same bytes by the log as by a SELECT, for every type at its edges."""
import itertools
import random
import uuid

import pytest

from harness.mysql_servers import MariaDb
from torture import columns, keys, names, texts
from torture.builder import Builder, Sql

from . import dump

PARTS = {"columns": columns.build, "keys": keys.build, "texts": texts.build, "names": names.build}


def same_cells(server, database, build, options=()):
    """Builds a database, reads its rows, deletes them, and finds them in the log's before-images."""
    server.execute(f"DROP DATABASE IF EXISTS {database}")
    with Builder(server, database) as builder:
        for option in options:
            builder.run(option)
        build(builder)
        url = server.url(database)
        snapshot = dump.Snapshot(url)
        for (table,) in server.execute(f"SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = '{database}' "
                                       "AND TABLE_TYPE = 'BASE TABLE'"):
            builder.run("DELETE FROM `" + table.replace("`", "``") + "`")
    assert sum(snapshot.rows.values()) > 0
    told = dump.deleted(dump.follow(url, snapshot.position))
    found = dump.differences(told, snapshot.rows)
    assert not found, "the log and the snapshot differ:\n" + found


@pytest.fixture(scope="module")
def mariadb_full(workspace):
    """Tells names and labels in its log; packs and checks it."""
    server = MariaDb(workspace / "mariadb-full", options=["--binlog-row-metadata=FULL", "--log-bin-compress=ON",
                                                          "--binlog-checksum=CRC32"]).start()
    yield server
    server.close()


def build_texts_of_3_bytes(builder):
    """Without row metadata the catalog tells ENUM labels, and that has '?' for what has no three bytes of UTF-8."""
    before = dict(texts.SAMPLES)
    try:
        for charset, samples in before.items():
            texts.SAMPLES[charset] = [text.replace("\U0001d11e", "ä").replace("և", "") for text in samples]
        texts.build(builder)
    finally:
        texts.SAMPLES.update(before)


@pytest.mark.parametrize("part", PARTS)
def test_mariadb(mariadb, part):
    same_cells(mariadb, f"cells_{part}", build_texts_of_3_bytes if part == "texts" else PARTS[part])


@pytest.mark.parametrize("part", PARTS)
def test_mariadb_with_row_metadata(mariadb_full, part):
    same_cells(mariadb_full, f"cells_{part}", PARTS[part])


def test_a_label_that_the_catalog_cannot_show_stops(mariadb):
    mariadb.execute("DROP DATABASE IF EXISTS cells_label", "CREATE DATABASE cells_label CHARACTER SET utf8mb4",
                    "CREATE TABLE cells_label.t (id INT PRIMARY KEY, e ENUM('a', '\U0001d11e'))")
    position = dump.head(mariadb.url("cells_label"))
    mariadb.execute("INSERT INTO cells_label.t VALUES (1, 'a')")
    dump.follow(mariadb.url("cells_label"), position)
    mariadb.execute("INSERT INTO cells_label.t VALUES (2, 2)")
    with pytest.raises(dump.DumpFailed, match="binlog_row_metadata") as stop:
        dump.follow(mariadb.url("cells_label"), position)
    assert stop.value.code == 4


def build_mariadb_only(b: Builder):
    rng = random.Random(7)
    ids = [uuid.UUID(int=rng.getrandbits(128)) for _ in range(300)]
    ids += [uuid.UUID(bytes=bytes([5] * 6 + [high, 5, variant] + [5] * 7))
            for high, variant in itertools.product(range(0, 256, 8), range(0, 256, 16))]
    b.values("uuids", "uuid", [str(each) for each in ids])
    for kind in ("varchar(200)", "text", "mediumtext", "varbinary(300)", "blob"):
        b.values(f"packed {kind}", f"{kind} COMPRESSED", ["", "x", "short", "x" * 200, "ab" * 90, "ä" * 100])
    b.values("packed latin1", "varchar(300) COMPRESSED CHARACTER SET latin1", ["", "ä", "ä" * 250])
    b.run("SET GLOBAL mysql56_temporal_format = OFF")
    try:
        b.run("FLUSH TABLES")
        for digits in range(7):
            fraction = "." + "987654"[:digits] if digits else ""
            b.values(f"old_datetime_{digits}", f"datetime({digits})", [
                "0000-00-00 00:00:00", "2020-02-03 04:05:06" + fraction, "9999-12-31 23:59:59" + fraction, "1000-01-01 00:00:00", "2021-02-31 01:02:03" + fraction])
            b.values(f"old_timestamp_{digits}", f"timestamp({digits}) NULL", [
                "0000-00-00 00:00:00", "1970-01-01 00:00:01" + fraction, "2038-01-19 03:14:07" + fraction, "2020-06-01 12:00:00"])
            b.values(f"old_time_{digits}", f"time({digits})", [
                "00:00:00", "-00:00:00" + fraction, "838:59:59" + fraction, "-838:59:59" + fraction, "12:34:56" + fraction, "-01:00:00"])
    finally:
        b.run("SET GLOBAL mysql56_temporal_format = ON")
    b.values("first second", "timestamp(6) NULL", [Sql("'1970-01-01 00:00:00.5'"), Sql("FROM_UNIXTIME(0.25)")])


def test_mariadb_only(mariadb):
    same_cells(mariadb, "cells_mariadb", build_mariadb_only)


def build_for_both(b: Builder):
    b.values("zero decimal", "decimal(5,2)", [Sql("-0.001"), Sql("-0.00"), Sql("0")])
    b.values("times", "time(3)", ["-00:00:00.001", "-00:00:01", "-00:59:59.999", "00:00:00.5"])
    b.values("reals", "double", [float(f"{sign}{digits}e{power}") for sign in ("", "-") for digits in ("1", "1.5", "123456789012345678")
                                 for power in range(-20, 20)])
    b.values("singles", "float", [Sql(f"{digits}e{power}") for digits in ("1", "1.5", "1.2345678", "9.9999999") for power in range(-20, 20)])
    b.values("years", "year", [0, 1901, 2155, 2000])


def test_mariadb_numbers(mariadb):
    same_cells(mariadb, "cells_both", build_for_both)


def test_mysql56_numbers(mysql56):
    same_cells(mysql56, "cells_both", build_for_both)


@pytest.mark.parametrize("part", PARTS)
def test_mysql56(mysql56, part):
    same_cells(mysql56, f"cells_{part}", build_texts_of_3_bytes if part == "texts" else PARTS[part])
