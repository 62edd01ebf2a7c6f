#pragma once

#include <memory>
#include <string>

#include <fmt/format.h>

#include "load/changes/change_applier.h"

// For tests: a log whose positions are the numbers of its transactions, and that tells no schema
// changes.
namespace starlift::load {

inline Position PlaceOf(uint64_t transaction) { return fmt::format("sim:{}", transaction); }
inline uint64_t NumberOf(const Position& position) { return std::stoull(position.substr(4)); }

class NumberedLog : public ChangeLog {
 public:
  Result<Position> Head() override { return Position(); }
  Result<Position> FindTime(int64_t) override { return Position(); }
  Status CheckReach(const Position&) override { return {}; }
  Result<bool> Covers(const Position& later, const Position& earlier) override {
    return NumberOf(later) >= NumberOf(earlier);
  }
  Result<std::unique_ptr<ChangeStream>> OpenStream(const StreamStart&, const TableFilter&,
                                                   const Cancellation&) override {
    return Error{ErrorKind::kInternal, "not here"};
  }
};

class NoSchemaChanges : public SchemaChangeHandler {
 public:
  Result<AppliedSchemaChange> Apply(const SchemaChange&) override { return AppliedSchemaChange{}; }
};

}  // namespace starlift::load
