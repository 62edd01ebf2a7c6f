"""External tables, resources and catalogs that `starlift smt` writes: the sandbox takes, keeps, shows and drops them."""
import pymysql
import pytest

from harness.postgres_server import Postgres
from system.smt_support import FIXTURES, make_mysql_schemas, read_file
from system.test_smt import Folder, config, create

DRIVER = "external.properties.driver_url = http://jars.example/driver.jar"


@pytest.fixture
def folder(scratch):
    return Folder(scratch / "smt")


@pytest.fixture(scope="module")
def schemas(mariadb):
    make_mysql_schemas(mariadb)
    return mariadb


@pytest.fixture(scope="module")
def postgres(workspace):
    server = Postgres(workspace / "external-postgres").start()
    server.execute((FIXTURES / "pg.sql").read_text())
    yield server
    server.close()


def refusal(sandbox, statement):
    with pytest.raises(pymysql.MySQLError) as error:
        sandbox.execute(statement)
    return error.value.args[1]


# With --compat types_db has what StarRocks refuses: the default 10:20:30 of a DATETIME.
@pytest.mark.parametrize("form, databases, tables", [([], ["shop", "types_db"], 26), (["--compat"], ["shop"], 9)])
def test_every_external_table_of_mysql_is_made(schemas, sandbox, folder, form, databases, tables):
    folder.write(config(schemas, password="", database=f"^({'|'.join(databases)})$"))
    folder.run("--output", folder.result, *form)
    file = folder.result / "starrocks-external-create.all.sql"
    create(sandbox, file)
    written = [s for s in read_file(file) if s.is_table]
    made = [row[0] for database in databases for row in sandbox.execute(f"SHOW TABLES FROM mysql_external_{database}")]
    assert len(written) == len(made) == tables
    kinds = sandbox.execute("SELECT table_type, engine, table_rows FROM information_schema.tables WHERE table_schema = 'mysql_external_shop'")
    assert set(kinds) == {("BASE TABLE", "MySQL", 0)}


def test_an_external_table_is_shown_and_never_read(schemas, sandbox, folder):
    schemas.execute("CREATE OR REPLACE USER ext@'%' IDENTIFIED BY 'hush\"1'", "GRANT ALL ON *.* TO ext@'%'")
    folder.write(config(schemas, user="ext", password='hush"1', database="^shop$", table="^customer$"))
    folder.run()
    create(sandbox, folder.result / "starrocks-external-create.1.sql")
    shown = sandbox.execute("SHOW CREATE TABLE mysql_external_shop.customer")[0][1]
    assert shown.startswith("CREATE EXTERNAL TABLE `customer` (\n  `id` int(11) NOT NULL COMMENT \"\",\n  `email` varchar(65533) NOT NULL"), shown
    assert shown.endswith(f') ENGINE=MYSQL \nCOMMENT "people who buy"\nPROPERTIES (\n"host" = "127.0.0.1",\n"port" = "{schemas.port}",\n'
                          '"user" = "ext",\n"password" = "",\n"database" = "shop",\n"table" = "customer"\n);'), shown
    assert [row[0] for row in sandbox.execute("DESC mysql_external_shop.customer")][:2] == ["id", "email"]
    assert "does not connect" in refusal(sandbox, "SELECT count(*) FROM mysql_external_shop.customer")
    assert "does not connect" in refusal(sandbox, "INSERT INTO mysql_external_shop.customer (id) VALUES (1)")
    assert "non-native table" in refusal(sandbox, "ALTER TABLE mysql_external_shop.customer ADD COLUMN x INT")
    # Its name is free again at once, and nothing of it is in the way of the database's end.
    sandbox.execute("DROP TABLE mysql_external_shop.customer")
    create(sandbox, folder.result / "starrocks-external-create.1.sql")
    sandbox.execute("DROP DATABASE mysql_external_shop FORCE")


def test_they_outlive_a_restart(schemas, sandbox, folder):
    folder.write(config(schemas, database="^shop$", more=DRIVER))
    folder.run("--external-catalog")
    create(sandbox, folder.result / "starrocks-external-catalog.sql")
    folder.run()
    create(sandbox, folder.result / "starrocks-external-create.1.sql")
    tables = sandbox.execute("SHOW TABLES FROM mysql_external_shop")
    catalogs = sandbox.execute("SHOW CATALOGS")
    sandbox.kill()
    sandbox.start()
    assert sandbox.execute("SHOW TABLES FROM mysql_external_shop") == tables
    assert sandbox.execute("SHOW CATALOGS") == catalogs


def test_a_catalog_of_mysql(schemas, sandbox, folder):
    folder.write(config(schemas, password="", database="^shop$", more=DRIVER))
    run = folder.run("--external-catalog")
    assert "leaves open" not in run.err
    assert not list(folder.result.glob("starrocks-external-create.*"))
    create(sandbox, folder.result / "starrocks-external-catalog.sql")
    assert ("mysql_external", "jdbc", None) in sandbox.execute("SHOW CATALOGS")
    shown = sandbox.execute("SHOW CREATE CATALOG mysql_external")[0][1]
    assert f'"jdbc_uri"  =  "jdbc:mysql://127.0.0.1:{schemas.port}"' in shown and '"password"  =  "******"' in shown, shown
    assert "already exists" in refusal(sandbox, (folder.result / "starrocks-external-catalog.sql").read_text())
    for statement in ("SELECT * FROM mysql_external.shop.customer", "SET CATALOG mysql_external", "USE mysql_external.shop",
                      "SHOW DATABASES FROM mysql_external"):
        assert "does not connect" in refusal(sandbox, statement), statement
    sandbox.execute("DROP CATALOG mysql_external")
    assert "Unknown catalog" in refusal(sandbox, "SHOW CREATE CATALOG mysql_external")


def test_a_catalog_for_each_database_of_postgres(postgres, sandbox, folder):
    """PostgreSQL's driver connects to one database."""
    text = config(postgres, database="^(crm|region_1)$", user="postgres", more=f"schema = .*\n{DRIVER}")
    folder.write(text.replace("type = mysql", "type = pgsql"))
    folder.run("--external-catalog")
    create(sandbox, folder.result / "starrocks-external-catalog.sql")
    assert [row[0] for row in sandbox.execute("SHOW CATALOGS")] == ["default_catalog", "pgsql_external_crm", "pgsql_external_region_1"]
    assert f'"jdbc:postgresql://127.0.0.1:{postgres.port}/crm"' in sandbox.execute("SHOW CREATE CATALOG pgsql_external_crm")[0][1]


def test_a_driver_that_nobody_named_is_said(schemas, sandbox, folder):
    folder.write(config(schemas, database="^shop$"))
    folder.run("--external-catalog", words=["leaves open where StarRocks finds the JDBC driver", "external.properties.driver_url"])
    assert "Cannot get driver from url" in refusal(sandbox, (folder.result / "starrocks-external-catalog.sql").read_text())


def test_hive_by_its_resource(sandbox):
    """The statements of a Hive source, in the forms of the tool and of its successor."""
    sandbox.execute("CREATE DATABASE hive_external_shop")
    table = ('CREATE EXTERNAL TABLE `hive_external_shop`.`orders` (`id` BIGINT NULL COMMENT "", `day` DATE NULL COMMENT "") ENGINE=hive\n'
             'COMMENT "x" PROPERTIES ("resource" = "hive_external_resource", "database" = "shop", "table" = "orders")')
    assert "hive resource [hive_external_resource] not exists" in refusal(sandbox, table)
    resource = 'CREATE EXTERNAL RESOURCE "hive_external_resource"\nPROPERTIES ("type" = "hive", "hive.metastore.uris" = "thrift://hs2.example:9083")'
    sandbox.execute(resource)
    assert "already exist" in refusal(sandbox, resource)
    sandbox.execute(table)
    assert sandbox.execute("SHOW RESOURCES") == (("hive_external_resource", "hive", "hive.metastore.uris", "thrift://hs2.example:9083"),
                                                  ("hive_external_resource", "hive", "type", "hive"))
    assert "ENGINE=HIVE" in sandbox.execute("SHOW CREATE TABLE hive_external_shop.orders")[0][1]
    sandbox.execute('DROP RESOURCE "hive_external_resource"')
    assert "does not exist" in refusal(sandbox, 'DROP RESOURCE "hive_external_resource"')
