"""Each column type at its edges."""
from .builder import Builder, Sql

INTEGERS = {"tinyint": 8, "smallint": 16, "mediumint": 24, "int": 32, "bigint": 64}
MIB = 1 << 20
# A binary value travels as hex text, of which a load's field holds 1 MiB.
LONGEST_BYTES = MIB // 2


def build(b: Builder):
    numbers(b)
    bits(b)
    times(b)
    strings(b)
    bytes_(b)
    documents(b)
    shapes(b)
    generated(b)
    if b.is_mariadb:
        addresses(b)


def numbers(b: Builder):
    for name, bits_ in INTEGERS.items():
        top = 1 << bits_
        b.values(name, name, [-top // 2, -1, 0, 1, top // 2 - 1])
        b.values(f"{name}_unsigned", f"{name} unsigned", [0, 1, top // 2 - 1, top // 2, top - 1])
        b.values(f"{name}_zerofill", f"{name}(15) zerofill", [0, 42, top - 1])
    b.values("bool", "bool", [0, 1, -1, 127])
    b.values("serial", "bigint unsigned", [0, 2 ** 63, 2 ** 64 - 1], key="SERIAL")
    b.values("float", "float", [0, Sql("-0.0e0"), 0.1, Sql("1/3e0"), 16777217, -1.5, Sql("3.402823466e38"), Sql("-3.402823466e38"),
                                Sql("1.175494351e-38"), Sql("1.4e-45"), 1e-7, 123456.789, 9.999999e9])
    b.values("float_digits", "float(9,4)", [0, 0.1, 12345.6789, -99999.9999])
    b.values("float_unsigned", "float unsigned", [0, 0.1, 1e20])
    b.values("double", "double", [0, Sql("-0.0e0"), 0.1, Sql("1/3e0"), Sql("1.7976931348623157e308"), Sql("2.2250738585072014e-308"),
                                  Sql("4.9e-324"), 1e22, 1e21, 123456789012345678, 9007199254740993, -2.5e-10, Sql("1e15"), Sql("1e17")])
    b.values("double_digits", "double(20,5)", [0, 0.1, 123456789.12345, -1.00001])
    for precision, scale in [(1, 0), (1, 1), (5, 5), (10, 2), (18, 9), (19, 4), (38, 0), (38, 10), (38, 30), (39, 0), (40, 2), (65, 0), (65, 30)]:
        nines = "9" * (precision - scale) + ("." + "9" * scale if scale else "")
        small = "0." + "0" * (scale - 1) + "1" if scale else "1"
        b.values(f"decimal_{precision}_{scale}", f"decimal({precision},{scale})",
                 [Sql("0"), Sql(nines), Sql("-" + nines), Sql(small), Sql("-" + small)])
    b.values("decimal_38_38", "decimal(38,30)", [Sql("0." + "123456789" * 3), Sql("-99999999.999999999999999999999999999999")])
    b.values("decimal_unsigned_zerofill", "decimal(12,3) unsigned zerofill", [0, Sql("1.5"), Sql("999999999.999")])


def bits(b: Builder):
    for n in (1, 2, 7, 8, 9, 16, 31, 32, 33, 63, 64):
        b.values(f"bit_{n}", f"bit({n})", [0, 1, (1 << n) - 1, 1 << (n - 1)])


def times(b: Builder):
    b.values("date", "date", ["1000-01-01", "9999-12-31", "0001-01-01", "2000-02-29", "1900-02-28", "1582-10-10",
                              "0000-00-00", "2020-00-05", "2020-05-00", "2021-02-31", "2021-04-31"])
    # NOT NULL at the source must not keep a zero date out of the target.
    b.table("date_not_null", "id INT PRIMARY KEY, d DATE NOT NULL, t DATETIME NOT NULL, s TIMESTAMP NOT NULL DEFAULT '2000-01-01 00:00:00'",
            [(1, "0000-00-00", "0000-00-00 00:00:00", "0000-00-00 00:00:00"), (2, "2020-01-02", "2020-01-02 03:04:05", "2020-01-02 03:04:05")])
    for digits in (0, 1, 3, 6):
        nines = "." + "9" * digits if digits else ""
        b.values(f"datetime_{digits}", f"datetime({digits})",
                 ["1000-01-01 00:00:00", f"9999-12-31 23:59:59{nines}", "0001-01-01 00:00:00", "2024-02-29 12:00:00" + (".1" if digits else ""),
                  "0000-00-00 00:00:00", "2020-00-05 01:02:03", "2021-02-31 10:11:12", "2021-03-28 02:30:00", "1970-01-01 00:00:00"])
        b.values(f"timestamp_{digits}", f"timestamp({digits}) NULL",
                 ["1970-01-01 00:00:01", f"2038-01-19 03:14:07{nines}", "2021-03-28 01:30:00", "2021-10-31 01:30:00", "0000-00-00 00:00:00",
                  "2000-01-01 00:00:00" + (".5" if digits else "")])
        b.values(f"time_{digits}", f"time({digits})",
                 ["-838:59:59", f"838:59:58{nines}", "838:59:59", "00:00:00", "-00:00:01", "23:59:59" + nines, "100:00:00", "-01:02:03" + nines])
    b.values("year", "year", [0, 1901, 1970, 2155, 2024])
    # Written in another zone: the same instant has to land, in UTC.
    b.table("timestamp_elsewhere", "id INT PRIMARY KEY, s TIMESTAMP(6) NULL, d DATETIME(6)")
    b.run("SET time_zone = '-07:30'")
    b.insert("timestamp_elsewhere", [(1, "2024-01-01 00:00:00.000001", "2024-01-01 00:00:00.000001"), (2, "2037-12-31 20:00:00", "2037-12-31 20:00:00")])
    b.run("SET time_zone = '+00:00'")


def strings(b: Builder):
    b.values("char_0", "char(0)", [""])
    b.values("char_255", "char(255)", ["", "x", "€" * 255, "𝄞" * 255, "trailing   ", " leading"])
    b.values("varchar_0", "varchar(0)", [""])
    b.values("varchar_1", "varchar(1)", ["", "𝄞", " "])
    b.values("varchar_16383", "varchar(16000)", ["", "x" * 16000, "𝄞" * 16000, "kept   "])
    b.values("tinytext", "tinytext", ["", "x" * 255, "𝄞" * 63])
    b.values("text", "text", ["", "x" * 65535, "\n" * 1000])
    b.values("mediumtext", "mediumtext", ["", "x" * MIB, "\u00e4" * (MIB // 2), '"' * 500000, "\\" * 500000])
    b.values("longtext", "longtext", ["", "x" * MIB, "\x01\x02" * 1000])
    b.values("enum", "enum('a', 'b, c', 'd''e', '', 'ä☃', '\\\\N', 'NULL', '\"', 'with\nnewline')",
             ["a", "b, c", "d'e", "", "ä☃", "\\N", "NULL", '"', "with\nnewline"])
    b.values("enum_invalid", "enum('a', 'b')", ["a", "not a label"])
    b.values("enum_many", "enum(" + ", ".join(f"'label {i}'" for i in range(1000)) + ")", ["label 0", "label 255", "label 256", "label 999"])
    b.values("set", "set('x', 'y', 'd''e', 'ä')", ["", "x", "x,y", "x,y,d'e,ä"])
    labels = [f"s{i}" for i in range(64)]
    b.values("set_64", "set(" + ", ".join(f"'{x}'" for x in labels) + ")", ["", "s63", "s0,s31,s32,s63", ",".join(labels)])


def bytes_(b: Builder):
    every = bytes(range(256))
    b.values("binary_1", "binary(1)", [b"\x00", b"\xff", b""])
    b.values("binary_16", "binary(16)", [b"", b"ab", every[:16], every[-16:], b"\x00" * 16, b"ends in 0\x00\x00"])
    b.values("binary_255", "binary(255)", [every[:255], b""])
    b.values("varbinary", "varbinary(300)", [b"", every, b"\\N", b"\x00", b"trailing \x00\x00", b"\n\t\r\"'"])
    b.values("tinyblob", "tinyblob", [b"", every[:255]])
    b.values("blob", "blob", [b"", every * 200, b"\xff\xfe\xfd"])
    b.values("mediumblob", "mediumblob", [b"", every * (LONGEST_BYTES // 256)])
    b.values("longblob", "longblob", [b"", b"\x00" * LONGEST_BYTES, b"\xff" * LONGEST_BYTES])


def documents(b: Builder):
    if not b.is_mariadb:
        return  # 5.6 has no JSON
    b.values("json", "json", [
        "{}", "[]", "null", "true", "false", "0", "-1", "1.5", "9223372036854775807", "-9223372036854775808", "1e300", '""', '"text"',
        '"\\u00e4\\ud834\\udd1e"', '"ä𝄞"', '"line\\nbreak \\"quoted\\" back\\\\slash \\u0001"', '{"a": null, "b": [1, 2.25, {"c": "d"}], "": ""}',
        '{"z": 1, "a": 2, "m": 3}', "[" * 30 + "]" * 30, ' { "spaced" :\t[ 1 , 2 ]\n} ', '{"key with \\"quote\\"": "\\\\N"}',
        '["' + "x" * 100000 + '"]'])


def shapes(b: Builder):
    texts = ["POINT(0 0)", "POINT(-1.5 2.25)", "POINT(1e100 -1e-100)", "POINT(0.1 0.30000000000000004)", "LINESTRING(0 0,1 1,2 0.5)",
             "POLYGON((0 0,4 0,4 4,0 4,0 0))", "POLYGON((0 0,4 0,4 4,0 4,0 0),(1 1,2 1,2 2,1 2,1 1))", "MULTIPOINT(0 0,1 1)",
             "MULTILINESTRING((0 0,1 1),(2 2,3 3,4 4))", "MULTIPOLYGON(((0 0,1 0,1 1,0 0)),((5 5,6 5,6 6,5 5)))",
             "GEOMETRYCOLLECTION(POINT(1 2),LINESTRING(0 0,1 1))"]
    from_text = "GeomFromText"
    b.values("geometry", "geometry", [Sql(f"{from_text}('{t}')") for t in texts] + [Sql(f"{from_text}('{t}', 4326)") for t in texts])
    for kind in ("point", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon", "geometrycollection"):
        b.values(kind, kind, [Sql(f"{from_text}('{t}')") for t in texts if t.startswith(kind.upper() + "(")])


def addresses(b: Builder):
    b.values("uuid", "uuid", ["00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff", "123e4567-e89b-12d3-a456-426655440000"])
    b.values("inet6", "inet6", ["::", "::1", "2001:db8::ff00:42:8329", "::ffff:192.0.2.1", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"])
    b.values("inet4", "inet4", ["0.0.0.0", "255.255.255.255", "192.0.2.1"])


def generated(b: Builder):
    if b.is_mariadb:
        b.table("generated", "id INT PRIMARY KEY, a INT, doubled INT AS (a * 2) VIRTUAL, tripled INT AS (a * 3) STORED, hidden INT INVISIBLE DEFAULT 5")
        b.run("INSERT INTO `generated` (id, a, hidden) VALUES (1, 10, 1), (2, NULL, 2), (3, -7, NULL)")
        b.table("invisible_key", "v INT, id INT NOT NULL INVISIBLE AUTO_INCREMENT, PRIMARY KEY (id)")
        b.run("INSERT INTO invisible_key (v) VALUES (1), (2), (NULL)")
    b.table("defaults", "id INT PRIMARY KEY, a INT DEFAULT 5, b VARCHAR(20) DEFAULT 'it''s \"x\"', c DATETIME DEFAULT CURRENT_TIMESTAMP, "
                        "d DECIMAL(10,2) DEFAULT 1.50, e ENUM('x','y') DEFAULT 'y', f BIT(4) DEFAULT b'1010', g VARCHAR(10) NOT NULL DEFAULT '', "
                        "h DATE DEFAULT '0000-00-00', i DOUBLE DEFAULT 1.5e10")
    b.run("INSERT INTO defaults (id) VALUES (1), (2)")
    b.table("comments", "id INT PRIMARY KEY COMMENT 'it''s \"the\" key; -- \\\\ `x`', v INT COMMENT 'ä☃\nsecond line'",
            [(1, 1)], options="COMMENT='table \"comment\", with \\'quotes\\' and \\\\ and ;'")
