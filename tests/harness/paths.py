"""Where the program under test and the fetched servers are."""
import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def starlift_binary() -> Path:
    return Path(os.environ.get("STARLIFT_BINARY", ROOT / "build" / "release" / "starlift")).resolve()


def sandbox_binary() -> Path:
    """The program that plays the target; STARLIFT_SANDBOX_BINARY names another one than that under test."""
    return Path(os.environ.get("STARLIFT_SANDBOX_BINARY", starlift_binary())).resolve()


def dependency_cache() -> Path:
    """What Debian does not have is kept here by scripts/install-deps."""
    return Path(os.environ.get("STARLIFT_DEPS", Path.home() / ".cache" / "starlift-deps"))
