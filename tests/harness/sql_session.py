"""What every server of the tests that speaks MySQL's protocol can do."""


class SqlSession:
    """For classes with connect(database)."""

    def execute(self, *statements, database=None):
        """Runs the statements in one session and returns the rows of the last."""
        connection = self.connect(database)
        try:
            rows = ()
            with connection.cursor() as cursor:
                for statement in statements:
                    cursor.execute(statement)
                    rows = cursor.fetchall()
            return rows
        finally:
            connection.close()
