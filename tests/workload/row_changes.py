"""Statements that change rows, drawn for a table as it is now."""
import random

from .columns import BIG
from .tables import Table, draw_row

# Whether rows that no key tells apart are updated and deleted, too.
KEYLESS_EDITS = True


def draw_change(dice: random.Random, table: Table) -> str:
    if not table.identity:
        edits = 15 if KEYLESS_EDITS else 0
        return dice.choices([insert, copy_rows, update_equal_rows, delete_equal_rows], weights=[60, 10, edits, edits])[0](dice, table)
    kinds = [(insert, 25), (insert_or_update, 12), (replace, 10), (update, 25), (delete, 12), (change_key, 8), (big_row, 2)]
    if table.column(table.identity[0]).kind.name == "key_int":
        kinds.append((shift_keys, 6))
    return dice.choices([k for k, _ in kinds], weights=[w for _, w in kinds])[0](dice, table)


def insert(dice, table, rows=None):
    columns = table.writable()
    if dice.random() < 0.2:  # the rest gets its default
        left_out = {c.name for c in table.values() if dice.random() < 0.5}
        columns = [c for c in columns if c.name not in left_out] or columns
    rows = rows or dice.choice([1, 1, 2, 5, 30])
    return _insert("INSERT IGNORE INTO" if table.identity else "INSERT INTO", dice, table, columns, rows)


def insert_or_update(dice, table):
    values = table.values()
    if not values:
        return insert(dice, table)
    column = dice.choice(values)
    return f"{_insert('INSERT INTO', dice, table, table.writable(), 3)} ON DUPLICATE KEY UPDATE `{column.name}` = VALUES(`{column.name}`)"


def replace(dice, table):
    return _insert("REPLACE INTO", dice, table, table.writable(), dice.choice([1, 4]))


def update(dice, table):
    values = table.values()
    if not values:
        return delete(dice, table)
    columns = dice.sample(values, min(len(values), dice.choice([1, 1, 2, 5])))
    sets = ", ".join(f"`{c.name}` = {_cell(dice, c)}" for c in columns)
    return f"UPDATE IGNORE {table.path} SET {sets} WHERE {_near(dice, table)} LIMIT {dice.choice([1, 5, 40])}"


def delete(dice, table):
    return f"DELETE FROM {table.path} WHERE {_near(dice, table)} LIMIT {dice.choice([1, 1, 5, 20])}"


def change_key(dice, table):
    name = dice.choice(table.identity)
    return f"UPDATE IGNORE {table.path} SET `{name}` = {table.column(name).kind.draw(dice)} WHERE {_near(dice, table)} LIMIT {dice.choice([1, 1, 3])}"


def shift_keys(dice, table):
    """Each row takes the key that its neighbour gives up in the same statement."""
    name = table.identity[0]
    first = dice.randrange(300)
    step, order = dice.choice([(1, "DESC"), (-1, "ASC"), (7, "DESC")])
    return (f"UPDATE IGNORE {table.path} SET `{name}` = `{name}` + {step} WHERE `{name}` BETWEEN {first} AND {first + 20} "
            f"ORDER BY `{name}` {order}")


def big_row(dice, table):
    """Rows of up to some MB: all columns that can carry it are filled at once."""
    big = [c for c in table.values() if c.kind.name in BIG]
    if not big:
        return update(dice, table)
    sets = []
    for column in big:
        size = dice.choice([70_000, BIG[column.kind.name] - dice.randrange(2)])
        sets.append(f"`{column.name}` = REPEAT('{dice.choice('xyz')}', {size})")
    return f"UPDATE IGNORE {table.path} SET {', '.join(sets)} WHERE {_near(dice, table)} LIMIT 1"


def copy_rows(dice, table):
    """Rows that are equal to others, which nothing tells apart but their number."""
    names = ", ".join(f"`{c.name}`" for c in table.writable())
    return f"INSERT INTO {table.path} ({names}) SELECT {names} FROM {table.path} LIMIT {dice.choice([1, 3, 50])}"


def update_equal_rows(dice, table):
    column = dice.choice(table.writable())
    return f"UPDATE {table.path} SET `{column.name}` = {_cell(dice, column)} LIMIT {dice.choice([1, 2, 10])}"


def delete_equal_rows(dice, table):
    return f"DELETE FROM {table.path} LIMIT {dice.choice([1, 2, 10])}"


def _insert(words, dice, table, columns, rows):
    names = ", ".join(f"`{c.name}`" for c in columns)
    return f"{words} {table.path} ({names}) VALUES {', '.join(draw_row(dice, table, columns) for _ in range(rows))}"


def _cell(dice, column):
    return "NULL" if "NOT NULL" not in column.tail and dice.random() < 0.2 else column.kind.draw(dice)


def _near(dice, table):
    """A condition that some rows may meet."""
    column = table.column(table.identity[0])
    return f"`{column.name}` {dice.choice(['=', '=', '>=', '<'])} {column.kind.draw(dice)}"
