#include "starrocks/row_editor.h"

#include <charconv>
#include <mutex>
#include <optional>

#include <fmt/format.h>

#include "starrocks/canonical_value.h"
#include "starrocks/ddl_printer.h"
#include "starrocks/session.h"

namespace starlift::starrocks {
namespace {

std::string TableName(std::string_view database, std::string_view table) {
  return QuoteName(database) + "." + QuoteName(table);
}

// Sessions are lent to one thread at a time, and given up after an error.
class SessionRowEditor : public RowEditor {
 public:
  explicit SessionRowEditor(TargetConfig config) : config_(std::move(config)) {}

  Result<uint64_t> Count(std::string_view database, std::string_view table,
                         const RowCondition& condition) override {
    return With<Result<uint64_t>>([&](Session& session) -> Result<uint64_t> {
      SL_ASSIGN(const QueryRows answer,
                session.Query(fmt::format("SELECT count(*) FROM {} WHERE {}",
                                          TableName(database, table), PrintCondition(condition))));
      const std::string digits =
          answer.rows.empty() || answer.rows[0].empty() ? "" : answer.rows[0][0].value_or("");
      uint64_t rows = 0;
      const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), rows);
      if (digits.empty() || read.ec != std::errc()) {
        return Error{ErrorKind::kData, "the target's answer to count(*) is no number"};
      }
      return rows;
    });
  }

  Status Read(std::string_view database, std::string_view table, const EncodePlan& plan,
              const RowCondition& condition,
              const std::function<Status(StoredValues)>& take) override {
    return Stream(fmt::format("SELECT {} FROM {} WHERE {}", SelectList(plan, ""),
                              TableName(database, table), PrintCondition(condition)),
                  plan.columns.size(), take);
  }

  Status ReadOrphans(std::string_view database, std::string_view table, const EncodePlan& plan,
                     const ColumnReference& reference,
                     const std::function<Status(StoredValues)>& take) override {
    std::string join, where;
    for (size_t i = 0; i < reference.columns.size(); ++i) {
      const std::string column = "child." + QuoteName(reference.columns[i]);
      join += fmt::format("{}{} = parent.{}", i == 0 ? "" : " AND ", column,
                          QuoteName(reference.referenced[i]));
      where += column + " IS NOT NULL AND ";
    }
    return Stream(fmt::format("SELECT {} FROM {} AS child LEFT JOIN {} AS parent ON {} WHERE "
                              "{}parent.{} IS NULL",
                              SelectList(plan, "child."), TableName(database, table),
                              TableName(reference.database, reference.table), join, where,
                              QuoteName(reference.referenced[0])),
                  plan.columns.size(), take);
  }

  Status Delete(std::string_view database, std::string_view table,
                const RowCondition& condition) override {
    return With<Status>([&](Session& session) {
      return session.Execute(fmt::format("DELETE FROM {} WHERE {}", TableName(database, table),
                                         PrintCondition(condition)));
    });
  }

  Result<bool> DeleteIsRunning(std::string_view database, std::string_view table) override {
    const std::string statement = "DELETE FROM " + TableName(database, table);
    return With<Result<bool>>([&](Session& session) -> Result<bool> {
      SL_ASSIGN(const QueryRows list, session.Query("SHOW FULL PROCESSLIST"));
      for (size_t row = 0; row < list.rows.size(); ++row) {
        const auto running = CellAt(list, row, "Info");
        if (running && running->starts_with(statement)) return true;
      }
      return false;
    });
  }

 private:
  static std::string SelectList(const EncodePlan& plan, std::string_view prefix) {
    std::string list;
    for (const ColumnPlan& column : plan.columns) {
      list += (list.empty() ? "" : ", ") +
              CanonicalSelectExpression(column.type, std::string(prefix) + QuoteName(column.name));
    }
    return list;
  }

  Status Stream(const std::string& sql, size_t columns,
                const std::function<Status(StoredValues)>& take) {
    std::vector<std::optional<std::string_view>> values(columns);
    return With<Status>([&](Session& session) {
      return session.Stream(sql, [&](const RowBatch& batch) -> Status {
        if (batch.columns() != values.size()) {
          return Error{ErrorKind::kData, "the target answers other columns than were asked for"};
        }
        for (size_t row = 0; row < batch.rows(); ++row) {
          for (size_t i = 0; i < values.size(); ++i) values[i] = batch.Value(row, i);
          SL_TRY(take(values));
        }
        return {};
      });
    });
  }

  template <typename Outcome, typename Work>
  Outcome With(const Work& work) {
    std::unique_ptr<Session> session;
    {
      std::lock_guard lock(mutex_);
      if (!idle_.empty()) {
        session = std::move(idle_.back());
        idle_.pop_back();
      }
    }
    if (session == nullptr) session = std::make_unique<Session>(config_);
    Outcome outcome = work(*session);
    if (outcome.ok()) {
      std::lock_guard lock(mutex_);
      idle_.push_back(std::move(session));
    }
    return outcome;
  }

  const TargetConfig config_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Session>> idle_;
};

}  // namespace

std::string PrintCondition(const RowCondition& condition) {
  std::string text;
  for (const ColumnCondition& column : condition) {
    if (!text.empty()) text += " AND ";
    text += QuoteName(column.column);
    if (column.values.empty()) {
      text += " IS NULL";
      continue;
    }
    text += column.values.size() == 1 ? " = " : " IN (";
    for (size_t i = 0; i < column.values.size(); ++i) {
      if (i > 0) text += ", ";
      text += column.is_number ? column.values[i] : QuoteString(column.values[i]);
    }
    if (column.values.size() > 1) text += ')';
  }
  return text;
}

bool MayBeInCondition(const TargetType& type) {
  switch (type.kind) {
    case TargetTypeKind::kTinyInt:
    case TargetTypeKind::kSmallInt:
    case TargetTypeKind::kInt:
    case TargetTypeKind::kBigInt:
    case TargetTypeKind::kLargeInt:
    case TargetTypeKind::kDecimal:
    case TargetTypeKind::kDate:
    case TargetTypeKind::kDateTime:
    case TargetTypeKind::kChar:
    case TargetTypeKind::kVarchar:
      return true;
    default:
      return false;
  }
}

std::unique_ptr<RowEditor> OpenRowEditor(const TargetConfig& config) {
  return std::make_unique<SessionRowEditor>(config);
}

}  // namespace starlift::starrocks
