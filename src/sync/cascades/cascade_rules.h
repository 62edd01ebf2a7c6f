#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sources/change_stream.h"
#include "state/store.h"

namespace starlift::sync {

// Which cascading foreign keys are in force at the stream's place, per child table. The source only
// says which are in force now; so what the stream goes by is stored, and is read again when the log
// tells of a statement about it. Until the stream has come to the place of that reading, it isn't
// certain: a second statement may lie in between.
class CascadeRules {
 public:
  CascadeRules(state::StateStore& store, int64_t task) : store_(store), task_(task) {}

  // What the last run stored. False: nothing, as for tasks that have no such keys.
  Result<bool> Read();
  // Those of the last run; of `now`, which were read at `read_at`, for tables that it didn't have.
  Status Choose(const std::vector<TableId>& tables, const std::vector<CascadingKey>& now,
                const Position& read_at);
  std::vector<CascadingKey> keys() const;

  // After a statement about a child those of `now` are in force. kPolicy if what the statement adds
  // is no longer to be seen. True: they are others than before.
  Result<bool> Change(const TableId& child, std::string_view statement,
                      const std::vector<CascadingKey>& now, const Position& read_at);
  // Whether the statement says anything of the child's keys that change rows.
  bool IsTouchedBy(std::string_view statement, const TableId& child) const;
  // Where the child's keys were read; nullopt: nothing is known of it.
  std::optional<Position> ReadAt(const TableId& child) const;

 private:
  struct Child {
    Position read_at;
    std::vector<CascadingKey> keys;
  };
  Status Parse(const std::string& text);
  Status Store();

  state::StateStore& store_;
  const int64_t task_;
  std::map<TableId, Child> children_;
  std::string stored_;
};

}  // namespace starlift::sync
