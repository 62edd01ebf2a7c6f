# DuckDB's C API, as scripts/install-deps lays it out: one folder with libduckdb.so and duckdb.h.
set(STARLIFT_DEPS "$ENV{STARLIFT_DEPS}" CACHE PATH "Where scripts/install-deps keeps what Debian lacks")
if(NOT STARLIFT_DEPS)
  set(STARLIFT_DEPS "$ENV{HOME}/.cache/starlift-deps")
endif()
find_path(DuckDB_INCLUDE_DIR duckdb.h HINTS ${STARLIFT_DEPS}/duckdb)
find_library(DuckDB_LIBRARY duckdb HINTS ${STARLIFT_DEPS}/duckdb)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(DuckDB
  REASON_FAILURE_MESSAGE "run scripts/install-deps"
  REQUIRED_VARS DuckDB_LIBRARY DuckDB_INCLUDE_DIR)
if(DuckDB_FOUND AND NOT TARGET DuckDB::DuckDB)
  add_library(DuckDB::DuckDB SHARED IMPORTED)
  set_target_properties(DuckDB::DuckDB PROPERTIES
    IMPORTED_LOCATION ${DuckDB_LIBRARY}
    INTERFACE_INCLUDE_DIRECTORIES ${DuckDB_INCLUDE_DIR})
endif()
