#include "mapping/table_mapper.h"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>
#include <re2/re2.h>

#include "mapping/default_values.h"
#include "mapping/target_names.h"
#include "mapping/type_rules.h"

namespace starlift::mapping {
namespace {

using starrocks::CellRule;
using starrocks::ColumnPlan;
using starrocks::TableModel;
using starrocks::TargetColumn;
using starrocks::TargetTypeKind;

constexpr size_t kMaxColumnComment = 1024;  // characters
constexpr size_t kMaxTableComment = 2048;
// Above this the buckets are ours to choose: the server's own choice knows nothing of the size.
constexpr uint64_t kLargeTableBytes = uint64_t{16} << 30;
constexpr uint64_t kBytesPerBucket = uint64_t{2} << 30;
constexpr uint64_t kMaxBuckets = 1024;

class TableMapper {
 public:
  TableMapper(const Table& table, const RuleMatch& match, const MappingRequest& request,
              std::vector<Finding>& findings)
      : table_(table), match_(match), request_(request), findings_(findings) {}

  Result<std::optional<TableMapping>> Map() {
    options_ = request_.options;
    if (match_.rule != nullptr) {
      for (const auto& [name, value] : match_.rule->options) {
        Status set = SetMappingOption(name, value, options_);
        if (!set.ok()) {
          return std::move(set.error()).At(fmt::format("rule for `{}`", match_.rule->match));
        }
      }
    }
    mapping_.source = table_;
    mapping_.time_zone = options_.target_time_zone;
    SelectColumns();
    if (selected_.empty()) {
      Refuse("no-columns", fmt::format("table {} has no column left to load", Name()),
             "take some columns in, or exclude the table");
      return std::optional<TableMapping>();
    }
    FindKey();
    OrderColumns();
    NameTable();
    MakeColumns();
    if (refused_) return std::optional<TableMapping>();
    Distribute();
    starrocks::FinishEncodePlan(mapping_.plan, /*all_columns=*/true);
    return std::optional<TableMapping>(std::move(mapping_));
  }

 private:
  struct Selected {
    ColumnIndex index;
    ColumnRole role = ColumnRole::kValue;
  };

  std::string Name() const { return table_.id.ToString(); }
  const Column& SourceColumn(ColumnIndex index) const { return table_.columns[index]; }

  void Refuse(std::string code, std::string message, std::string mend) {
    refused_ = true;
    findings_.push_back(
        Finding{Severity::kError, std::move(code), Name(), std::move(message), std::move(mend)});
  }
  void Warn(std::string code, std::string message, std::string mend = "") {
    mapping_.warnings.push_back(
        Finding{Severity::kWarning, std::move(code), Name(), std::move(message), std::move(mend)});
  }
  void Note(std::string code, std::string message) {
    mapping_.warnings.push_back(
        Finding{Severity::kInfo, std::move(code), Name(), std::move(message), ""});
  }

  static bool Holds(const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  }

  void SelectColumns() {
    const TableRule* rule = match_.rule;
    for (ColumnIndex i = 0; i < table_.columns.size(); ++i) {
      const std::string& name = SourceColumn(i).name;
      if (rule != nullptr && !rule->include_columns.empty() &&
          !Holds(rule->include_columns, name)) {
        continue;
      }
      if (rule != nullptr && Holds(rule->exclude_columns, name)) continue;
      selected_.push_back(Selected{.index = i});
    }
    if (rule == nullptr) return;
    for (const std::string& name : rule->include_columns) {
      if (!table_.FindColumn(name)) {
        Warn("unknown-column",
             fmt::format("the rule for `{}` names column `{}`, which is not there", rule->match,
                         name));
      }
    }
  }

  std::vector<ColumnIndex> WantedKey() const {
    if (match_.rule == nullptr || match_.rule->key_columns.empty()) return table_.key;
    std::vector<ColumnIndex> key;
    for (const std::string& name : match_.rule->key_columns) {
      if (const auto column = table_.FindColumn(name)) key.push_back(*column);
    }
    return key.size() == match_.rule->key_columns.size() ? key : table_.key;
  }

  void FindKey() {
    key_ = WantedKey();
    if (key_.empty()) {
      Warn("no-key",
           fmt::format("table {} has no primary key: it becomes a Duplicate Key table, loaded in "
                       "one transaction that can't be resumed inside",
                       Name()),
           "add a primary key at the source, or name columns that make rows unique: "
           "rules: key-columns");
    }
    for (const ColumnIndex column : key_) {
      const auto found = std::find_if(selected_.begin(), selected_.end(),
                                      [&](const Selected& one) { return one.index == column; });
      std::string why;
      if (found == selected_.end()) {
        why = "is left out";
      } else {
        const TypeDecision decision =
            DecideType(SourceColumn(column), ColumnRole::kPrimaryKey, options_);
        if (!decision.supported) why = fmt::format("can't be a key: {}", decision.warning);
      }
      if (why.empty()) continue;
      Warn("key-not-possible",
           fmt::format("key column `{}` {}: the table becomes a Duplicate Key table",
                       SourceColumn(column).name, why));
      key_.clear();
      break;
    }
    if (key_.empty()) FindSortKey();
  }

  // A table without a key is sorted by the first column that may be a key; where none may, the
  // first one lands as text and is.
  void FindSortKey() {
    mapping_.keyless = true;
    for (const Selected& one : selected_) {
      const TypeDecision decision =
          DecideType(SourceColumn(one.index), ColumnRole::kValue, options_);
      if (decision.supported && starrocks::MayBeSortKey(decision.type)) {
        sort_key_ = one.index;
        return;
      }
    }
    sort_key_ = selected_.front().index;
    Warn("sort-key-as-text", fmt::format("no column may be a sort key: column `{}` lands as text",
                                         SourceColumn(*sort_key_).name));
  }

  void OrderColumns() {
    std::vector<Selected> ordered;
    if (sort_key_) {
      const TypeDecision as_value =
          DecideType(SourceColumn(*sort_key_), ColumnRole::kValue, options_);
      const bool as_it_is = as_value.supported && starrocks::MayBeSortKey(as_value.type);
      ordered.push_back({*sort_key_, as_it_is ? ColumnRole::kValue : ColumnRole::kSortKey});
    }
    for (const ColumnIndex column : key_) ordered.push_back({column, ColumnRole::kPrimaryKey});
    const size_t keys = ordered.size();
    for (const Selected& one : selected_) {
      const bool is_key =
          std::any_of(ordered.begin(), ordered.begin() + static_cast<std::ptrdiff_t>(keys),
                      [&](const Selected& key) { return key.index == one.index; });
      if (!is_key) ordered.push_back(one);
    }
    selected_ = std::move(ordered);
    mapping_.target.key_columns = keys;
    mapping_.target.model = key_.empty() ? TableModel::kDuplicateKey : TableModel::kPrimaryKey;
    mapping_.plan.limit_primary_key = !key_.empty();
  }

  void NameTable() {
    starrocks::TargetTable& target = mapping_.target;
    target.database = !match_.target_database.empty()      ? match_.target_database
                      : !request_.default_database.empty() ? request_.default_database
                                                           : table_.id.database;
    target.name = match_.target_table.empty() ? table_.id.name : match_.target_table;
    if (const std::string why = RefuseDatabaseName(target.database); !why.empty()) {
      Refuse("database-name",
             fmt::format("the target can't have a database `{}`: {}", target.database, why),
             fmt::format("add to rules: {{match: '{}', target-database: another_name}}",
                         MatchExpression(table_.id)));
    }
    if (const std::string why = RefuseTableName(target.name); !why.empty()) {
      Refuse("table-name", fmt::format("the target can't have a table `{}`: {}", target.name, why),
             fmt::format("add to rules: {{match: '{}', target_table: another_name}}",
                         MatchExpression(table_.id)));
    }
    target.comment = CutCharacters(table_.comment, kMaxTableComment);
    if (target.comment.size() < table_.comment.size()) {
      Note("comment-cut", "the table's comment is cut");
    }
  }

  std::string TargetColumnName(const Column& column) const {
    if (match_.rule != nullptr) {
      for (const auto& [from, to] : match_.rule->rename_columns) {
        if (from == column.name) return to;
      }
    }
    return column.name;
  }

  void MakeColumns() {
    std::map<std::string, std::string> folded_names;
    for (size_t position = 0; position < selected_.size(); ++position) {
      MakeColumn(position);
      const std::string& name = mapping_.target.columns.back().name;
      const auto [other, is_new] = folded_names.emplace(FoldCase(name), name);
      if (!is_new) {
        Refuse("name-clash-case",
               fmt::format("columns `{}` and `{}` of {} differ only in case, which StarRocks "
                           "doesn't tell apart",
                           other->second, name, Name()),
               RenameColumnRule(name));
      }
    }
    for (const auto& [text, columns] : type_warnings_) {
      Warn("lossy-type", fmt::format("{}: {}", ColumnList(columns), text));
    }
    CheckKeyBytes();
  }

  static std::string ColumnList(const std::vector<std::string>& columns) {
    std::string list = columns.size() == 1 ? "column " : "columns ";
    for (size_t i = 0; i < columns.size(); ++i) list += (i > 0 ? ", `" : "`") + columns[i] + "`";
    return list;
  }

  std::string RenameColumnRule(const std::string& name) const {
    return fmt::format("add to rules: {{match: '{}', rename_columns: {{'{}': another_name}}}}",
                       MatchExpression(table_.id), name);
  }

  void MakeColumn(size_t position) {
    const Selected& one = selected_[position];
    const Column& source = SourceColumn(one.index);
    const TypeDecision decision = DecideType(source, one.role, options_);
    TargetColumn target;
    target.name = TargetColumnName(source);
    if (!decision.supported) {
      Refuse("unsupported-type",
             fmt::format("column `{}` of {}: {}", source.name, Name(), decision.warning),
             fmt::format("add to rules: {{match: '{}', exclude-columns: ['{}']}}",
                         MatchExpression(table_.id), source.name));
    }
    if (const std::string why = RefuseColumnName(target.name); !why.empty()) {
      Refuse("column-name",
             fmt::format("the target can't have a column `{}` ({}): {}", target.name, Name(), why),
             RenameColumnRule(source.name));
    }
    if (!decision.warning.empty()) AddTypeWarning(decision.warning, source.name);
    const bool primary = one.role == ColumnRole::kPrimaryKey;
    target.type = decision.type;
    target.nullable = !primary && (source.nullable || decision.forces_nullable);
    if (primary && source.nullable) {
      Warn("nullable-key",
           fmt::format("key column `{}` may be NULL: such rows are refused", source.name));
    }
    const std::string note = MapDefault(source, target);
    if (!note.empty()) Note("default-left-out", fmt::format("column `{}`: {}", source.name, note));
    target.comment = CutCharacters(source.comment, kMaxColumnComment);
    if (target.comment.size() < source.comment.size()) {
      Note("comment-cut", fmt::format("the comment of column `{}` is cut", source.name));
    }
    ColumnPlan plan{.name = target.name,
                    .source_index = static_cast<uint32_t>(position),
                    .source_kind = source.type.kind,
                    .type = decision.type,
                    .rule = decision.rule,
                    .limit_bytes = decision.limit_bytes,
                    .nullable = target.nullable,
                    .key = position < mapping_.target.key_columns,
                    .truncate = options_.truncate_long_text};
    plan.null_impossible = decision.rule == CellRule::kFloat ? options_.not_finite_as_null
                                                             : options_.zero_date_as_null;
    if (decision.rule == CellRule::kTimestamp) {
      plan.utc_offset_seconds = ParseTimeZoneOffset(options_.target_time_zone).value();
    }
    mapping_.columns.push_back(one.index);
    mapping_.plan.columns.push_back(std::move(plan));
    mapping_.target.columns.push_back(std::move(target));
  }

  // One line for many columns that lose the same.
  void AddTypeWarning(const std::string& text, const std::string& column) {
    const auto found = std::find_if(type_warnings_.begin(), type_warnings_.end(),
                                    [&](const auto& entry) { return entry.first == text; });
    if (found == type_warnings_.end()) {
      type_warnings_.push_back({text, {column}});
    } else {
      found->second.push_back(column);
    }
  }

  void CheckKeyBytes() {
    if (key_.empty()) return;
    uint64_t bytes = 0;
    for (size_t i = 0; i < mapping_.target.key_columns; ++i) {
      const TargetColumn& column = mapping_.target.columns[i];
      bytes += column.type.kind == TargetTypeKind::kVarchar ? uint64_t{column.type.length} + 2 : 8;
    }
    if (bytes <= starrocks::kMaxPrimaryKeyBytes + 2) return;
    Note("key-length", fmt::format("rows whose primary key takes more than {} bytes are refused",
                                   starrocks::kMaxPrimaryKeyBytes));
  }

  void Distribute() {
    starrocks::TargetTable& target = mapping_.target;
    if (!key_.empty() || !request_.random_distribution) {
      for (size_t i = 0; i < target.key_columns; ++i) {
        target.hash_columns.push_back(target.columns[i].name);
      }
    }
    target.buckets = options_.buckets;
    if (target.buckets == 0 && table_.byte_estimate > kLargeTableBytes) {
      target.buckets =
          static_cast<uint32_t>(std::min(kMaxBuckets, table_.byte_estimate / kBytesPerBucket + 1));
    }
    if (request_.replication_num) {
      target.properties.emplace_back("replication_num", std::to_string(*request_.replication_num));
    }
    for (const auto& property : options_.properties) target.properties.push_back(property);
  }

  const Table& table_;
  const RuleMatch& match_;
  const MappingRequest& request_;
  std::vector<Finding>& findings_;
  MappingOptions options_;
  TableMapping mapping_;
  std::vector<Selected> selected_;
  std::vector<ColumnIndex> key_;
  std::optional<ColumnIndex> sort_key_;
  std::vector<std::pair<std::string, std::vector<std::string>>> type_warnings_;
  bool refused_ = false;
};

}  // namespace

std::string MatchExpression(const TableId& table) {
  const std::string text = table.database + "." + table.name;
  return RE2::QuoteMeta(re2::StringPiece(text.data(), text.size()));
}

Result<std::optional<TableMapping>> MapTable(const Table& table, const RuleMatch& match,
                                             const MappingRequest& request,
                                             std::vector<Finding>& findings) {
  return TableMapper(table, match, request, findings).Map();
}

}  // namespace starlift::mapping
