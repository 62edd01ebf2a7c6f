"""The kinds of column that the workload makes, each with values at its edges, as SQL."""
import random
import string
from dataclasses import dataclass

MIB = 1 << 20
# What a text and a binary column may hold at the target: docs/reference/types-mysql.md.
LONGEST_TEXT, LONGEST_BYTES = MIB, MIB // 2

WORDS = ["", "x", "value", "trailing  ", " leading", "\\N", "NULL", "a\tb", "line\nbreak", "back\\slash", "it's", '"quoted"', "ä€", "😀👩‍👩‍👧", "𝄞",
         "nul\0inside", "\x01\x02", ",;|", "日本語", "0", "-1.50"]


def quoted(text: str) -> str:
    """A text literal as both servers read it with any sql_mode but NO_BACKSLASH_ESCAPES."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'").replace("\0", "\\0") + "'"


def hexed(data: bytes) -> str:
    return f"x'{data.hex()}'"


def _integer(bits, unsigned=False):
    low, high = (0, 2 ** bits - 1) if unsigned else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
    return lambda dice: str(dice.choice([low, high, 0, 1, dice.randint(low, high), dice.randrange(100)]))


def _decimal(precision, scale):
    def draw(dice):
        digits = "".join(dice.choices(string.digits, k=precision))
        whole, fraction = digits[:precision - scale], digits[precision - scale:]
        number = f"{dice.choice(['', '-'])}{whole}.{fraction}" if scale else whole
        return dice.choice(["0", "1.5" if scale else "1", number])
    return draw


def _text(longest, characters=None):
    def draw(dice):
        word = dice.choice(WORDS)
        if characters is not None:
            word = "".join(c for c in word if c in characters) or "é"
        if dice.random() < 0.1:
            word = (word or "y") * longest
        return quoted(word[:longest])
    return draw


def _bytes(longest):
    def draw(dice):
        data = dice.choice([b"", b"\0", b"\xff\xfe", b"\\N", b"ends in nul\0\0", dice.randbytes(dice.randint(1, 40))])
        return hexed(data[:longest])
    return draw


def _day(dice):
    return f"{dice.choice([1000, 1582, 1970, 2024, 9999]):04}-{dice.randint(1, 12):02}-{dice.randint(1, 28):02}"


def _clock(dice, digits):
    fraction = "." + "".join(dice.choices(string.digits, k=digits)) if digits else ""
    return f"{dice.randrange(24):02}:{dice.randrange(60):02}:{dice.randrange(60):02}{fraction}"


def _date(dice):
    return quoted(dice.choice(["0000-00-00", "2024-02-29", _day(dice), _day(dice)]))


def _datetime(digits):
    return lambda dice: quoted(dice.choice(["0000-00-00 00:00:00", "9999-12-31 23:59:59"] + [f"{_day(dice)} {_clock(dice, digits)}"] * 3))


def _timestamp(digits):
    return lambda dice: quoted(dice.choice(["0000-00-00 00:00:00", "2038-01-19 03:14:07", f"20{dice.randrange(0, 37):02}-06-15 {_clock(dice, digits)}"]))


def _time(digits):
    return lambda dice: quoted(dice.choice(["-838:59:59", "838:59:59", "00:00:00", f"{dice.choice(['', '-'])}{_clock(dice, digits)}"]))


def _one_of(*values):
    return lambda dice: dice.choice(values)


def _json(dice):
    return quoted(dice.choice(["{}", "null", "[1, 2.5, \"x\"]", '{"a": {"b": [true, null]}, "ä": "😀"}', '"\\\\N"', "17", '{"z": 1, "a": 2}',
                               '{"n": %d}' % dice.randrange(10 ** 12)]))


def _point(dice):
    return f"GeomFromText('POINT({dice.randint(-99, 99)} {dice.randrange(1000) / 8})')"


def _uuid(dice):
    return quoted("%08x-0000-4000-8000-%012x" % (dice.getrandbits(32), dice.getrandbits(48)))


@dataclass(frozen=True)
class Kind:
    """One declaration and how its values are drawn."""

    name: str
    declared: str
    draw: object
    mariadb_only: bool = False


KINDS = {kind.name: kind for kind in [
    Kind("tinyint", "TINYINT", _integer(8)), Kind("bool", "BOOL", _integer(7)), Kind("smallint", "SMALLINT UNSIGNED", _integer(16, True)),
    Kind("mediumint", "MEDIUMINT", _integer(24)), Kind("int", "INT", _integer(32)), Kind("int_unsigned", "INT UNSIGNED", _integer(32, True)),
    Kind("bigint", "BIGINT", _integer(64)), Kind("bigint_unsigned", "BIGINT UNSIGNED", _integer(64, True)),
    Kind("decimal", "DECIMAL(12,3)", _decimal(12, 3)), Kind("decimal_38", "DECIMAL(38,10)", _decimal(38, 10)), Kind("decimal_wide", "DECIMAL(50,5)", _decimal(50, 5)),
    Kind("float", "FLOAT", _one_of("0", "0.1", "-1.5", "16777217", "1e-7", "3.4e38")), Kind("double", "DOUBLE", _one_of("0", "0.1", "1/3e0", "-2.5e-10", "1e22", "1.7e308")),
    Kind("bit_5", "BIT(5)", _integer(5, True)), Kind("bit_64", "BIT(64)", _integer(64, True)), Kind("year", "YEAR", _one_of("0", "1901", "2024", "2155")),
    Kind("date", "DATE", _date), Kind("datetime", "DATETIME", _datetime(0)), Kind("datetime_6", "DATETIME(6)", _datetime(6)),
    Kind("timestamp", "TIMESTAMP NULL DEFAULT NULL", _timestamp(0)), Kind("timestamp_3", "TIMESTAMP(3) NULL DEFAULT NULL", _timestamp(3)),
    Kind("time", "TIME", _time(0)), Kind("time_6", "TIME(6)", _time(6)),
    Kind("char", "CHAR(20)", _text(20)), Kind("varchar", "VARCHAR(60)", _text(60)), Kind("varchar_ci", "VARCHAR(80) COLLATE utf8mb4_general_ci", _text(80)),
    Kind("varchar_latin1", "VARCHAR(40) CHARACTER SET latin1", _text(40, string.printable + "éÿß")),
    Kind("tinytext", "TINYTEXT", _text(60)), Kind("text", "TEXT", _text(8000)), Kind("mediumtext", "MEDIUMTEXT", _text(3000)), Kind("longtext", "LONGTEXT", _text(3000)),
    Kind("binary", "BINARY(16)", _bytes(16)), Kind("varbinary", "VARBINARY(200)", _bytes(200)), Kind("blob", "BLOB", _bytes(5000)),
    Kind("mediumblob", "MEDIUMBLOB", _bytes(5000)), Kind("enum", "ENUM('a','b, c','d''e','','ä☃')", _one_of("'a'", "'b, c'", "'d\\'e'", "''", "'ä☃'")),
    Kind("set", "SET('x','y','ä')", _one_of("''", "'x'", "'x,y'", "'x,y,ä'")), Kind("point", "POINT", _point),
    Kind("json", "JSON", _json, mariadb_only=True), Kind("uuid", "UUID", _uuid, mariadb_only=True),
    Kind("inet6", "INET6", _one_of("'::'", "'2001:db8::ff00:42:8329'", "'::ffff:192.0.2.1'"), mariadb_only=True),
]}

# Columns that can carry rows of several MB together, and the bytes that one value may have.
BIG = {"mediumtext": LONGEST_TEXT, "longtext": LONGEST_TEXT, "mediumblob": LONGEST_BYTES}

# Type → types that a MODIFY may make of it: wider ones, narrower ones, and others that convert every value.
BECOMES = {
    "tinyint": ["int", "bigint", "varchar"], "smallint": ["int_unsigned", "bigint"], "mediumint": ["bigint", "tinyint"], "int": ["bigint", "varchar", "int_unsigned"],
    "bigint": ["int", "varchar"], "int_unsigned": ["bigint_unsigned", "int"], "decimal": ["decimal_38", "varchar", "double"], "decimal_38": ["decimal_wide"],
    "float": ["double"], "char": ["varchar", "text"], "varchar": ["varchar_ci", "text", "mediumtext"], "varchar_latin1": ["varchar", "text"],
    "tinytext": ["text", "mediumtext"], "text": ["mediumtext"], "binary": ["varbinary"], "varbinary": ["blob"], "blob": ["mediumblob"],
    "date": ["datetime", "datetime_6"], "datetime": ["datetime_6"], "datetime_6": ["datetime"], "time": ["time_6"], "enum": ["varchar"],
}


def _key_integer(dice):
    return str(dice.randrange(300))


def _key_text(dice):
    return quoted(dice.choice(["k", "K", "ä", "Ä", "😀", "", "q'"]) + str(dice.randrange(120)) + dice.choice(["", "", " "]))


# Kinds that may identify a row; few values, so that writers meet.
KEY_KINDS = {kind.name: kind for kind in [
    Kind("key_int", "INT", _key_integer), Kind("key_bigint", "BIGINT UNSIGNED", lambda dice: str(2 ** 64 - 1 - dice.randrange(300))),
    Kind("key_text_ci", "VARCHAR(20) COLLATE utf8mb4_general_ci", _key_text), Kind("key_text_bin", "VARCHAR(20) COLLATE utf8mb4_bin", _key_text),
    Kind("key_char", "CHAR(12)", _key_text), Kind("key_binary", "BINARY(4)", lambda dice: hexed(dice.randrange(300).to_bytes(4, dice.choice(["big", "little"])))),
    Kind("key_decimal", "DECIMAL(8,2)", lambda dice: f"{dice.randrange(-300, 300) / 4:.2f}"),
    Kind("key_datetime", "DATETIME(6)", lambda dice: quoted(f"2024-01-{dice.randint(1, 9):02} 00:00:{dice.randrange(60):02}.{dice.randrange(5):06}")),
    Kind("key_enum", "ENUM('z','m','a','x','q','b','ä')", _one_of(*(f"'{c}'" for c in "zmaxqbä"))),
]}


def draw_kind(dice: random.Random, mariadb: bool) -> Kind:
    return dice.choice([kind for kind in KINDS.values() if mariadb or not kind.mariadb_only])
