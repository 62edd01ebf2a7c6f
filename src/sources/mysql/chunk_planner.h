#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "base/result.h"
#include "data/table.h"
#include "sources/source.h"
#include "wire/mysql/client.h"

namespace starlift::mysql {

// Cuts a table into key ranges, one after the other. Dense integer keys are cut by arithmetic; all
// others by walking the index, the server naming each boundary, so that collations and types are
// compared nowhere but there. Remembers per table what it asked the server. One thread.
class ChunkPlanner {
 public:
  // The range after `previous` (null: the first), or nullopt after the last. A table whose key has
  // no usable order is one chunk.
  Result<std::optional<Chunk>> Next(wire::mysql::Client& client, const Table& table,
                                    const Chunk* previous, uint64_t target_rows);

  // " FORCE INDEX (`PRIMARY`)" for the key's index; empty where the server has none by that key.
  Result<std::string> IndexHint(wire::mysql::Client& client, const Table& table);

 private:
  // An integer as its bit pattern, so that signed and unsigned 64 bits share the arithmetic.
  struct IntegerSpan {
    uint64_t lowest = 0;
    uint64_t highest = 0;
    double rows_per_value = 0;
  };
  struct TableFacts {
    std::optional<std::string> index_hint;
    bool span_asked = false;
    std::optional<IntegerSpan> dense_span;
  };

  Result<std::optional<IntegerSpan>> DenseSpan(wire::mysql::Client& client, const Table& table);
  Result<std::optional<ChunkBound>> WalkTo(wire::mysql::Client& client, const Table& table,
                                           const std::optional<ChunkBound>& lower, uint64_t rows);

  std::map<TableId, TableFacts> facts_;
};

}  // namespace starlift::mysql
