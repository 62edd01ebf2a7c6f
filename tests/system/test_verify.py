"""`starlift verify`: equal is called equal, each seeded fault is found, --fix leaves none."""
import json
import random

import pytest

from harness.starlift import DATA_DIFFERS, OK, USAGE, starlift
from torture import columns, keys, names, texts
from torture.builder import Builder

from .support import assert_equal, fill_numbers, sync

FULL = ("--phases", "structure,full")


def load(mariadb, sandbox, database, home, *options):
    sync(mariadb, sandbox, database, home, *FULL, *options, timeout=300).expect(OK)


def verify(mariadb, sandbox, database, home, *options, timeout=120):
    return starlift("verify", mariadb.url(database), sandbox.url(), "--home", home, *options, timeout=timeout)


def report_of(run, path):
    report = json.loads(path.read_text())
    return {table["target"].split("`")[3]: table for table in report["tables"]}, report


# ---------------------------------------------------------------- equal
@pytest.mark.timeout(600)
@pytest.mark.parametrize("part", [columns, keys, names, texts], ids=lambda part: part.__name__.rsplit(".")[-1])
@pytest.mark.parametrize("how", ["auto", "none"])
def test_every_type_is_equal(mariadb, sandbox, scratch, part, how):
    database = f"verify_{part.__name__.rsplit('.')[-1]}"
    mariadb.execute(f"DROP DATABASE IF EXISTS {database}")
    with Builder(mariadb, database) as builder:
        part.build(builder)
    load(mariadb, sandbox, database, scratch / "home")
    verify(mariadb, sandbox, database, scratch / "home", "--checksum", how, "--chunk-rows", "1000", timeout=400).expect(OK, "equal")


def test_both_checksums_and_rows_say_the_same(mariadb, sandbox, database, scratch):
    fill_numbers(mariadb, database, rows=5000)
    load(mariadb, sandbox, database, scratch / "home")
    for how in ("crc32", "md5", "none"):
        verify(mariadb, sandbox, database, scratch / "home", "--checksum", how, "--chunk-rows", "700").expect(
            OK, "rows" if how == "none" else "checksums")
    sandbox.execute(f"UPDATE {database}.t SET v = 'value 4321 ' WHERE id = 4321")
    for how in ("crc32", "md5", "none"):
        verify(mariadb, sandbox, database, scratch / "home", "--checksum", how, "--chunk-rows", "700").expect(
            DATA_DIFFERS, "id = '4321'", "'value 4321'", "'value 4321 '")


# ---------------------------------------------------------------- faults
# Each: what is done to one row of the target, and how it must be reported.
FAULTS = [
    ("missing", "DELETE FROM {t} WHERE id = {id}"),
    ("extra", "INSERT INTO {t} (id, txt) VALUES ({id} + 1000000, 'extra')"),
    ("different", "UPDATE {t} SET n = n + 1 WHERE id = {id}"),                  # one bit
    ("different", "UPDATE {t} SET big = big - 1 WHERE id = {id}"),
    ("different", "UPDATE {t} SET txt = NULL WHERE id = {id}"),
    ("different", "UPDATE {t} SET empty = NULL WHERE id = {id}"),               # NULL versus empty
    ("different", "UPDATE {t} SET nothing = '' WHERE id = {id}"),
    ("different", "UPDATE {t} SET txt = concat(txt, ' ') WHERE id = {id}"),     # trailing space
    ("different", "UPDATE {t} SET txt = upper(txt) WHERE id = {id}"),           # case
    ("different", "UPDATE {t} SET emoji = '😁' WHERE id = {id}"),
    ("different", "UPDATE {t} SET amount = amount + 0.0001 WHERE id = {id}"),   # decimal scale
    ("different", "UPDATE {t} SET wide = concat(wide, '0') WHERE id = {id}"),   # 1.50 is not 1.5 in text
    ("different", "UPDATE {t} SET at = microseconds_add(at, 1) WHERE id = {id}"),
    ("different", "UPDATE {t} SET day = days_add(day, 1) WHERE id = {id}"),
    ("different", "UPDATE {t} SET raw = to_binary('00', 'hex') WHERE id = {id}"),
    ("different", "UPDATE {t} SET f = f + 0.5 WHERE id = {id}"),
    ("different", "UPDATE {t} SET doc = parse_json('{{\"x\": -1}}') WHERE id = {id}"),
]


def fill_all(mariadb, database, rows):
    mariadb.execute(
        """CREATE TABLE a (id INT PRIMARY KEY, n INT NOT NULL, big BIGINT UNSIGNED, txt VARCHAR(60), empty VARCHAR(5), nothing VARCHAR(5),
           emoji VARCHAR(20), amount DECIMAL(18,4), wide DECIMAL(50,3), at DATETIME(6), day DATE, raw VARBINARY(30))""",
        f"""INSERT INTO a SELECT seq, seq * 2, 9223372036854775807 + seq, CONCAT('text ', seq), '', NULL, '😀', seq / 7, seq / 3,
            '2024-01-01' + INTERVAL seq SECOND + INTERVAL seq % 3 MICROSECOND, '2024-01-01' + INTERVAL seq % 1000 DAY, UNHEX(MD5(seq))
            FROM seq_1_to_{rows}""",
        # The same with types that no database can be asked a checksum of.
        "CREATE TABLE b LIKE a", "ALTER TABLE b ADD f FLOAT, ADD doc JSON",
        "INSERT INTO b SELECT a.*, id / 3, JSON_OBJECT('x', id, 'a', 'b') FROM a", database=database)


def seed_faults(sandbox, database, count, rows, seed=7):
    """Does so many faults, each to a row of its own; gives what must be found per table."""
    dice = random.Random(seed)
    ids = {table: dice.sample(range(1, rows + 1), count) for table in "ab"}
    wanted = {table: {} for table in "ab"}
    for number in range(count):
        kind, statement = FAULTS[number % len(FAULTS)]
        table = "b" if "SET f =" in statement or "SET doc =" in statement else dice.choice("ab")
        row = ids[table].pop()
        sandbox.execute(statement.format(t=f"{database}.{table}", id=row))
        wanted[table][str(row + 1000000 if kind == "extra" else row)] = kind
    return wanted


def find_and_fix(mariadb, sandbox, database, scratch, count, rows):
    fill_all(mariadb, database, rows)
    load(mariadb, sandbox, database, scratch / "home")
    wanted = seed_faults(sandbox, database, count, rows)
    path = scratch / "report.json"
    found = verify(mariadb, sandbox, database, scratch / "home", "--report", path, "--shown", "10000", "--chunk-rows", "2000",
                   timeout=600).expect(DATA_DIFFERS)
    tables, _ = report_of(found, path)
    for table in "ab":
        seen = {difference["key"]["id"]: difference["kind"] for difference in tables[table]["differences"]}
        assert seen == wanted[table], found
        counts = [tables[table][kind] for kind in ("missing", "different", "extra")]
        assert counts == [list(wanted[table].values()).count(kind) for kind in ("missing", "different", "extra")]
    page = scratch / "report.html"
    fixed = verify(mariadb, sandbox, database, scratch / "home", "--fix", "--report", page, "--chunk-rows", "2000", timeout=600).expect(OK, "corrected")
    assert "Source and target are equal" in page.read_text()
    assert_equal(mariadb, sandbox, database)
    records = [json.loads(line) for file in (scratch / "home" / "corrections").iterdir() for line in file.read_text().splitlines()]
    assert len(records) == count, fixed
    for record in records:
        assert bool(record["before"]) == (record["difference"] != "missing"), record
        assert bool(record["after"]) == (record["difference"] != "extra"), record
    verify(mariadb, sandbox, database, scratch / "home").expect(OK)


@pytest.mark.timeout(300)
def test_dozens_of_faults(mariadb, sandbox, database, scratch):
    find_and_fix(mariadb, sandbox, database, scratch, count=3 * len(FAULTS), rows=6000)


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_a_thousand_faults(mariadb, sandbox, database, scratch):
    find_and_fix(mariadb, sandbox, database, scratch, count=1000, rows=60_000)


def test_the_page_shows_both_sides(mariadb, sandbox, database, scratch):
    mariadb.execute("CREATE TABLE t (id INT PRIMARY KEY, v TEXT)", "INSERT INTO t VALUES (1, '<b>bold</b>'), (2, 'x')", database=database)
    load(mariadb, sandbox, database, scratch / "home")
    sandbox.execute(f"UPDATE {database}.t SET v = 'thin' WHERE id = 1")
    page = scratch / "report.html"
    verify(mariadb, sandbox, database, scratch / "home", "--report", page).expect(DATA_DIFFERS)
    text = page.read_text()
    assert "&lt;b&gt;bold&lt;/b&gt;" in text and "thin" in text and "<b>bold" not in text
    assert "<script" not in text and "http://" not in text


# ---------------------------------------------------------------- keys and names
def test_odd_keys(mariadb, sandbox, database, scratch):
    mariadb.execute(
        "CREATE TABLE `select` (`from` INT, `group by` VARCHAR(20) CHARACTER SET latin1, v INT, PRIMARY KEY (`from`, `group by`))",
        "INSERT INTO `select` SELECT seq % 50, CONCAT('Ä', seq), seq FROM seq_1_to_2000",
        "CREATE TABLE words (w VARCHAR(30) COLLATE utf8mb4_general_ci PRIMARY KEY, v INT)",
        "INSERT INTO words SELECT CONCAT(CHAR(97 + seq % 26 USING utf8mb4), 'é ', seq), seq FROM seq_1_to_2000",
        "CREATE TABLE pairs (a INT, b DATETIME(3), c VARBINARY(8), v INT, PRIMARY KEY (a, b, c))",
        "INSERT INTO pairs SELECT seq % 7, '2024-01-01' + INTERVAL seq % 13 SECOND, UNHEX(HEX(seq)), seq FROM seq_1_to_2000",
        "CREATE TABLE money (m DECIMAL(12,3) PRIMARY KEY, v INT)", "INSERT INTO money SELECT seq / 8, seq FROM seq_1_to_500",
        "CREATE TABLE kinds (k ENUM('x','y','z'), s SET('p','q'), v INT, PRIMARY KEY (k, s))",
        "INSERT INTO kinds VALUES ('x','p',1), ('y','p,q',2), ('z','',3)", database=database)
    load(mariadb, sandbox, database, scratch / "home")
    verify(mariadb, sandbox, database, scratch / "home", "--chunk-rows", "300").expect(OK)
    here = f"{database}."
    sandbox.execute(
        f"UPDATE {here}`select` SET v = -1 WHERE `from` = 3 AND `group by` = 'Ä3'",
        f"DELETE FROM {here}words WHERE v = 17", f"INSERT INTO {here}words VALUES ('A\\'\\\\\"é 26', 1)",
        f"UPDATE {here}pairs SET v = -1 WHERE v = 100", f"DELETE FROM {here}money WHERE v = 8",
        f"INSERT INTO {here}money VALUES ('no number; --', 1)", f"UPDATE {here}kinds SET v = 9 WHERE k = 'y'")
    path = scratch / "report.json"
    run = verify(mariadb, sandbox, database, scratch / "home", "--report", path, "--chunk-rows", "300").expect(DATA_DIFFERS)
    tables, _ = report_of(run, path)
    found = {name: (t["missing"], t["different"], t["extra"]) for name, t in tables.items()}
    assert found == {"select": (0, 1, 0), "words": (1, 0, 1), "pairs": (0, 1, 0), "money": (1, 0, 1), "kinds": (0, 1, 0)}, run
    verify(mariadb, sandbox, database, scratch / "home", "--fix").expect(OK)
    assert_equal(mariadb, sandbox, database)


def test_case_of_a_key_in_a_case_insensitive_collation(mariadb, sandbox, database, scratch):
    mariadb.execute("CREATE TABLE t (k VARCHAR(10) COLLATE utf8mb4_general_ci PRIMARY KEY, v INT)", "INSERT INTO t VALUES ('a', 1), ('b', 2)", database=database)
    load(mariadb, sandbox, database, scratch / "home")
    sandbox.execute(f"DELETE FROM {database}.t WHERE k = 'a'", f"INSERT INTO {database}.t VALUES ('A', 1)")
    verify(mariadb, sandbox, database, scratch / "home").expect(DATA_DIFFERS, "missing   k = 'a'", "extra     k = 'A'")
    verify(mariadb, sandbox, database, scratch / "home", "--fix").expect(OK)
    assert_equal(mariadb, sandbox, database)


def test_tables_without_a_key(mariadb, sandbox, database, scratch):
    mariadb.execute(
        "CREATE TABLE plain (a INT, b VARCHAR(10))", "INSERT INTO plain SELECT seq % 100, IF(seq % 7 = 0, NULL, 'x') FROM seq_1_to_3000",
        "CREATE TABLE floats (a INT, d DOUBLE, j JSON)", "INSERT INTO floats SELECT seq % 10, seq % 4 / 3, JSON_ARRAY(seq % 2) FROM seq_1_to_300", database=database)
    load(mariadb, sandbox, database, scratch / "home")
    verify(mariadb, sandbox, database, scratch / "home").expect(OK)
    here = f"{database}."
    sandbox.execute(f"INSERT INTO {here}plain VALUES (5, 'x'), (5, 'x'), (1000, 'new'), (NULL, NULL)", f"DELETE FROM {here}plain WHERE a = 7",
                    f"INSERT INTO {here}floats VALUES (3, 0.1, parse_json('[0]'))")
    path = scratch / "report.json"
    run = verify(mariadb, sandbox, database, scratch / "home", "--report", path).expect(DATA_DIFFERS)
    tables, _ = report_of(run, path)
    assert (tables["plain"]["missing"], tables["plain"]["different"], tables["plain"]["extra"]) == (30, 0, 4), run
    assert (tables["floats"]["missing"], tables["floats"]["different"], tables["floats"]["extra"]) == (0, 0, 1), run
    verify(mariadb, sandbox, database, scratch / "home", "--fix").expect(OK)
    assert_equal(mariadb, sandbox, database)


def test_rules_are_applied_before_comparing(mariadb, sandbox, database, scratch):
    mariadb.execute(
        "SET SESSION sql_mode = ''",
        "CREATE TABLE people (id INT PRIMARY KEY, name VARCHAR(20), secret VARCHAR(20), ts TIMESTAMP NOT NULL DEFAULT '2020-01-01', born DATE)",
        "INSERT INTO people VALUES (1, 'ann', 's', '2024-01-01 00:00:00', '0000-00-00'), (2, NULL, 't', '2024-06-01 12:00:00', '2000-02-29')",
        "CREATE TABLE orders_0 (id INT PRIMARY KEY, v VARCHAR(10))", "INSERT INTO orders_0 SELECT 2 * seq, 'even' FROM seq_1_to_500",
        "CREATE TABLE orders_1 (id INT PRIMARY KEY, v VARCHAR(10))", "INSERT INTO orders_1 SELECT 2 * seq + 1, 'odd' FROM seq_1_to_500", database=database)
    task = scratch / "task.yaml"
    task.write_text(f"""
version: 1
source: {{url: "{mariadb.url(database)}"}}
target: {{url: "{sandbox.url('moved')}"}}
values: {{target_time_zone: "+08:00"}}
rules:
  - {{match: "orders_[0-9]", target_table: orders}}
  - {{match: people, exclude_columns: [secret], rename_columns: {{name: full_name}}}}
""")
    home = ("--home", scratch / "home")
    starlift("sync", task, *home, *FULL).expect(OK)
    starlift("verify", task, *home, "--chunk-rows", "100").expect(OK, "2 tables, 1002 rows")
    sandbox.execute("UPDATE moved.people SET ts = '2024-01-01 00:00:00' WHERE id = 1", "DELETE FROM moved.orders WHERE id = 11", "INSERT INTO moved.orders VALUES (5000, 'x')")
    starlift("verify", task, *home, "--chunk-rows", "100").expect(DATA_DIFFERS, "ts: source '2024-01-01 08:00:00', target '2024-01-01 00:00:00'", "missing   id = '11'", "extra     id = '5000'")
    starlift("verify", task, *home, "--fix").expect(OK)
    starlift("verify", task, *home, "--tables", "people").expect(OK, "1 tables")


# ---------------------------------------------------------------- the rest
def test_counts_see_only_counts(mariadb, sandbox, database, scratch):
    fill_numbers(mariadb, database, rows=100)
    load(mariadb, sandbox, database, scratch / "home")
    sandbox.execute(f"UPDATE {database}.t SET v = 'wrong' WHERE id = 1")
    verify(mariadb, sandbox, database, scratch / "home", "--counts").expect(OK, "counts")
    sandbox.execute(f"DELETE FROM {database}.t WHERE id = 1")
    verify(mariadb, sandbox, database, scratch / "home", "--counts").expect(DATA_DIFFERS, "100 / 99")
    verify(mariadb, sandbox, database, scratch / "home", "--counts", "--fix").expect(USAGE)


def test_a_sample_says_that_it_is_one(mariadb, sandbox, database, scratch):
    fill_numbers(mariadb, database, rows=5000)
    load(mariadb, sandbox, database, scratch / "home")
    verify(mariadb, sandbox, database, scratch / "home", "--sample", "30", "--chunk-rows", "100").expect(OK, "left out by --sample")


def test_a_table_that_is_not_there(mariadb, sandbox, database, scratch):
    fill_numbers(mariadb, database, rows=10)
    verify(mariadb, sandbox, database, scratch / "home").expect(DATA_DIFFERS, "not at the target")


def test_usage(scratch):
    starlift("verify", "mysql://root@127.0.0.1:1/x", "starrocks://root@127.0.0.1:1/", "--report", "report.txt").expect(USAGE, "report")
    starlift("verify", "--help").expect(OK, "--fix", "--repeat")


def test_a_difference_that_settles_does_not_count(mariadb, sandbox, database, scratch):
    """The target gets what is missing while verification waits for it."""
    import threading
    import time

    fill_numbers(mariadb, database, rows=1000)
    load(mariadb, sandbox, database, scratch / "home")
    sandbox.execute(f"DELETE FROM {database}.t WHERE id = 500")
    late = threading.Thread(target=lambda: (time.sleep(2), sandbox.execute(f"INSERT INTO {database}.t VALUES (500, 'value 500')")))
    late.start()
    try:
        verify(mariadb, sandbox, database, scratch / "home", "--settle", "5s").expect(OK, "equal")
    finally:
        late.join()


@pytest.mark.timeout(240)
def test_beside_a_running_stream(mariadb, sandbox, database, scratch):
    """Rows change all the time: no false alarm; a row that is really wrong is found nevertheless."""
    import threading
    import time

    from harness.process import wait_until
    from harness.starlift import start_starlift

    fill_numbers(mariadb, database, rows=3000)
    mariadb.execute("CREATE TABLE words (w VARCHAR(40) PRIMARY KEY, v INT)", "INSERT INTO words SELECT CONCAT('w', seq), seq FROM seq_1_to_500",
                    database=database)
    process = start_starlift("sync", mariadb.url(database), sandbox.url(), "--home", scratch / "home",
                             "--phases", "structure,full,incremental", log=scratch / "log")
    stop = threading.Event()

    def work():
        dice = random.Random(3)
        with mariadb.connect(database) as connection, connection.cursor() as cursor:
            while not stop.is_set():
                row = dice.randrange(100, 3000)
                cursor.execute(f"UPDATE t SET v = CONCAT('moved ', {dice.random()}) WHERE id BETWEEN {row} AND {row + 5}")
                cursor.execute(f"REPLACE INTO words VALUES ('w{dice.randrange(600)}', {dice.randrange(10**6)})")
                cursor.execute(f"DELETE FROM t WHERE id = {dice.randrange(2000, 3000)}")
                connection.commit()
                time.sleep(0.005)

    worker = threading.Thread(target=work)
    try:
        wait_until("the stream", lambda: '"incremental"' in starlift("status", mariadb.url(database), sandbox.url(), "--home", scratch / "home", "--json").out,
                   timeout=30)
        worker.start()
        for how in ("auto", "none"):
            verify(mariadb, sandbox, database, scratch / "home", "--checksum", how, "--chunk-rows", "500").expect(OK)
        sandbox.execute(f"UPDATE {database}.t SET v = 'wrong' WHERE id = 50", f"DELETE FROM {database}.t WHERE id = 51")
        verify(mariadb, sandbox, database, scratch / "home", "--chunk-rows", "500").expect(DATA_DIFFERS, "'wrong'", "missing   id = '51'", "2 differences")
        assert process.alive()
    finally:
        stop.set()
        if worker.is_alive():
            worker.join()
        process.close()
