#pragma once

#include "duckdb.h"
#include "sandbox/storage/connection.h"

// Private to storage/: includes duckdb.h.
namespace starlift::sandbox {

struct Connection::State {
  duckdb_connection connection = nullptr;
  ~State() { duckdb_disconnect(&connection); }
};

}  // namespace starlift::sandbox
