"""DDL, drawn for the schema as it is now, each with what the schema is after it."""
import random
from dataclasses import dataclass, replace

from .columns import BECOMES, KEY_KINDS, KINDS, draw_kind
from .row_changes import KEYLESS_EDITS
from .tables import Column, NameMaker, Schema, Table, computed_column, draw_table


@dataclass
class SchemaChange:
    """One statement and what becomes of the schema when it succeeds."""

    statement: str
    apply: object  # called with the Schema


class Architect:
    """Draws schema changes. `most_tables` bounds how many tables CREATE may lead to."""

    def __init__(self, schema: Schema, name: NameMaker, mariadb: bool, databases, most_tables: int):
        self.schema, self.name, self.mariadb = schema, name, mariadb
        self.databases = databases
        self.most_tables = most_tables

    def draw(self, dice: random.Random):
        kinds = [(self.add_column, 20), (self.add_filled_column, 6), (self.add_required_column, 6), (self.drop_column, 10), (self.rename_column, 8),
                 (self.change_type, 14), (self.two_clauses, 5), (self.truncate, 6), (self.create, 6), (self.create_like, 2),
                 (self.drop_table, 3), (self.rename_table, 5), (self.swap_tables, 2), (self.change_key, 3), (self.without_effect, 4)]
        if self.mariadb:
            kinds.append((self.create_select, 2))
        table = self.schema.any(dice)
        if table is None:
            return self.create(dice, None)
        return dice.choices([k for k, _ in kinds], weights=[w for _, w in kinds])[0](dice, table)

    # ---------------------------------------------------------------- columns
    def add_column(self, dice, table):
        column = Column(self.name("a"), draw_kind(dice, self.mariadb))
        place = dice.choice(["", "", " FIRST", f" AFTER `{dice.choice(table.columns).name}`"])
        return self._alter(table, f"ADD COLUMN {column}{place}", columns=_placed(table.columns, column, place))

    def add_filled_column(self, dice, table):
        """Old rows get values that the log does not tell."""
        choices = [Column(self.name("a"), KINDS["int"], f"DEFAULT {dice.randrange(100)}"), Column(self.name("a"), KINDS["varchar"], "NOT NULL DEFAULT 'it''s'"),
                   Column(self.name("a"), KINDS["datetime_6"], "DEFAULT CURRENT_TIMESTAMP(6)"), Column(self.name("a"), KINDS["decimal"], "DEFAULT 1.5")]
        if self.mariadb:
            choices.append(computed_column(self.name("a"), dice.choice([c for c in table.columns if not c.computed]), "VIRTUAL"))
        column = dice.choice(choices)
        return self._alter(table, f"ADD COLUMN {column}", columns=(*table.columns, column))

    def add_required_column(self, dice, table):
        column = Column(self.name("a"), KINDS[dice.choice(["int", "varchar", "decimal", "blob", "bigint_unsigned"])], "NOT NULL")
        return self._alter(table, f"ADD COLUMN {column}", columns=(*table.columns, column))

    def drop_column(self, dice, table):
        column = self._free_column(dice, table)
        if column is None or len(table.columns) < 3:
            return self.add_column(dice, table)
        return self._alter(table, f"DROP COLUMN `{column.name}`", columns=tuple(c for c in table.columns if c != column))

    def rename_column(self, dice, table):
        column = dice.choice([c for c in table.columns if not c.computed])
        if self._computed_from(table, column):
            return self.add_column(dice, table)
        new = replace(column, name=self.name("r"))
        clause = f"RENAME COLUMN `{column.name}` TO `{new.name}`" if self.mariadb and dice.random() < 0.5 else f"CHANGE COLUMN `{column.name}` {new}"

        def names(of):
            return tuple(new.name if n == column.name else n for n in of)
        return self._alter(table, clause, columns=tuple(new if c == column else c for c in table.columns), key=names(table.key), unique=names(table.unique))

    def change_type(self, dice, table):
        columns = [c for c in table.values() if c.kind.name in BECOMES and not self._computed_from(table, c) and "DEFAULT" not in c.tail]
        if not columns:
            return self.add_column(dice, table)
        column = dice.choice(columns)
        new = replace(column, kind=KINDS[dice.choice(BECOMES[column.kind.name])])
        return self._alter(table, f"MODIFY COLUMN {new}", columns=tuple(new if c == column else c for c in table.columns))

    def two_clauses(self, dice, table):
        gone = self._free_column(dice, table)
        if gone is None or len(table.columns) < 3:
            return self.add_column(dice, table)
        column = Column(self.name("a"), draw_kind(dice, self.mariadb))
        left = tuple(c for c in table.columns if c != gone)
        return self._alter(table, f"ADD COLUMN {column} FIRST, DROP COLUMN `{gone.name}`, COMMENT = 'changed {column.name}'", columns=(column, *left))

    # ---------------------------------------------------------------- tables
    def truncate(self, dice, table):
        return SchemaChange(f"TRUNCATE TABLE {table.path}", lambda schema: None)

    def create(self, dice, _table):
        if len(self.schema.all()) >= self.most_tables:
            return self.drop_table(dice, self.schema.any(dice))
        made = draw_table(dice, dice.choice(self.databases), self.name("n"), self.mariadb)
        return SchemaChange(made.create(), lambda schema: schema.put(made))

    def create_like(self, dice, table):
        made = replace(table, name=self.name("n"))
        return SchemaChange(f"CREATE TABLE {made.path} LIKE {table.path}", lambda schema: schema.put(made))

    def create_select(self, dice, table):
        """Without a key, and with rows that the log tells behind the statement."""
        columns = tuple(replace(c, computed=False, kind=KINDS["int"] if c.computed else c.kind, tail="NOT NULL" if "NOT NULL" in c.tail else "")
                        for c in table.columns)
        made = Table(table.database, self.name("n"), columns)
        return SchemaChange(f"CREATE TABLE {made.path} SELECT * FROM {table.path}", lambda schema: schema.put(made))

    def drop_table(self, dice, table):
        if len(self.schema.all()) <= self.most_tables // 2:
            return self.add_column(dice, table)
        return SchemaChange(f"DROP TABLE {table.path}", lambda schema: schema.remove(table))

    def rename_table(self, dice, table):
        database = dice.choice(self.databases) if dice.random() < 0.3 else table.database
        made = replace(table, database=database, name=self.name("n"))
        statement = dice.choice([f"RENAME TABLE {table.path} TO {made.path}", f"ALTER TABLE {table.path} RENAME TO {made.path}"])
        return SchemaChange(statement, lambda schema: schema.put(made, instead_of=table))

    def swap_tables(self, dice, table):
        other = self.schema.any(dice, lambda t: t.database == table.database and t.name != table.name)
        if other is None:
            return self.truncate(dice, table)
        middle = f"`{table.database}`.`{self.name('swap')}`"

        def apply(schema):
            schema.put(replace(table, name=other.name))
            schema.put(replace(other, name=table.name))
        return SchemaChange(f"RENAME TABLE {table.path} TO {middle}, {other.path} TO {table.path}, {middle} TO {other.path}", apply)

    def change_key(self, dice, table):
        """Nothing that the target can alter: it is loaded anew."""
        if table.key and KEYLESS_EDITS:
            return self._alter(table, "DROP PRIMARY KEY", key=())
        if table.identity:
            return self.truncate(dice, table)
        name = self.name("k")
        column = Column(name, replace(KEY_KINDS["key_int"], declared="INT"), "NOT NULL AUTO_INCREMENT")
        return self._alter(table, f"ADD COLUMN {column} PRIMARY KEY FIRST", columns=(replace(column, tail="NOT NULL"), *table.columns), key=(name,))

    def without_effect(self, dice, table):
        indexed = dice.choice([c for c in table.columns if c.kind.name != "point"] or [None])
        clauses = [f"COMMENT = 'it''s {self.name('')}'", "ENGINE = InnoDB"]
        if indexed is not None:
            length = "(5)" if any(word in indexed.kind.declared for word in ("TEXT", "BLOB")) else ""
            clauses.append(f"ADD INDEX {self.name('i')} (`{indexed.name}`{length})")
        return self._alter(table, dice.choice(clauses))

    # ---------------------------------------------------------------- shared
    def _alter(self, table, clauses, **changes):
        after = replace(table, **changes)
        return SchemaChange(f"ALTER TABLE {table.path} {clauses}", lambda schema: schema.put(after))

    def _computed_from(self, table, column):
        return any(c.computed and f"`{column.name}`" in c.kind.declared for c in table.columns)

    def _free_column(self, dice, table):
        """One that neither a key nor another column needs."""
        columns = [c for c in table.columns if c.name not in table.identity and not self._computed_from(table, c)]
        return dice.choice(columns) if columns else None


def _placed(columns, column, place):
    if place == " FIRST":
        return (column, *columns)
    if place:
        after = place.split("`")[1]
        at = next(i for i, c in enumerate(columns) if c.name == after)
        return (*columns[:at + 1], column, *columns[at + 1:])
    return (*columns, column)

