"""Makes tables and fills them, in a session that lets everything pass that the server can store."""

# Zero dates, 31 February and cut values are what is to be tested, so the server must not refuse them.
LENIENT = "ALLOW_INVALID_DATES,NO_AUTO_VALUE_ON_ZERO"


class Builder:
    """One database of the torture source; used as a context manager."""

    def __init__(self, server, database: str):
        self.server, self.database = server, database
        self.is_mariadb = "mariadb" in server.execute("SELECT VERSION()")[0][0].lower()
        server.execute(f"CREATE DATABASE `{database}` CHARACTER SET utf8mb4")
        self._connection = server.connect(database, max_allowed_packet=64 << 20)
        self._cursor = self._connection.cursor()
        self.run(f"SET SESSION sql_mode = '{LENIENT}', time_zone = '+00:00'")
        self.run("SET SESSION innodb_strict_mode = OFF")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._connection.close()

    def run(self, sql: str, args=None):
        self._cursor.execute(sql, args)

    def insert(self, table: str, rows):
        """Rows of one length; an Sql cell stands as it is, all else is bound."""
        for row in rows:
            marks, bound = [], []
            for cell in row:
                if isinstance(cell, Sql):
                    marks.append(cell.text.replace("%", "%%"))
                else:
                    marks.append("%s")
                    bound.append(cell)
            self.run(f"INSERT INTO {quote(table).replace('%', '%%')} VALUES ({', '.join(marks)})", bound)

    def table(self, name: str, columns: str, rows=(), options: str = ""):
        self.run(f"CREATE TABLE {quote(name)} ({columns}) {options}")
        self.insert(name, rows)

    def values(self, name: str, declaration: str, values, key="INT NOT NULL"):
        """A table with a number as key and one column `v` of the declared type, a row per value and one NULL."""
        self.table(name, f"id {key}, v {declaration}, PRIMARY KEY (id)",
                   [(i, v) for i, v in enumerate([*values, None])])


class Sql:
    """A piece of SQL in place of a bound value."""

    def __init__(self, text: str):
        self.text = text


def quote(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"
