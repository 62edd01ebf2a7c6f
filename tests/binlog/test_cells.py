"""The same row has the same bytes by the log as by a SELECT, for every type at its edges."""
import pytest

from harness.mysql_servers import MariaDb
from torture import columns, keys, names, texts
from torture.builder import Builder

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


@pytest.mark.parametrize("part", PARTS)
def test_mysql56(mysql56, part):
    same_cells(mysql56, f"cells_{part}", build_texts_of_3_bytes if part == "texts" else PARTS[part])
