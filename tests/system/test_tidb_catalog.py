"""What can be said of tidb:// without TiDB."""
from harness.starlift import CHECK_FAILED

from .catalog_support import check


def test_another_server_is_named(mariadb, database, sandbox, scratch):
    mariadb.execute("CREATE TABLE t (id INT PRIMARY KEY)", database=database)
    check(mariadb.url(database).replace("mysql://", "tidb://"), sandbox, scratch).expect(
        CHECK_FAILED, "server-is-not-tidb", "use mariadb://")
