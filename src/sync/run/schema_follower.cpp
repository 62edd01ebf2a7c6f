#include "sync/run/schema_follower.h"

#include <fmt/format.h>

namespace starlift::sync {

SchemaFollower::SchemaFollower(const TaskConfig& config, World& world, int64_t task,
                               const Cancellation& cancellation)
    : config_(config), world_(world), task_(task), cancellation_(cancellation) {}

void SchemaFollower::Add(std::shared_ptr<const mapping::TableMapping> mapping) {
  mappings_[mapping->source.id] = std::move(mapping);
}

Result<load::AppliedSchemaChange> SchemaFollower::Apply(const SchemaChange& change) {
  const TableId& id = change.before ? change.before->id : change.after->id;
  return Error{ErrorKind::kPolicy,
               fmt::format("the definition of {} changed, which isn't carried over yet: {}",
                           id.ToString(), change.statement)}
      .Mend("begin the task anew: --fresh --existing truncate");
}

}  // namespace starlift::sync
