"""Fixtures for the system tests: servers of this test worker, homes, and the tables of each test."""
import itertools
import os
import shutil
import sys
import tempfile
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from harness.mysql_servers import MariaDb, MySql56  # noqa: E402
from harness.paths import starlift_binary  # noqa: E402
from harness.sandbox import Sandbox  # noqa: E402


def pytest_addoption(parser):
    parser.addoption("--long", action="store_true", help="also the long form of chaos, torture and judges")
    parser.addoption("--keep", action="store_true", help="keep the servers' directories after the run")


def pytest_configure(config):
    config.addinivalue_line("markers", "long: runs only with --long (scripts/test --all)")
    if not starlift_binary().exists():
        raise pytest.UsageError(f"{starlift_binary()} is not there: build it, or name it in STARLIFT_BINARY")


def pytest_collection_modifyitems(config, items):
    if not config.getoption("--long"):
        skip = pytest.mark.skip(reason="long form; run with --long")
        for item in items:
            if item.get_closest_marker("long"):
                item.add_marker(skip)


@pytest.fixture(scope="session")
def workspace(request):
    """A directory of this worker; short, as socket paths are limited."""
    base = os.environ.get("STARLIFT_TEST_DIR") or ("/dev/shm" if os.access("/dev/shm", os.W_OK) else None)
    directory = Path(tempfile.mkdtemp(prefix="starlift-test-", dir=base))
    yield directory
    if request.config.getoption("--keep"):
        print(f"\nkept: {directory}")
    else:
        shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(scope="session")
def mariadb(workspace):
    """One MariaDB per worker; tests make databases of their own in it."""
    server = MariaDb(workspace / "mariadb").start()
    yield server
    server.close()


@pytest.fixture(scope="session")
def mysql56(workspace):
    server = MySql56(workspace / "mysql56").start()
    yield server
    server.close()


_numbers = itertools.count(1)


@pytest.fixture
def scratch(workspace, request):
    """A directory of this test."""
    directory = workspace / f"t{next(_numbers)}"
    directory.mkdir()
    yield directory
    failed = getattr(request.node, "failed", False)
    if not failed and not request.config.getoption("--keep"):
        shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture
def sandbox(scratch):
    """A fresh sandbox for one test."""
    server = Sandbox(scratch / "sandbox").start()
    yield server
    server.close()


@pytest.fixture
def database(mariadb):
    """The name of a database that is empty and belongs to this test alone."""
    name = f"t{os.getpid()}_{next(_numbers)}"
    mariadb.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
    yield name
    mariadb.execute(f"DROP DATABASE IF EXISTS {name}")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """When a test fails, its report ends with what its servers logged."""
    outcome = yield
    report = outcome.get_result()
    if report.failed:
        item.failed = True
        for name, value in getattr(item, "funcargs", {}).items():
            tail = getattr(value, "tail", None)
            if callable(tail) and name in ("sandbox",):
                report.sections.append((name, tail()))
