"""Flink CDC's own parser, composer and connectors take flink-cdc-pipeline.N.yaml, and its pipeline brings rows and changes."""
import pytest

from harness.flink import run_java, running
from judges.smt_jobs import MYSQL_CHANGES, QUICK_SINK, TYPE_CHANGES, TYPE_ROWS, follow, mysql_differences
from system.smt_support import FIXTURES, make_mysql_schemas
from system.test_smt import Folder, config

pytestmark = [pytest.mark.long, pytest.mark.timeout(1200)]


@pytest.fixture
def folder(scratch):
    return Folder(scratch / "smt")


@pytest.fixture
def mysql(mysql56):
    make_mysql_schemas(mysql56)
    mysql56.execute_script(FIXTURES / "mysql-rows.sql")
    return mysql56


def test_the_composer_takes_the_pipeline(mysql, sandbox, folder):
    """Flink CDC's own parser and factories, with the document's sink options: every option must be known to them."""
    more = "flink.starrocks.sink.max-retries=10\nflink.starrocks.sink.properties.strip_outer_array=true\nflink.cdc.server-id = 5401-5404"
    folder.write(config(mysql, sandbox, database="^(shop|types_db|edu_db_[0-9]*)$", more=f"{more}\n{QUICK_SINK}"))
    folder.run("--flink-cdc", "3.2")
    said = run_java("RunPipeline", folder.result / "flink-cdc-pipeline.1.yaml", "compose-only", project="pipeline")
    assert "composed" in said, said


# What it can carry; 3.2 takes TINYINT(1) for a boolean, so t_int with its 5 is not among them.
TABLES = "customer|order_line|utf_names|t_dec|t_dec_key|t_text|t_zerofill|t_date_key"


def test_the_pipeline(mysql, sandbox, folder):
    mysql.execute(*TYPE_ROWS)
    folder.write(config(mysql, sandbox, database="^(shop|types_db)$", table=f"^({TABLES}|orders|product|t_bin)$",
                        more=f"flink.cdc.server-time-zone = UTC\n{QUICK_SINK}"))
    folder.run("--apply", "--flink-cdc", "3.2", words=["flink-cdc-pipeline.1.yaml leaves out 3 of 11 tables"])
    with running("RunPipeline", folder.result / "flink-cdc-pipeline.1.yaml", log=folder.path / "job.log", heap="1g", project="pipeline") as job:
        follow(lambda: mysql.execute(*MYSQL_CHANGES, *TYPE_CHANGES),
               lambda: mysql_differences(mysql, sandbox, "shop", "types_db", tables=rf"(shop|types_db)\.({TABLES})"), job)
