"""Short words for what most system tests do."""
import compare as judge
from harness.starlift import OK, Run, starlift


def sync(mariadb, sandbox, database, home, *options, target_database="", timeout=120, env=None) -> Run:
    """`starlift sync` of one source database, with its own home."""
    return starlift("sync", mariadb.url(database), sandbox.url(target_database), "--home", home, *options, timeout=timeout, env=env)


def differences(mariadb, sandbox, *databases, **options):
    """What compare.py finds between the two, for these source databases."""
    return judge.compare(mariadb.url(), sandbox.url(), databases=set(databases), **options)


def assert_equal(mariadb, sandbox, *databases, **options):
    found = differences(mariadb, sandbox, *databases, **options)
    assert not found, "source and target differ:\n" + "\n".join(found)


def sync_and_compare(mariadb, sandbox, database, home, *options, timeout=120) -> Run:
    run = sync(mariadb, sandbox, database, home, *options, timeout=timeout).expect(OK)
    assert_equal(mariadb, sandbox, database)
    return run


def tables_of(server, database):
    return sorted(row[0] for row in server.execute(f"SHOW TABLES FROM `{database}`"))


def databases_of(sandbox):
    return {row[0] for row in sandbox.execute("SHOW DATABASES")}


def fill_numbers(mariadb, database, table="t", rows=1000, extra="v VARCHAR(50)"):
    """A table `id`, `v` of so many rows."""
    mariadb.execute(
        f"CREATE TABLE {table} (id INT PRIMARY KEY, {extra})",
        f"INSERT INTO {table} SELECT seq, CONCAT('value ', seq) FROM seq_1_to_{rows}", database=database)
