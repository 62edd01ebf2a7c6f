#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "sandbox/catalog/data_type.h"
#include "sandbox/sql/result.h"
#include "sandbox/storage/connection.h"

namespace starlift::sandbox::query {

// Where the rows of a result go: the wire, or a list. Used by one thread.
class RowSink {
 public:
  virtual ~RowSink() = default;
  // Once, before any row.
  virtual Status Columns(const std::vector<sql::ResultColumn>& columns) = 0;
  virtual Status Row(const sql::ResultRow& row) = 0;
};

// Reads a stream to its end and gives each row to `sink`, cells as StarRocks writes values of
// `types`. Returns the number of rows.
Result<uint64_t> EncodeRows(ResultStream* stream, const std::vector<catalog::DataType>& types,
                            RowSink* sink);

}  // namespace starlift::sandbox::query
