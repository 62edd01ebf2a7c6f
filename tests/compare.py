#!/usr/bin/env python3
"""Says whether a StarRocks target holds exactly what a MySQL or MariaDB source holds.

  compare.py mysql://root@127.0.0.1:3306/shop starrocks://root@127.0.0.1:9030/shop [options]

What must be in the target is worked out here from the source's own catalog and values, by the rules that
docs/reference/types-mysql.md states. Nothing is shared with Starlift: other language, other client, other code.
Every cell counts. Rows are compared as a multiset, so that a row that came twice or not at all is found in
tables without a key too; memory stays small unless they differ.

Exit status: 0 equal, 1 different, 2 the comparison itself failed.
"""
import argparse
import collections
import hashlib
import json
import re
import struct
import sys
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from urllib.parse import unquote, urlsplit

import pymysql
import pymysql.cursors

SYSTEM_DATABASES = {"mysql", "sys", "performance_schema", "information_schema", "_statistics_", "_starlift", "starrocks_audit_db__"}
MAX_TEXT = 1048576
INTEGERS = {"tinyint", "smallint", "mediumint", "int", "bigint"}
TEXTS = {"tinytext", "text", "mediumtext", "longtext"}
BLOBS = {"tinyblob", "blob", "mediumblob", "longblob"}
GEOMETRIES = {"geometry", "point", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon",
              "geometrycollection", "geomcollection"}


# ---------------------------------------------------------------- what the source has
@dataclass
class Column:
    name: str
    kind: str           # DATA_TYPE; "json" also for MariaDB's alias, which is a checked LONGTEXT
    declared: str       # COLUMN_TYPE
    length: int         # characters
    precision: int
    scale: int
    nullable: bool
    unsigned: bool
    key_position: int = 0  # 1-based in the key that the target's table has, 0 outside


@dataclass
class Table:
    database: str
    name: str
    columns: list = field(default_factory=list)
    keyless: bool = True

    def __str__(self):
        return f"`{self.database}`.`{self.name}`"


def connect(url, charset="utf8mb4", **options):
    u = urlsplit(url)
    return pymysql.connect(
        host=u.hostname, port=u.port, user=unquote(u.username or "root"), password=unquote(u.password or ""),
        database=None, charset=charset, use_unicode=False, conv={}, autocommit=True,
        read_timeout=600, **options)


def url_database(url):
    return unquote(urlsplit(url).path.lstrip("/"))


def quote(name):
    return "`" + name.replace("`", "``") + "`"


def rows_of(connection, sql, args=None):
    with connection.cursor() as cursor:
        cursor.execute(sql, args)
        return [[None if cell is None else cell.decode() for cell in row] for row in cursor.fetchall()]


def escaped(connection, text):
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def read_catalog(source, wanted):
    """Base tables that wanted(database, table) takes, with columns and the key that identifies rows."""
    tables = {}
    for database, name in rows_of(source, "SELECT table_schema, table_name FROM information_schema.tables "
                                          "WHERE table_type = 'BASE TABLE' ORDER BY 1, 2"):
        if database not in SYSTEM_DATABASES and wanted(database, name):
            tables[database, name] = Table(database, name)
    databases = sorted({database for database, _ in tables})
    json_alias = set()
    for database in databases:
        here = escaped(source, database)
        try:
            for name, constraint, clause in rows_of(
                    source, "SELECT table_name, constraint_name, check_clause FROM "
                            f"information_schema.check_constraints WHERE constraint_schema = {here}"):
                if clause.lower() == f"json_valid({quote(constraint)})".lower():
                    json_alias.add((database, name, constraint))
        except pymysql.err.Error:
            pass  # MySQL: a JSON column says so itself
        for name, column, kind, declared, length, precision, scale, nullable in rows_of(
                source, "SELECT table_name, column_name, data_type, column_type, character_maximum_length, "
                        "COALESCE(numeric_precision, datetime_precision), numeric_scale, is_nullable FROM "
                        f"information_schema.columns WHERE table_schema = {here} ORDER BY table_name, ordinal_position"):
            table = tables.get((database, name))
            if table is None:
                continue
            if (database, name, column) in json_alias and kind == "longtext":
                kind = "json"
            table.columns.append(Column(column, kind.lower(), declared.lower(), int(length or 0), int(precision or 0),
                                        int(scale or 0), nullable == "YES", "unsigned" in declared.lower()))
        keys = collections.defaultdict(lambda: collections.defaultdict(list))
        for name, index, column, nullable, prefix in rows_of(
                source, "SELECT table_name, index_name, column_name, nullable, sub_part FROM information_schema.statistics "
                        f"WHERE table_schema = {here} AND non_unique = 0 ORDER BY table_name, index_name, seq_in_index"):
            keys[name][index].append((column, nullable == "YES", prefix is not None))
        for name, indexes in keys.items():
            table = tables.get((database, name))
            if table is not None:
                _choose_key(table, indexes)
    return list(tables.values())


def _choose_key(table, indexes):
    """The primary key, else the NOT NULL unique key of fewest columns, then by name; none over prefixes of values."""
    by_name = {c.name: c for c in table.columns}
    candidates = []
    for index, parts in sorted(indexes.items()):
        if all(not null and not prefix and c in by_name and by_name[c].kind not in (*TEXTS, *BLOBS, *GEOMETRIES, "json")
               for c, null, prefix in parts):
            candidates.append((index != "PRIMARY", len(parts), index, [c for c, _, _ in parts]))
    if not candidates:
        return
    key = min(candidates)[-1]
    if any(by_name[c].kind in ("float", "double") for c in key):
        return  # no key at the target can be a float
    for position, name in enumerate(key, 1):
        by_name[name].key_position = position
    table.keyless = False


# ---------------------------------------------------------------- what the target must declare
def expected_types(column: Column, is_key: bool, may_be_text: bool):
    """The types, as DESC prints them, that the column may have at the target. Lengths: see below."""
    kind = column.kind
    wider = {"tinyint": "smallint", "smallint": "int", "mediumint": "int", "int": "bigint", "bigint": "largeint"}
    if kind in INTEGERS:
        types = {wider[kind]} if column.unsigned else {"int" if kind == "mediumint" else kind}
    elif kind in ("float", "double"):
        types = {kind}
    elif kind == "decimal":
        types = {"varchar"} if is_key or column.precision > 38 else {f"decimal({column.precision},{column.scale})"}
    elif kind == "bit":
        types = {"largeint" if column.precision == 64 else "bigint"}
    elif kind == "year":
        types = {"smallint"}
    elif kind == "date":
        types = {"date"}
    elif kind in ("datetime", "timestamp"):
        types = {"datetime"}
    elif kind in ("binary", "varbinary") or kind in BLOBS:
        types = {"varchar"} if is_key else {"varbinary"}
    elif kind == "json":
        types = {"json"}
    else:  # text, enum, set, time, geometry, uuid, inet4, inet6
        types = {"varchar"}
    return types | ({"varchar"} if may_be_text else set())


WIDER = (["tinyint", "smallint", "int", "bigint", "largeint"], ["float", "double"], ["date", "datetime"])


def or_wider(types):
    """With all types that hold every value of one of these: what a column may have that was wider once."""
    return types.union(*(ladder[ladder.index(t):] for ladder in WIDER for t in types if t in ladder))


def expected_bytes(column: Column):
    """The VARCHAR length where the rules state one, else None."""
    if column.kind in ("char", "varchar"):
        return min(max(4 * column.length, 1), MAX_TEXT)
    if column.kind in TEXTS:
        return MAX_TEXT
    return 18 if column.kind == "time" else None


def plain_type(text):
    """`varchar(20)` → (varchar, 20); decimal keeps its digits."""
    text = text.lower().replace(" ", "")
    if text.startswith("decimal"):
        return re.sub(r"^decimal(32|64|128|v3)?", "decimal", text), None
    match = re.fullmatch(r"([a-z]+)(?:\((\d+)\))?", text)
    return (match[1], int(match[2]) if match[2] else None) if match else (text, None)


# ---------------------------------------------------------------- values in one form
def integer(b):
    return int(b)


def float_bits(b):
    value = float(b)
    return struct.pack("<f", 0.0 if value == 0 else value)


def double_bits(b):
    value = float(b)
    return struct.pack("<d", 0.0 if value == 0 else value)


def exact_decimal(b):
    value = Decimal(b.decode())
    return (-value if value == 0 and value.is_signed() else value).as_tuple()


def date_or_null(b):
    """None for what is no day: zero dates, 31 February."""
    year, month, day = int(b[0:4]), int(b[5:7]), int(b[8:10])
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    days = [31, 29 if leap else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    return b[:10] if 1 <= month <= 12 and 1 <= day <= days[month - 1] else None


def moment_or_null(b):
    day = date_or_null(b)
    if day is None:
        return None
    clock = b[11:] or b"00:00:00"
    whole, _, fraction = clock.partition(b".")
    return day + b" " + whole + b"." + fraction.ljust(6, b"0")


def bit_number(b):
    return int.from_bytes(b, "big")


def json_form(b):
    def plain(v):
        if isinstance(v, dict):
            return {k: plain(x) for k, x in v.items()}
        if isinstance(v, list):
            return [plain(x) for x in v]
        if isinstance(v, float) and v == int(v) and abs(v) < 2 ** 63:
            return int(v)
        return v
    return json.dumps(plain(json.loads(b)), sort_keys=True)


_WKT_TOKEN = re.compile(r"[A-Za-z]+|[-+]?\d+(?:\.\d*)?(?:[eE][-+]?\d+)?|[(),;=]")


def wkt_form(b):
    """Words in upper case, numbers as numbers, blanks gone. MULTIPOINT's inner brackets are optional in WKT."""
    tokens, brackets, word = [], [], ""
    for token in _WKT_TOKEN.findall(b.decode()):
        if token == "(":
            inner = bool(brackets) and brackets[-1] == "MULTIPOINT"
            brackets.append("inner" if inner else word)
            word = ""
            if inner:
                continue
        elif token == ")":
            if brackets and brackets.pop() == "inner":
                continue
        elif token[0].isalpha():
            token = word = token.upper()
        elif token not in (",", ";", "="):
            token = repr(float(token) + 0.0)
        tokens.append(token)
    return " ".join(tokens)


def same(b):
    return b


def readers(column: Column, target_type: str):
    """(source form, target form): two functions that make equal values equal and others not."""
    kind = column.kind
    as_text = target_type == "varchar"
    if kind in INTEGERS or kind == "year":
        return integer, integer
    if kind == "float":
        return float_bits, float_bits
    if kind == "double":
        return double_bits, double_bits
    if kind == "decimal":
        # In text the scale is part of the value: 1.50 is not 1.5.
        return (lambda b: exact_decimal(b)), (lambda b: exact_decimal(b))
    if kind == "bit":
        return bit_number, integer
    if kind == "date":
        return date_or_null, date_or_null
    if kind in ("datetime", "timestamp"):
        return moment_or_null, moment_or_null
    if kind in ("binary", "varbinary") or kind in BLOBS:
        return ((lambda b: b.hex().encode()), same) if as_text else (same, same)
    if kind == "json":
        return json_form, json_form
    if kind in GEOMETRIES:
        return wkt_form, wkt_form
    return same, same


def source_expression(column: Column):
    """How the column is read exactly: FLOAT's own text shows six digits only."""
    name = quote(column.name)
    if column.kind == "float":
        return f"{name} + 0e0"
    if column.kind in GEOMETRIES:
        return f"IF(ST_SRID({name}) = 0, ST_AsText({name}), CONCAT('SRID=', ST_SRID({name}), ';', ST_AsText({name})))"
    return name


# ---------------------------------------------------------------- comparing
class Comparison:
    """Compares table by table; `differences` holds what was found, as text for people."""

    def __init__(self, source_url, target_url, rename=None, target_database=None, skip_columns=(), show=10, widened=False):
        """widened: tables may have been altered since they were made, and keep the wider of a column's types."""
        self.source_url, self.target_url = source_url, target_url
        self.rename = rename or {}
        self.target_database = target_database
        self.skip_columns = set(skip_columns)
        self.show = show
        self.widened = widened
        self.differences = []
        self.rows = 0
        self.tables = 0
        self.source = connect(source_url)
        self.target = connect(target_url)
        with self.source.cursor() as cursor:
            cursor.execute("SET SESSION time_zone = '+00:00', net_write_timeout = 600, sql_mode = ''")

    def close(self):
        self.source.close()
        self.target.close()

    def landing(self, table: Table):
        """(database, table) at the target."""
        given = self.rename.get((table.database, table.name))
        return given or (self.target_database or table.database, table.name)

    def say(self, text):
        self.differences.append(text)

    def run(self, wanted, exact=False, progress=None):
        tables = read_catalog(self.source, wanted)
        for number, table in enumerate(tables, 1):
            if progress:
                progress(number, len(tables), table)
            self.compare_table(table)
        if exact:
            self.compare_names(tables)
        return not self.differences

    def compare_names(self, tables):
        """The target holds the mapped tables and nothing else."""
        wanted = {self.landing(t) for t in tables}
        for database in sorted({d for d, _ in wanted}):
            there = {name for (name,) in rows_of(self.target, f"SHOW TABLES FROM {quote(database)}")}
            for extra in sorted(there - {t for d, t in wanted if d == database}):
                self.say(f"target has a table that the source does not: `{database}`.`{extra}`")

    def compare_table(self, table: Table):
        self.tables += 1
        database, name = self.landing(table)
        at_target = f"{quote(database)}.{quote(name)}"
        try:
            described = rows_of(self.target, f"DESC {at_target}")
        except pymysql.err.Error as error:
            return self.say(f"{table}: not at the target as {at_target}: {error}")
        columns = [c for c in table.columns if c.name not in self.skip_columns]
        target_columns = {row[0]: row for row in described}
        if len(described) != len(columns) or {c.name for c in columns} != set(target_columns):
            return self.say(f"{table}: columns are {sorted(target_columns)}, not {sorted(c.name for c in columns)}")
        self._compare_types(table, columns, described, target_columns)
        plan = []
        for column in columns:
            plan.append(readers(column, plain_type(target_columns[column.name][1])[0]))
        select = ", ".join(source_expression(c) for c in columns)
        from_source = f"SELECT {select} FROM {quote(table.database)}.{quote(table.name)}"
        from_target = f"SELECT {', '.join(quote(c.name) for c in columns)} FROM {at_target}"
        forms = [p[0] for p in plan], [p[1] for p in plan]
        there, source_count = self._sum(self.source, from_source, forms[0], table, "source")
        here, target_count = self._sum(self.target, from_target, forms[1], table, "target")
        self.rows += source_count
        if there != here:
            if source_count != target_count:
                self.say(f"{table}: {source_count} rows at the source, {target_count} at the target")
            self._explain(table, columns, from_source, from_target, forms)

    def _compare_types(self, table, columns, described, target_columns):
        first = described[0][0]
        for column in columns:
            field_name, declared, nullable, is_key = target_columns[column.name][:4]
            got, length = plain_type(declared)
            key = column.key_position > 0
            wanted = expected_types(column, key, may_be_text=table.keyless and column.name == first)
            if self.widened:
                wanted = or_wider(wanted)
            if got not in wanted:
                self.say(f"{table}.`{column.name}`: {column.declared} became {declared}, not {' or '.join(sorted(wanted))}")
            elif got == "varchar" and expected_bytes(column) and not key and (
                    length < expected_bytes(column) if self.widened else length != expected_bytes(column)):
                self.say(f"{table}.`{column.name}`: {column.declared} became {declared}, not varchar({expected_bytes(column)})")
            if key != (is_key.lower() in ("true", "yes")) and not table.keyless:
                self.say(f"{table}.`{column.name}`: is {'' if not key else 'not '}a key column at the target")
            if column.nullable and nullable.upper() == "NO":
                self.say(f"{table}.`{column.name}`: may be NULL at the source, NOT NULL at the target")
        if not table.keyless:
            wanted_order = [c.name for c in sorted((c for c in columns if c.key_position), key=lambda c: c.key_position)]
            got_order = [row[0] for row in described if row[3].lower() in ("true", "yes")]
            if got_order != wanted_order:
                self.say(f"{table}: key columns are {got_order}, not {wanted_order}")

    def _stream(self, connection, sql, forms, table, side):
        cursor = connection.cursor(pymysql.cursors.SSCursor)
        try:
            cursor.execute(sql)
            while True:
                batch = cursor.fetchmany(1000)
                if not batch:
                    return
                for row in batch:
                    cells = []
                    for form, cell in zip(forms, row):
                        try:
                            cells.append(None if cell is None else form(cell))
                        except (ValueError, InvalidOperation, UnicodeDecodeError, OverflowError) as error:
                            cells.append(("unreadable", side, bytes(cell)[:100], str(error)))
                    yield cells
        finally:
            cursor.close()

    def _sum(self, connection, sql, forms, table, side):
        total, count = 0, 0
        for cells in self._stream(connection, sql, forms, table, side):
            total = (total + _digest(cells)) % (1 << 128)
            count += 1
        return (total, count), count

    def _explain(self, table, columns, from_source, from_target, forms):
        """Which rows differ, and in which cells where a key says which belong together."""
        balance = collections.Counter()
        for cells in self._stream(self.source, from_source, forms[0], table, "source"):
            balance[_digest(cells)] += 1
        for cells in self._stream(self.target, from_target, forms[1], table, "target"):
            balance[_digest(cells)] -= 1
        odd = {digest: n for digest, n in balance.items() if n}
        if not odd:
            return self.say(f"{table}: differed at first, equal when read again: something still writes")
        key = [i for i, c in enumerate(columns) if c.key_position]
        sides = {}
        for side, connection, sql, form in (("source", self.source, from_source, forms[0]),
                                            ("target", self.target, from_target, forms[1])):
            for cells in self._stream(connection, sql, form, table, side):
                digest = _digest(cells)
                n = odd.get(digest, 0)
                if n > 0 and side == "source" or n < 0 and side == "target":
                    identity = tuple(repr(cells[i]) for i in key) if key else digest
                    sides.setdefault(identity, {})[side] = (cells, abs(n))
        shown = 0
        for identity, found in sides.items():
            if shown == self.show:
                self.say(f"{table}: … {len(sides) - shown} differing rows more")
                break
            shown += 1
            label = ", ".join(identity) if key else ""
            if "source" in found and "target" in found:
                for column, a, b in zip(columns, found["source"][0], found["target"][0]):
                    if a != b:
                        self.say(f"{table} row ({label}) `{column.name}` ({column.declared}): source {_short(a)}, target {_short(b)}")
            else:
                side = "source" if "source" in found else "target"
                cells, n = found[side]
                self.say(f"{table}: only at the {side}, {n} time(s) more: ({', '.join(_short(c) for c in cells[:12])})")


def _digest(cells):
    h = hashlib.blake2b(digest_size=16)
    for cell in cells:
        if cell is None:
            h.update(b"N")
            continue
        data = cell if isinstance(cell, bytes) else repr(cell).encode()
        h.update(b"V%d:" % len(data))
        h.update(data)
    return int.from_bytes(h.digest(), "little")


def _short(value):
    text = repr(value)
    return text if len(text) <= 120 else f"{text[:100]}… ({len(text)} characters)"


def compare(source_url, target_url, databases=None, tables=None, exact=True, **options):
    """For tests: the list of differences, empty when equal. `tables`: regex on `database.table` or `table`."""
    pattern = re.compile(tables) if tables else None
    comparison = Comparison(source_url, target_url, **options)
    try:
        def wanted(database, name):
            if databases is not None and database not in databases:
                return False
            return pattern is None or bool(pattern.fullmatch(name) or pattern.fullmatch(f"{database}.{name}"))
        comparison.run(wanted, exact=exact)
        return comparison.differences
    finally:
        comparison.close()


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("source")
    p.add_argument("target")
    p.add_argument("--tables", default="", help="regex on `table` or `database.table`, anchored")
    p.add_argument("--rename", action="append", default=[], metavar="DB.TABLE=DB.TABLE")
    p.add_argument("--skip-column", action="append", default=[], help="a column that was left out on purpose")
    p.add_argument("--exact", action="store_true", help="the target databases hold no other table")
    p.add_argument("--show", type=int, default=10, help="differing rows shown per table")
    p.add_argument("--quiet", action="store_true")
    args = p.parse_args()
    rename = {}
    for rule in args.rename:
        a, b = rule.split("=")
        rename[tuple(a.split(".", 1))] = tuple(b.split(".", 1))
    only = url_database(args.source)
    pattern = re.compile(args.tables) if args.tables else None

    def wanted(database, name):
        if only and database != only:
            return False
        return pattern is None or bool(pattern.fullmatch(name) or pattern.fullmatch(f"{database}.{name}"))

    comparison = Comparison(args.source, args.target, rename, url_database(args.target) or None, args.skip_column, args.show)

    def progress(number, total, table):
        if not args.quiet and sys.stderr.isatty():
            print(f"\r\033[K{number}/{total} {table}", end="", file=sys.stderr, flush=True)

    equal = comparison.run(wanted, args.exact, progress)
    if not args.quiet and sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr)
    for line in comparison.differences:
        print(line)
    print(f"{'equal' if equal else 'DIFFERENT'}: {comparison.tables} tables, {comparison.rows} rows, "
          f"{len(comparison.differences)} differences")
    return 0 if equal else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (pymysql.err.Error, OSError) as error:
        print(f"compare.py: {error}", file=sys.stderr)
        sys.exit(2)
