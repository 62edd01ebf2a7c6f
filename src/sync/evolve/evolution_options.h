#pragma once

#include <chrono>
#include <cstdint>

namespace starlift::sync {

// What happens at the target when the source's schema changes.
enum class ChangePolicy : uint8_t {
  kApply,
  kIgnore,  // said aloud and written to the audit; the target stays as it is
  kStop,    // the table stops before the change, with the statement named
};

// Policies per kind of change: section `schema-changes` of the task file. Plain data; the defaults
// are the option declarations' (task_options.h).
struct SchemaChangeOptions {
  ChangePolicy create_table = ChangePolicy::kApply;
  ChangePolicy drop_table = ChangePolicy::kIgnore;
  ChangePolicy truncate_table = ChangePolicy::kApply;
  ChangePolicy rename_table = ChangePolicy::kApply;  // ignored: its rows go on into the old name
  ChangePolicy add_column = ChangePolicy::kApply;    // ignored: its values are left out
  // Ignored: the column stays, rows that change from now on have NULL in it.
  ChangePolicy drop_column = ChangePolicy::kIgnore;
  ChangePolicy rename_column = ChangePolicy::kApply;  // ignored: values go into the old name
  ChangePolicy change_type = ChangePolicy::kApply;    // ignored: stops only where values can't land
  ChangePolicy comment = ChangePolicy::kApply;
  // What StarRocks can't alter: key changes, types that don't convert. Applied by loading the table
  // anew beside itself and swapping the two.
  ChangePolicy rebuild = ChangePolicy::kApply;
  // DROP PARTITION, TRUNCATE PARTITION: the rows are gone without a word in the log. Applied by a
  // rebuild.
  ChangePolicy drop_rows = ChangePolicy::kApply;
  // The longest that an asynchronous ALTER may take.
  std::chrono::milliseconds alter_timeout = std::chrono::hours(24);
};

}  // namespace starlift::sync
