#include "sync/cascades/cascade_check.h"

#include <memory>
#include <set>

#include <fmt/format.h>

#include "sync/cascades/cascade_keys.h"

namespace starlift::sync {

std::vector<Finding> FindCascades(const std::vector<CascadingKey>& keys,
                                  const std::vector<mapping::TableMapping>& mappings) {
  CascadeKeys all;
  std::vector<CascadingKey> possible;
  std::vector<Finding> findings;
  std::set<TableId> known;
  for (const mapping::TableMapping& mapping : mappings) {
    known.insert(mapping.source.id);
    all.AddTable(std::make_shared<const mapping::TableMapping>(mapping));
  }
  for (const CascadingKey& key : keys) {
    // The source has its own words for parents that aren't there.
    if (!known.contains(key.child) || !known.contains(key.parent)) continue;
    const Status followed = all.Set({key});
    if (followed.ok()) {
      possible.push_back(key);
      continue;
    }
    findings.push_back({Severity::kError, "foreign-key-cascades", key.child.ToString(),
                        followed.error().message, followed.error().mend});
  }
  if (!all.Set(possible).ok()) return findings;
  for (const CascadeKeys::Key& key : all.all()) {
    const bool changes_on_delete = key.facts.on_delete == KeyRule::kSetNull;
    const bool changes = changes_on_delete || key.facts.on_update != KeyRule::kNothing;
    if (!changes || !(key.in_child_key || key.overlaps)) continue;
    findings.push_back(
        {Severity::kWarning, "foreign-key-changes-key", key.facts.child.ToString(),
         fmt::format("where a row of {} {}, the foreign key {} changes columns of this table that "
                     "{}: the task stops there",
                     key.facts.parent.ToString(),
                     changes_on_delete ? "is deleted or gets another key" : "gets another key",
                     key.facts.name,
                     key.in_child_key ? "are part of its key"
                                      : "another foreign key has, too, or refers to"),
         ""});
  }
  return findings;
}

}  // namespace starlift::sync
