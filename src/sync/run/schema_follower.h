#pragma once

#include <cstdint>
#include <map>
#include <memory>

#include "load/changes/change_applier.h"
#include "mapping/table_mapping.h"
#include "sync/config/task_config.h"
#include "sync/run/world.h"

namespace starlift::sync {

// Carries the source's schema changes over to the target while the stream waits, and says how rows
// land after them. Used by the stream's thread.
class SchemaFollower : public load::SchemaChangeHandler {
 public:
  SchemaFollower(const TaskConfig& config, World& world, int64_t task,
                 const Cancellation& cancellation);

  // A table that is followed from the start.
  void Add(std::shared_ptr<const mapping::TableMapping> mapping);

  Result<load::AppliedSchemaChange> Apply(const SchemaChange& change) override;

 private:
  const TaskConfig& config_;
  World& world_;
  const int64_t task_;
  const Cancellation& cancellation_;
  std::map<TableId, std::shared_ptr<const mapping::TableMapping>> mappings_;
};

}  // namespace starlift::sync
