"""Structure and checks of PostgreSQL, against a real server."""
import pytest

from harness.postgres_server import Postgres
from harness.starlift import CHECK_FAILED, UNREACHABLE, USAGE, starlift

from .catalog_support import check, column_line, ddl

SCHEMA = """
CREATE DATABASE shop;
\\c shop
CREATE TYPE mood AS ENUM ('ok', 'bad', 'terrible');
CREATE TYPE pair AS (a INT, b TEXT);
CREATE DOMAIN posint AS INT CHECK (VALUE > 0);
CREATE DOMAIN code AS posint NOT NULL;
CREATE TABLE kinds (
  id BIGSERIAL PRIMARY KEY, m mood NOT NULL DEFAULT 'ok', p pair, tags TEXT[], price NUMERIC(12,3) DEFAULT 0,
  free NUMERIC, down NUMERIC(5,-2), c code DEFAULT 5, at TIMESTAMPTZ(3) DEFAULT now(), doc JSONB DEFAULT '{}',
  b BYTEA, u UUID, net INET, bits BIT(4), nr INT GENERATED ALWAYS AS IDENTITY, twice INT GENERATED ALWAYS AS (id * 2) STORED,
  gone INT);
ALTER TABLE kinds DROP COLUMN gone;
COMMENT ON TABLE kinds IS 'all "kinds" of it''s';
COMMENT ON COLUMN kinds.price IS 'in €';
CREATE TABLE log (at TIMESTAMP NOT NULL, who TEXT) PARTITION BY RANGE (at);
CREATE TABLE log_2024 PARTITION OF log FOR VALUES FROM ('2024-01-01') TO ('2025-01-01') PARTITION BY LIST (who);
CREATE TABLE log_2024_a PARTITION OF log_2024 FOR VALUES IN ('a');
CREATE TABLE log_2025 PARTITION OF log FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE SCHEMA "Odd Schema";
CREATE TABLE "Odd Schema"."Häßlich ""Q""-x" ("Ä b" INT NOT NULL, "select" TEXT, code VARCHAR(9) NOT NULL, UNIQUE ("Ä b"));
CREATE UNIQUE INDEX part ON "Odd Schema"."Häßlich ""Q""-x" (code) WHERE code <> '';
CREATE TABLE child (PRIMARY KEY (id)) INHERITS (kinds);
CREATE VIEW v AS SELECT 1 AS one;
CREATE MATERIALIZED VIEW mv AS SELECT 1 AS one;
CREATE UNLOGGED TABLE fast (k INT PRIMARY KEY) ;
CREATE TABLE keyless (a INT, b TEXT);
CREATE TABLE fk_only (kind BIGINT NOT NULL REFERENCES kinds (id));
CREATE ROLE reader LOGIN PASSWORD 'it''s @ll';
GRANT SELECT ON kinds, log TO reader;
CREATE TABLE hidden (id INT PRIMARY KEY);
ALTER TABLE hidden ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON hidden TO reader;
"""


@pytest.fixture(scope="module")
def postgres(workspace):
    server = Postgres(workspace / "postgres").start()
    server.execute(SCHEMA)
    yield server
    server.close()


def test_types_defaults_and_keys(postgres, sandbox, scratch):
    tables = ddl(postgres.url("shop"), sandbox, scratch, "--tables", "shop.public.kinds")
    kinds = tables["kinds"]
    assert "PRIMARY KEY (`id`)" in kinds.replace("PRIMARY KEY(", "PRIMARY KEY (")
    assert column_line(kinds, "id").startswith("`id` BIGINT NOT NULL")
    assert column_line(kinds, "m").startswith('`m` VARCHAR(32) NOT NULL DEFAULT "ok"')
    assert column_line(kinds, "p").startswith("`p` JSON NULL")
    assert column_line(kinds, "tags").startswith("`tags` JSON NULL")
    assert "DECIMAL(12, 3)" in column_line(kinds, "price").replace("12,3", "12, 3")
    assert 'COMMENT "in €"' in column_line(kinds, "price")
    assert "VARCHAR(1048576)" in column_line(kinds, "free")
    assert "7" in column_line(kinds, "down") and "DECIMAL" in column_line(kinds, "down")
    assert column_line(kinds, "c").startswith("`c` INT NOT NULL")
    assert "DATETIME" in column_line(kinds, "at")
    assert column_line(kinds, "b").startswith("`b` VARBINARY")
    assert "gone" not in kinds
    assert 'all \\"kinds\\" of it' in kinds


def test_partitions_belong_to_their_root_and_odd_names_stay(postgres, sandbox, scratch):
    tables = ddl(postgres.url("shop"), sandbox, scratch)
    assert set(tables) >= {"kinds", "log", "child", "fast", "keyless", "fk_only", "hidden"}
    assert not any(name.startswith("log_2") or name in ("v", "mv") for name in tables)
    odd = next(text for name, text in tables.items() if "lich" in name)
    # The unique constraint is the key; the partial index is none.
    assert "PRIMARY KEY" in odd and odd.index("`Ä b`") < odd.index("`select`")
    # A foreign key is no key.
    assert "PRIMARY KEY" not in tables["fk_only"] and "PRIMARY KEY" not in tables["keyless"]


def test_check_says_what_the_log_needs(postgres, sandbox, scratch):
    run = check(postgres.url("shop"), sandbox, scratch).expect(
        CHECK_FAILED, "rows-not-read-yet", "wal-level-not-logical", "ALTER SYSTEM SET wal_level = 'logical'",
        "table-not-logged", 'ALTER TABLE "public"."fast" SET LOGGED;', "replica-identity-missing",
        'ALTER TABLE "public"."keyless" REPLICA IDENTITY FULL;', "replica-identity-not-full")
    assert "replication-connection-refused" not in run.out


def test_check_of_a_user_with_few_rights(postgres, sandbox, scratch):
    check(postgres.url("shop", "reader", "it%27s%20%40ll"), sandbox, scratch).expect(
        CHECK_FAILED, "select-not-granted", 'GRANT USAGE ON SCHEMA "Odd Schema" TO "reader"', "replication-not-granted",
        'ALTER ROLE "reader" REPLICATION;', "row-security-hides-rows", 'ALTER ROLE "reader" BYPASSRLS;')


def test_a_logical_server_has_nothing_to_say_of_its_log(workspace, sandbox, scratch):
    server = Postgres(workspace / "postgres-logical", "wal_level=logical").start()
    try:
        server.execute("CREATE TABLE t (id INT PRIMARY KEY); ALTER TABLE t REPLICA IDENTITY FULL;")
        run = check(server.url("postgres"), sandbox, scratch).expect(CHECK_FAILED, "rows-not-read-yet")
        for code in ("wal-level", "replica-identity", "replication-", "wal-sender", "slot"):
            assert f"[{code}" not in run.out, run
    finally:
        server.close()


def test_all_databases_where_none_is_named(postgres, sandbox, scratch):
    postgres.execute("CREATE DATABASE \"other_db\";")
    postgres.execute("CREATE TABLE elsewhere (id INT PRIMARY KEY);", database="other_db")
    assert {"elsewhere", "kinds"} <= set(ddl(postgres.url(), sandbox, scratch))


def test_sync_refuses_before_it_makes_anything(postgres, sandbox, scratch):
    starlift("sync", postgres.url("shop"), sandbox.url(), "--home", scratch, "--tables", "shop.public.kinds").expect(
        CHECK_FAILED, "rows of PostgreSQL can't be read yet")
    assert "shop" not in {row[0] for row in sandbox.execute("SHOW DATABASES")}


@pytest.mark.parametrize("url, code, words", [
    ("postgres://reader:wrong@127.0.0.1:{port}/shop", None, ("password authentication failed", "28P01")),
    ("postgres://postgres@127.0.0.1:{port}/nowhere", None, ("3D000",)),
    ("postgres://postgres@127.0.0.1:{port}/shop?sslmod=require", USAGE, ("did you mean 'sslmode'",)),
    ("postgres://postgres@127.0.0.1:1/shop", UNREACHABLE, ("127.0.0.1:1",)),
])
def test_one_clear_error(postgres, sandbox, scratch, url, code, words):
    run = check(url.format(port=postgres.port), sandbox, scratch)
    assert run.code == code if code else run.code != 0, run
    for word in words:
        assert word in run.err + run.out, run
    assert "wrong@" not in run.err + run.out
