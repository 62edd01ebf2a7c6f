"""What the workload knows of the source's tables: enough to write statements that mostly succeed."""
import random
import threading
from dataclasses import dataclass, field, replace

from .columns import KEY_KINDS, KINDS, Kind, draw_kind


@dataclass(frozen=True)
class Column:
    name: str
    kind: Kind
    tail: str = ""          # NOT NULL, DEFAULT …
    computed: bool = False  # the server fills it

    def __str__(self):
        return f"`{self.name}` {self.kind.declared} {self.tail}".rstrip()


@dataclass(frozen=True)
class Table:
    """One definition. Never changed in place: a schema change puts another one into the Schema."""

    database: str
    name: str
    columns: tuple
    key: tuple = ()             # names of the primary key's columns
    unique: tuple = ()          # of a UNIQUE key over NOT NULL columns instead
    clauses: tuple = field(default=(), compare=False)

    @property
    def path(self):
        return f"`{self.database}`.`{self.name}`"

    @property
    def identity(self):
        return self.key or self.unique

    def column(self, name):
        return next(c for c in self.columns if c.name == name)

    def values(self):
        """Columns outside the key that a statement may write."""
        return [c for c in self.columns if c.name not in self.identity and not c.computed]

    def writable(self):
        return [c for c in self.columns if not c.computed]

    def create(self) -> str:
        parts = [str(c) for c in self.columns]
        for word, names in (("PRIMARY KEY", self.key), ("UNIQUE KEY", self.unique)):
            if names:
                parts.append(f"{word} ({', '.join(f'`{n}`' for n in names)})")
        return f"CREATE TABLE {self.path} ({', '.join(parts)})"


class Schema:
    """All tables of the source as they are now. May be used by many threads."""

    def __init__(self):
        self._lock = threading.Lock()
        self._tables = {}

    def put(self, table: Table, instead_of: Table = None):
        with self._lock:
            if instead_of is not None:
                self._tables.pop((instead_of.database, instead_of.name), None)
            self._tables[table.database, table.name] = table

    def remove(self, table: Table):
        with self._lock:
            self._tables.pop((table.database, table.name), None)

    def all(self):
        with self._lock:
            return sorted(self._tables.values(), key=lambda t: (t.database, t.name))

    def any(self, dice: random.Random, wanted=lambda table: True):
        """A table drawn from those that `wanted` takes, or None."""
        tables = [t for t in self.all() if wanted(t)]
        return dice.choice(tables) if tables else None


class NameMaker:
    """Names that no other table or column of the run has had."""

    def __init__(self):
        self._lock = threading.Lock()
        self._next = 0

    def __call__(self, prefix):
        with self._lock:
            self._next += 1
            return f"{prefix}{self._next}"


def draw_table(dice: random.Random, database: str, name: str, mariadb: bool) -> Table:
    """Two in three have a primary key, some a unique key in its place, some none at all."""
    form = dice.choices(["int", "any", "composite", "unique", "keyless"], weights=[30, 25, 15, 8, 22])[0]
    keys = []
    if form == "int":
        keys = [KEY_KINDS["key_int"]]
    elif form in ("any", "unique"):
        keys = [dice.choice(list(KEY_KINDS.values()))]
    elif form == "composite":
        keys = dice.sample(list(KEY_KINDS.values()), 2)
    columns = [Column(f"k{i}", kind, "NOT NULL") for i, kind in enumerate(keys)]
    for number in range(dice.randint(1, 8)):
        columns.append(Column(f"c{number}", draw_kind(dice, mariadb)))
    plain = [c for c in columns if c.kind.name.startswith(("varchar", "varbinary", "int", "bigint", "key_int", "date"))]
    if mariadb and plain and dice.random() < 0.3:
        column = dice.choice(plain)
        columns.append(computed_column("made", column, dice.choice(["VIRTUAL", "STORED"])))
    dice.shuffle(columns)
    names = tuple(f"k{i}" for i in range(len(keys)))
    return Table(database, name, tuple(columns), key=() if form == "unique" else names, unique=names if form == "unique" else ())


def computed_column(name, of: Column, how) -> Column:
    """A length where no session's setting may change it, as MariaDB wants it of generated columns."""
    expression = f"LENGTH(`{of.name}`)" if of.kind.name.startswith(("varchar", "varbinary")) else f"`{of.name}` IS NULL"
    return Column(name, replace(KINDS["int"], declared=f"INT AS ({expression}) {how}"), computed=True)


def draw_row(dice: random.Random, table: Table, columns) -> str:
    """A parenthesised row of SQL literals for these columns."""
    cells = []
    for column in columns:
        may_be_null = column.name not in table.identity and "NOT NULL" not in column.tail
        cells.append("NULL" if may_be_null and dice.random() < 0.15 else column.kind.draw(dice))
    return f"({', '.join(cells)})"
