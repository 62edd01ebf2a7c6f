"""What users install runs away from the build tree."""
import os
import subprocess

import pytest

from harness.paths import ROOT, dependency_cache, starlift_binary


def build_folder():
    folder = starlift_binary().parent
    if not (folder / "cmake_install.cmake").exists():
        pytest.skip("the program under test does not lie in a build folder")
    return folder


def without_build_tree():
    """An environment that says nothing about where libraries of the build are."""
    return {k: v for k, v in os.environ.items() if k not in ("LD_LIBRARY_PATH", "STARLIFT_DEPS")}


def libraries(program):
    done = subprocess.run(["ldd", program], capture_output=True, text=True, check=True, env=without_build_tree())
    return dict(line.strip().split(" => ", 1) for line in done.stdout.splitlines() if " => " in line)


def test_the_installed_tree_is_relocatable(scratch):
    first, moved = scratch / "first place", scratch / "moved"
    subprocess.run(["cmake", "--install", build_folder(), "--prefix", first], check=True, capture_output=True)
    first.rename(moved)
    program = moved / "bin" / "starlift"
    found = libraries(program)["libduckdb.so"].split(" (")[0]
    assert os.path.realpath(found) == os.path.realpath(moved / "lib" / "starlift" / "libduckdb.so"), found
    assert subprocess.run([program, "--version"], capture_output=True, env=without_build_tree()).returncode == 0
    for name in ("starrocks-migrate-tool", "starrocks-migration-tool"):
        assert os.readlink(moved / "bin" / name) == "starlift"
        assert "migrate-tool" in subprocess.run([moved / "bin" / name, "--help"], capture_output=True, text=True, env=without_build_tree()).stdout
    assert (moved / "share/doc/starlift/README.md").exists()
    assert "DuckDB" in (moved / "share/doc/starlift/licenses/third-party.md").read_text()
    assert (moved / "share/doc/starlift/licenses/DuckDB").read_text().strip()
    for file in moved.rglob("*.md"):
        assert str(ROOT) not in file.read_text(), file


def test_the_deb(scratch):
    made = subprocess.run(["cpack", "--config", build_folder() / "CPackConfig.cmake", "-B", scratch], capture_output=True, text=True)
    assert made.returncode == 0, made.stdout + made.stderr
    package = next(scratch.glob("starlift_*.deb"))
    depends = subprocess.run(["dpkg-deb", "-f", package, "Depends"], capture_output=True, text=True, check=True).stdout
    for library in ("libc6", "libssl3", "libsqlite3-0"):
        assert library in depends, depends
    subprocess.run(["dpkg-deb", "-x", package, scratch / "root"], check=True)
    program = scratch / "root" / "usr" / "bin" / "starlift"
    assert subprocess.run([program, "--version"], capture_output=True, env=without_build_tree()).returncode == 0
    duckdb = libraries(program)["libduckdb.so"].split(" (")[0]
    assert str(dependency_cache()) not in duckdb
