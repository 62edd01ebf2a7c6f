"""What can be said of oracle:// without Oracle's client library; its catalog is tested beside the code, by replies."""
import ctypes.util

import pytest

from harness.starlift import CHECK_FAILED, USAGE

from .catalog_support import check

pytestmark = pytest.mark.skipif(ctypes.util.find_library("clntsh") is not None, reason="Oracle's client is installed")


@pytest.mark.parametrize("options", ["", "?client-dir=/nowhere"])
def test_a_missing_client_library_is_said_with_its_mend(sandbox, scratch, options):
    run = check("oracle://scott:tiger%25@127.0.0.1:1/orclpdb" + options, sandbox, scratch)
    run.expect(CHECK_FAILED, "libclntsh", "Instant Client", "client-dir", "libaio1")
    assert "tiger" not in run.out + run.err


def test_a_url_without_a_service(sandbox, scratch):
    check("oracle://scott@127.0.0.1", sandbox, scratch).expect(USAGE, "names no service")
    check("oracle://scott@127.0.0.1/x?client_dri=/x", sandbox, scratch).expect(USAGE, "did you mean 'client-dir'")
