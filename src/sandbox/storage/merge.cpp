#include "sandbox/storage/merge.h"

#include <algorithm>
#include <atomic>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace starlift::sandbox {
namespace {

using catalog::AggregateKind;
using catalog::TableModel;

// A temporary table of this connection, dropped when it goes out of scope.
class TemporaryTable {
 public:
  explicit TemporaryTable(Connection& connection) : connection_(connection) {
    static std::atomic<uint64_t> counter{0};
    name_ = "temp.main.merge_" + std::to_string(++counter);
  }
  ~TemporaryTable() {
    if (made_) (void)connection_.Execute("DROP TABLE IF EXISTS " + name_);
  }
  TemporaryTable(const TemporaryTable&) = delete;
  TemporaryTable& operator=(const TemporaryTable&) = delete;

  Status FillFrom(const std::string& select) {
    SL_TRY(connection_.Execute("CREATE TEMP TABLE " + name_ + " AS " + select));
    made_ = true;
    return {};
  }
  const std::string& name() const { return name_; }

 private:
  Connection& connection_;
  std::string name_;
  bool made_ = false;
};

class Merge {
 public:
  Merge(Connection& connection, const MergeTarget& target, const StagedRows& rows)
      : connection_(connection), target_(target), rows_(rows) {
    table_ = PhysicalTableName(target.table_id);
    order_ = rows.order_column.empty() ? "rowid" : rows.order_column;
    for (const MergeColumn& column : target.columns) {
      const std::string name = PhysicalColumnName(column.physical.id);
      columns_.push_back(name);
      if (column.is_key) keys_.push_back(name);
    }
  }

  Status Run() {
    if (target_.model == TableModel::kDuplicate) return Append(rows_.relation);
    if (target_.model == TableModel::kAggregate) return Fold();
    return Replace();
  }

 private:
  std::string ColumnList() const { return fmt::format("{}", fmt::join(columns_, ", ")); }
  std::string KeyList() const { return fmt::format("{}", fmt::join(keys_, ", ")); }

  // Keys of Primary Key tables are never NULL; elsewhere NULL is a key value like any other.
  std::string KeysEqual(const std::string& a, const std::string& b) const {
    std::string all;
    const char* equals = target_.model == TableModel::kPrimary ? "=" : "IS NOT DISTINCT FROM";
    for (const std::string& key : keys_) {
      if (!all.empty()) all += " AND ";
      all += fmt::format("{}.{} {} {}.{}", a, key, equals, b, key);
    }
    return all;
  }

  Status Execute(const std::string& sql) {
    SL_TRY(connection_.Execute(sql));
    return {};
  }

  Status Append(const std::string& relation) {
    return Execute(fmt::format("INSERT INTO {} ({}) SELECT {} FROM {}", table_, ColumnList(),
                               ColumnList(), relation));
  }

  bool Brings(const MergeColumn& column) const {
    return rows_.columns.empty() || std::find(rows_.columns.begin(), rows_.columns.end(),
                                              column.physical.id) != rows_.columns.end();
  }
  bool IsPartial() const {
    return std::any_of(target_.columns.begin(), target_.columns.end(),
                       [&](const MergeColumn& column) { return !Brings(column); });
  }

  // One row per key: the last one, or the one with the largest value of the merge condition.
  Status KeepWinners(TemporaryTable& winners, std::string& relation) {
    const std::string repeated = fmt::format(
        "SELECT count(*) FROM (SELECT 1 FROM {} GROUP BY {} HAVING count(*) > 1 LIMIT 1)", relation,
        KeyList());
    SL_ASSIGN(const std::optional<int64_t> any, connection_.QueryInteger(repeated));
    if (any.value_or(0) == 0) return {};
    std::string order = order_ + " DESC";
    if (rows_.merge_condition) {
      order = PhysicalColumnName(*rows_.merge_condition) + " DESC NULLS LAST, " + order;
    }
    SL_TRY(winners.FillFrom(
        fmt::format("SELECT * FROM {} QUALIFY row_number() OVER (PARTITION BY {} ORDER BY {}) = 1",
                    relation, KeyList(), order)));
    relation = winners.name();
    return {};
  }

  Status DropLosersOfCondition(TemporaryTable& kept, std::string& relation) {
    const std::string column = PhysicalColumnName(*rows_.merge_condition);
    SL_TRY(kept.FillFrom(fmt::format(
        "SELECT m.* FROM {} m LEFT JOIN {} t ON {} WHERE t.rowid IS NULL OR m.{} >= t.{}", relation,
        table_, KeysEqual("m", "t"), column, column)));
    relation = kept.name();
    return {};
  }

  // What a partial update doesn't bring comes from the stored row, or from the column's default.
  Status FillUp(TemporaryTable& filled, std::string& relation) {
    std::string select;
    for (const MergeColumn& column : target_.columns) {
      const std::string name = PhysicalColumnName(column.physical.id);
      if (!select.empty()) select += ", ";
      select +=
          Brings(column)
              ? "m." + name
              : fmt::format("CASE WHEN t.rowid IS NULL THEN CAST({} AS {}) ELSE t.{} END AS {}",
                            column.missing_sql, column.physical.type, name, name);
    }
    if (!rows_.op_column.empty()) select += ", m." + rows_.op_column;
    SL_TRY(filled.FillFrom(fmt::format("SELECT {} FROM {} m LEFT JOIN {} t ON {}", select, relation,
                                       table_, KeysEqual("m", "t"))));
    relation = filled.name();
    return {};
  }

  Status Replace() {
    std::string relation = rows_.relation;
    TemporaryTable winners(connection_);
    TemporaryTable kept(connection_);
    TemporaryTable filled(connection_);
    SL_TRY(KeepWinners(winners, relation));
    if (rows_.merge_condition) SL_TRY(DropLosersOfCondition(kept, relation));
    if (IsPartial()) SL_TRY(FillUp(filled, relation));
    SL_TRY(Execute(fmt::format("DELETE FROM {} USING {} m WHERE {}", table_, relation,
                               KeysEqual(table_, "m"))));
    const std::string upserts = rows_.op_column.empty()
                                    ? relation
                                    : fmt::format("(SELECT * FROM {} WHERE coalesce({}, 0) = 0)",
                                                  relation, rows_.op_column);
    return Append(upserts);
  }

  std::string FoldExpression(const MergeColumn& column) const {
    std::string name = PhysicalColumnName(column.physical.id);
    const std::string& type = column.physical.type;
    switch (column.aggregate) {
      case AggregateKind::kNone:
        return name;
      case AggregateKind::kSum:
        return fmt::format("CAST(sum({}) AS {}) AS {}", name, type, name);
      case AggregateKind::kMin:
        return fmt::format("min({}) AS {}", name, name);
      case AggregateKind::kMax:
        return fmt::format("max({}) AS {}", name, name);
      case AggregateKind::kReplaceIfNotNull:
        return fmt::format("last({0} ORDER BY fold_order) FILTER (WHERE {0} IS NOT NULL) AS {0}",
                           name);
      case AggregateKind::kHllUnion:
      case AggregateKind::kBitmapUnion:
        return fmt::format("list_sort(list_distinct(flatten(list({0})))) AS {0}", name);
      case AggregateKind::kPercentileUnion:
        return fmt::format("flatten(list({0})) AS {0}", name);
      case AggregateKind::kReplace:
      case AggregateKind::kAggState:
        return fmt::format("last({0} ORDER BY fold_order) AS {0}", name);
    }
    return name;
  }

  // Stored rows of the keys at hand come first in the order, then the new ones as they came.
  Status Fold() {
    std::string select;
    for (const MergeColumn& column : target_.columns) {
      if (!select.empty()) select += ", ";
      select += FoldExpression(column);
    }
    TemporaryTable folded(connection_);
    SL_TRY(folded.FillFrom(fmt::format(
        "SELECT {0} FROM (SELECT {1}, CAST({2} AS BIGINT) AS fold_order FROM {3} UNION ALL SELECT "
        "{1}, -1 AS fold_order FROM {4} t WHERE EXISTS (SELECT 1 FROM {3} m WHERE {5})) GROUP BY "
        "{6}",
        select, ColumnList(), order_, rows_.relation, table_, KeysEqual("t", "m"), KeyList())));
    SL_TRY(Execute(fmt::format("DELETE FROM {} USING {} m WHERE {}", table_, folded.name(),
                               KeysEqual(table_, "m"))));
    return Append(folded.name());
  }

  Connection& connection_;
  const MergeTarget& target_;
  const StagedRows& rows_;
  std::string table_;
  std::string order_;
  std::vector<std::string> columns_;
  std::vector<std::string> keys_;
};

}  // namespace

MergeTarget MergeTargetOf(const catalog::TableDef& table) {
  MergeTarget target;
  target.table_id = table.id;
  target.model = table.model;
  for (const catalog::ColumnDef& column : table.columns) {
    target.columns.push_back(
        {PhysicalColumnOf(column), column.is_key, column.aggregate, DefaultSql(column)});
  }
  return target;
}

Result<int64_t> MergeStagedRows(Connection& connection, const MergeTarget& target,
                                const StagedRows& rows) {
  SL_ASSIGN(const std::optional<int64_t> count,
            connection.QueryInteger("SELECT count(*) FROM " + rows.relation));
  if (count.value_or(0) == 0) return int64_t{0};
  SL_TRY(Merge(connection, target, rows).Run());
  return *count;
}

}  // namespace starlift::sandbox
