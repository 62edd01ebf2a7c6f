#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "data/table.h"
#include "state/records.h"

namespace starlift::state {

struct ChosenTable {
  TableId table;
  TableChoice choice = TableChoice::kIncluded;
};

// Tables on their way into a task that runs already. They have a task record of their own, with
// tables, phases, definitions and a checkpoint, until they are as far as the task is: then all of
// it becomes the task's.
struct AdmissionRecord {
  int64_t id = 0;        // of its own task record
  std::string identity;  // of the same
  std::string existing;  // what becomes of rows at the target; empty: as the task's config says
  std::vector<TableId> tables;  // ordered
};

// Which tables belong to a task besides those that its patterns take, and how they come and go.
// Part of the StateStore, with the same promises.
class AdmissionStore {
 public:
  virtual ~AdmissionStore() = default;

  // kConflict if one of the tables is on its way already. `choice`: stored for each of them; none:
  // they are the patterns' own, a choice that was there is kept.
  virtual Result<AdmissionRecord> AddAdmission(int64_t task, const std::vector<TableId>& tables,
                                               std::string_view existing,
                                               std::optional<TableChoice> choice) = 0;
  // In the order in which they were added.
  virtual Result<std::vector<AdmissionRecord>> ListAdmissions(int64_t task) = 0;
  // The admission's tables, definitions and audit trail become the task's, under labels that were
  // never used; the admission is forgotten. Both checkpoints must be the same position: else
  // kConflict.
  virtual Status EndAdmission(int64_t task, int64_t admission) = 0;

  // Forgets the table, in the task or on its way into it: records, chunks, loads, definition. Its
  // labels are never used again. An admission without tables is forgotten, too. kConflict while a
  // load may be in flight into a target table that others of the task share.
  virtual Status ForgetTable(int64_t task, const TableId& table,
                             std::optional<TableChoice> choice) = 0;
  // Ordered by table.
  virtual Result<std::vector<ChosenTable>> ListChoices(int64_t task) = 0;
};

}  // namespace starlift::state
