#pragma once

// The StarRocks of change_world.h with a SQL side for tables without a key: rows are counted, read
// and deleted by conditions, and fail by chance too: answers get lost, DELETEs are done late.

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "load/changes/change_world.h"
#include "starrocks/row_editor.h"

namespace starlift::load {

class KeylessWorld : public ChangeWorld, public starrocks::RowEditor {
 public:
  using RowCondition = starrocks::RowCondition;

  KeylessWorld(SimulatedClock& clock, uint64_t seed)
      : ChangeWorld(clock, seed), sql_clock_(clock), sql_dice_(seed + 1) {}

  // A prepared transaction is aborted before its commit, once in so many times; 0: never.
  uint64_t abort_one_in = 0;
  // Whether the next call by SQL fails, in place of chance.
  std::function<bool()> sql_fails = [this] { return sql_dice_.OneIn(one_in); };
  uint64_t deletes() const { return deletes_; }

  std::vector<std::string> AllRows(const std::string& name) {
    DeleteLate();
    return Rows(name);
  }

  // ---- loads ----

  starrocks::LoadOutcome LoadPart(const starrocks::LoadRequest& request) override {
    if (request.format != starrocks::LoadFormat::kJson) return ChangeWorld::LoadPart(request);
    const std::string csv = ToCsv(request);
    const std::string_view body[] = {csv};
    starrocks::LoadRequest as_csv = request;
    as_csv.format = starrocks::LoadFormat::kCsv;
    as_csv.body = body;
    return ChangeWorld::LoadPart(as_csv);
  }
  starrocks::LoadOutcome Commit(std::string_view database, std::string_view name,
                                std::string_view label) override {
    DeleteLate();
    if (sql_dice_.OneIn(abort_one_in)) (void)Rollback(database, name, label);
    return ChangeWorld::Commit(database, name, label);
  }

  // ---- RowEditor ----

  Result<uint64_t> Count(std::string_view, std::string_view name,
                         const RowCondition& condition) override {
    DeleteLate();
    if (sql_fails()) return NoAnswer();
    uint64_t rows = 0;
    for (const std::string& row : Bag(name)) {
      rows += Matches(std::string(name), row, condition);
    }
    return rows;
  }
  Status Read(std::string_view, std::string_view name, const starrocks::EncodePlan& plan,
              const RowCondition& condition,
              const std::function<Status(starrocks::StoredValues)>& take) override {
    DeleteLate();
    const uint64_t breaks_after = sql_fails() ? sql_dice_.Below(5) : UINT64_MAX;
    uint64_t rows = 0;
    for (const std::string& row : Bag(name)) {
      if (!Matches(std::string(name), row, condition)) continue;
      if (rows++ == breaks_after) return NoAnswer();
      const std::vector<std::string> fields = Fields(row);
      std::vector<std::optional<std::string_view>> values;
      for (const starrocks::ColumnPlan& column : plan.columns) {
        const std::string& field = fields.at(PlaceOfColumn(std::string(name), column.name));
        values.push_back(field == "\\N" ? std::nullopt : std::optional<std::string_view>(field));
      }
      SL_TRY(take(values));
    }
    return {};
  }
  Status ReadOrphans(std::string_view, std::string_view, const starrocks::EncodePlan&,
                     const starrocks::ColumnReference&,
                     const std::function<Status(starrocks::StoredValues)>&) override {
    return Error{ErrorKind::kInternal, "not here"};
  }
  Status Delete(std::string_view, std::string_view name, const RowCondition& condition) override {
    DeleteLate();
    ++deletes_;
    if (sql_fails()) {
      const uint64_t fate = sql_dice_.Below(3);
      if (fate == 0) Erase(std::string(name), condition);
      if (fate == 1) {
        late_deletes_.push_back(
            {sql_clock_.Now() + std::chrono::milliseconds(sql_dice_.Below(9000)), std::string(name),
             condition});
      }
      return NoAnswer();
    }
    Erase(std::string(name), condition);
    return {};
  }
  Result<bool> DeleteIsRunning(std::string_view, std::string_view name) override {
    DeleteLate();
    if (sql_fails()) return NoAnswer();
    return std::any_of(late_deletes_.begin(), late_deletes_.end(),
                       [&](const LateDelete& late) { return late.table == name; });
  }

 private:
  struct LateDelete {
    std::chrono::milliseconds at;
    std::string table;
    RowCondition condition;
  };

  const std::multiset<std::string>& Bag(std::string_view name) {
    return table(std::string(name)).bag;
  }
  static Error NoAnswer() { return Error{ErrorKind::kUnreachable, "no answer"}; }

  static std::vector<std::string> Fields(const std::string& row) {
    std::vector<std::string> fields(1);
    for (const char c : row) {
      if (c == '|') {
        fields.emplace_back();
      } else {
        fields.back() += c;
      }
    }
    return fields;
  }
  size_t PlaceOfColumn(const std::string& name, const std::string& column) {
    const std::vector<std::string>& columns = table(name).columns;
    return static_cast<size_t>(std::find(columns.begin(), columns.end(), column) - columns.begin());
  }
  bool Matches(const std::string& name, const std::string& row, const RowCondition& condition) {
    const std::vector<std::string> fields = Fields(row);
    return std::all_of(condition.begin(), condition.end(), [&](const auto& column) {
      const std::string& value = fields.at(PlaceOfColumn(name, column.column));
      if (column.values.empty()) return value == "\\N";
      return std::find(column.values.begin(), column.values.end(), value) != column.values.end();
    });
  }
  void Erase(const std::string& name, const RowCondition& condition) {
    if (!tables().contains(name)) return;
    std::erase_if(table(name).bag,
                  [&](const std::string& row) { return Matches(name, row, condition); });
  }
  void DeleteLate() {
    std::erase_if(late_deletes_, [&](const LateDelete& late) {
      if (late.at > sql_clock_.Now()) return false;
      Erase(late.table, late.condition);
      return true;
    });
  }

  // JSON objects whose members stand in the columns' order.
  static std::string ToCsv(const starrocks::LoadRequest& request) {
    std::string text, csv;
    for (const std::string_view part : request.body) text += part;
    for (size_t begin = 0; begin < text.size();) {
      const size_t end = text.find('\n', begin);
      const auto row = nlohmann::ordered_json::parse(text.substr(begin, end - begin));
      std::string line;
      for (const auto& [name, value] : row.items()) {
        if (!line.empty()) line += starrocks::kColumnSeparator;
        line += value.is_null()     ? "\\N"
                : value.is_string() ? value.get<std::string>()
                                    : value.dump();
      }
      csv += line + starrocks::kRowDelimiter;
      begin = end + 1;
    }
    return csv;
  }

  SimulatedClock& sql_clock_;
  Dice sql_dice_;
  std::vector<LateDelete> late_deletes_;
  uint64_t deletes_ = 0;
};

// The SQL side as one life of the process sees it.
class MortalRows : public starrocks::RowEditor {
 public:
  MortalRows(starrocks::RowEditor& rows, CrashSwitch& crash) : rows_(rows), crash_(crash) {}

  Result<uint64_t> Count(std::string_view database, std::string_view table,
                         const starrocks::RowCondition& condition) override {
    Result<uint64_t> count = Dead();
    if (!crash_.Step([&] { count = rows_.Count(database, table, condition); })) return Dead();
    return count;
  }
  Status Read(std::string_view database, std::string_view table, const starrocks::EncodePlan& plan,
              const starrocks::RowCondition& condition,
              const std::function<Status(starrocks::StoredValues)>& take) override {
    Status read;
    if (!crash_.Step([&] { read = rows_.Read(database, table, plan, condition, take); })) {
      return Dead();
    }
    return read;
  }
  Status ReadOrphans(std::string_view, std::string_view, const starrocks::EncodePlan&,
                     const starrocks::ColumnReference&,
                     const std::function<Status(starrocks::StoredValues)>&) override {
    return Error{ErrorKind::kInternal, "not here"};
  }
  Status Delete(std::string_view database, std::string_view table,
                const starrocks::RowCondition& condition) override {
    Status deleted;
    if (!crash_.Step([&] { deleted = rows_.Delete(database, table, condition); })) return Dead();
    return deleted;
  }
  Result<bool> DeleteIsRunning(std::string_view database, std::string_view table) override {
    Result<bool> running = Dead();
    if (!crash_.Step([&] { running = rows_.DeleteIsRunning(database, table); })) return Dead();
    return running;
  }

 private:
  static Error Dead() { return Error{ErrorKind::kUnreachable, "the process is dead"}; }

  starrocks::RowEditor& rows_;
  CrashSwitch& crash_;
};

}  // namespace starlift::load
