#include "sync/evolve/target_alteration.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "starrocks/ddl_printer.h"
#include "sync/evolve/column_alteration.h"

namespace starlift::sync {
namespace {

using mapping::TableMapping;
using starrocks::QuoteName;
using starrocks::QuoteString;
using starrocks::TableModel;
using starrocks::TargetColumn;
using starrocks::TargetTable;

constexpr size_t kShownStatement = 300;

// The column's name at the target, by its name at the source; empty if it isn't mapped.
std::string TargetName(const TableMapping& mapping, std::string_view source_column) {
  for (const starrocks::ColumnPlan& plan : mapping.plan.columns) {
    if (mapping.source.columns[mapping.columns[plan.source_index]].name == source_column) {
      return plan.name;
    }
  }
  return "";
}

const Column& SourceOf(const TableMapping& mapping, size_t target_column) {
  return mapping.source.columns[mapping.columns[mapping.plan.columns[target_column].source_index]];
}

class Alteration {
 public:
  Alteration(const TargetTable& existing, const MappedChange& change,
             const SchemaChangeOptions& options)
      : there_(existing), change_(change), options_(options) {
    plan_.mapping = *change.after;
  }

  Result<TargetAlteration> Run() {
    SL_TRY(RenameColumns());
    SL_TRY(CompareKeys());
    if (plan_.rebuild_reason) return std::move(plan_);
    SL_TRY(CompareColumns());
    SL_TRY(DropColumns());
    FinishClauses();
    SL_TRY(ChangeComments());
    NameRefillColumns();
    return std::move(plan_);
  }

 private:
  Error Stop(std::string_view why, std::string_view option) const {
    return StopAtChange(*change_.change, why, option);
  }

  void AddStep(std::string_view clause, bool cosmetic = false) {
    plan_.steps.push_back(
        {fmt::format("ALTER TABLE {} {}", there_.QuotedName(), clause), cosmetic});
  }

  void Rebuild(std::string reason) {
    if (!plan_.rebuild_reason) plan_.rebuild_reason = std::move(reason);
  }

  TargetColumn* There(std::string_view name) {
    const auto found = there_.FindColumn(name);
    return found ? &there_.columns[*found] : nullptr;
  }

  Status RenameColumns() {
    for (const auto& [from, to] : change_.change->renamed_columns) {
      const std::string old_name = TargetName(*change_.before, from);
      const std::string new_name = TargetName(*change_.after, to);
      if (old_name.empty() || new_name.empty() || old_name == new_name) continue;
      TargetColumn* const column = There(old_name);
      if (column == nullptr) continue;  // done already, or to be added
      const auto same = there_.FindColumn(new_name);
      if (same && &there_.columns[*same] == column) continue;  // another case only
      if (options_.rename_column == ChangePolicy::kStop) {
        return Stop(fmt::format("column `{}` is renamed to `{}`", from, to), "rename-column");
      }
      if (options_.rename_column == ChangePolicy::kIgnore) {
        plan_.notes.push_back(
            fmt::format("column {} keeps its name at the target: values of `{}` "
                        "go on into it",
                        QuoteName(old_name), to));
        KeepName(new_name, column->name);
        continue;
      }
      if (same) {
        // A column that was dropped at the source and kept here stands in the way.
        Rebuild(fmt::format("column {} can't be renamed: {} is there, too", QuoteName(old_name),
                            QuoteName(new_name)));
        continue;
      }
      AddStep(fmt::format("RENAME COLUMN {} TO {}", QuoteName(old_name), QuoteName(new_name)));
      column->name = new_name;
    }
    return {};
  }

  // The mapping's column `name` lands in the column `kept`.
  void KeepName(std::string_view name, const std::string& kept) {
    const auto index = plan_.mapping.target.FindColumn(name);
    if (!index) return;
    plan_.mapping.target.columns[*index].name = kept;
    plan_.mapping.plan.columns[*index].name = kept;
  }

  Status CompareKeys() {
    const TargetTable& wanted = plan_.mapping.target;
    const bool unique_serves =
        there_.model == TableModel::kUniqueKey && wanted.model == TableModel::kPrimaryKey;
    if (there_.model != wanted.model && !unique_serves) {
      Rebuild(fmt::format("it is a {} table and must become {}", TableModelName(there_.model),
                          TableModelName(wanted.model)));
      return {};
    }
    if (wanted.model != TableModel::kPrimaryKey) return {};
    for (size_t i = 0; i < wanted.key_columns; ++i) {
      // Rows under their old keys would stay.
      if (HasUnknownValues(SourceOf(plan_.mapping, i))) {
        Rebuild(fmt::format("key column {} has other values", QuoteName(wanted.columns[i].name)));
      }
    }
    bool same = there_.key_columns == wanted.key_columns;
    for (size_t i = 0; same && i < wanted.key_columns; ++i) {
      const auto found = there_.FindColumn(wanted.columns[i].name);
      same = found && *found < there_.key_columns;
      if (!same) break;
      if (PlanModification(there_.columns[*found], wanted.columns[i])) {
        Rebuild(
            fmt::format("key column {} changes from {} to {}", QuoteName(wanted.columns[i].name),
                        PrintType(there_.columns[*found].type), PrintType(wanted.columns[i].type)));
      }
    }
    if (!same) Rebuild("its key changes");
    return {};
  }

  bool HasUnknownValues(const Column& source) const {
    const auto& names = change_.change->columns_to_refill;
    return std::find(names.begin(), names.end(), source.name) != names.end();
  }

  Status CompareColumns() {
    for (size_t i = 0; i < plan_.mapping.target.columns.size();) {
      const TargetColumn wanted = plan_.mapping.target.columns[i];
      const TargetColumn* const column = There(wanted.name);
      if (column == nullptr) {
        SL_ASSIGN(const bool kept, Add(i, wanted));
        if (kept) ++i;
        continue;
      }
      if (IsNew(i)) refill_.push_back(SourceOf(plan_.mapping, i).name);
      SL_TRY(Modify(*column, wanted));
      ++i;
    }
    return {};
  }

  // A column that is new and there already was dropped earlier and kept, or was added before a
  // crash: nothing tells what is in it.
  bool IsNew(size_t index) const {
    const std::string& name = SourceOf(plan_.mapping, index).name;
    const auto& renamed = change_.change->renamed_columns;
    return !change_.before->source.FindColumn(name) &&
           std::none_of(renamed.begin(), renamed.end(),
                        [&](const auto& names) { return names.second == name; });
  }

  // False: the column is left out.
  Result<bool> Add(size_t index, const TargetColumn& wanted) {
    const Column source = SourceOf(plan_.mapping, index);
    if (options_.add_column == ChangePolicy::kStop) {
      return Stop(fmt::format("column `{}` is new", source.name), "add-column");
    }
    if (options_.add_column == ChangePolicy::kIgnore) {
      plan_.notes.push_back(fmt::format("new column `{}` is left out", source.name));
      LeaveOut(index);
      return false;
    }
    const AddedColumn added = PlanAddedColumn(source, wanted, HasUnknownValues(source));
    if (added.refill) refill_.push_back(source.name);
    adds_.push_back("ADD COLUMN " + PrintColumnClause(added.column));
    return true;
  }

  void LeaveOut(size_t index) {
    TableMapping& mapping = plan_.mapping;
    mapping.target.columns.erase(mapping.target.columns.begin() +
                                 static_cast<std::ptrdiff_t>(index));
    mapping.plan.columns.erase(mapping.plan.columns.begin() + static_cast<std::ptrdiff_t>(index));
  }

  Status Modify(const TargetColumn& column, const TargetColumn& wanted) {
    const auto modification = PlanModification(column, wanted);
    if (!modification) return {};
    const std::string what = fmt::format(
        "column {} changes from {}{} to {}{}", QuoteName(column.name), PrintType(column.type),
        column.nullable ? "" : " NOT NULL", PrintType(modification->column.type),
        modification->column.nullable ? "" : " NOT NULL");
    if (options_.change_type == ChangePolicy::kStop) return Stop(what, "change-type");
    if (options_.change_type == ChangePolicy::kIgnore) {
      if (!modification->possible) return Stop(what + ", which it can't take", "change-type");
      plan_.notes.push_back(what + ": left as it is, larger values will be refused");
      return {};
    }
    if (!modification->possible) {
      Rebuild(what);
      return {};
    }
    modifies_.push_back("MODIFY COLUMN " + PrintColumnClause(modification->column));
    return {};
  }

  // Columns that rows had before and have no more.
  Status DropColumns() {
    for (const starrocks::ColumnPlan& before : change_.before->plan.columns) {
      const TargetColumn* const column = There(before.name);
      if (column == nullptr || plan_.mapping.target.FindColumn(before.name)) continue;
      const std::string source =
          change_.before->source.columns[change_.before->columns[before.source_index]].name;
      if (options_.drop_column == ChangePolicy::kStop) {
        return Stop(fmt::format("column `{}` is dropped", source), "drop-column");
      }
      if (options_.drop_column == ChangePolicy::kApply) {
        drops_.push_back("DROP COLUMN " + QuoteName(column->name));
        continue;
      }
      plan_.notes.push_back(
          fmt::format("column {} was dropped at the source and is kept", QuoteName(column->name)));
      if (column->default_kind != starrocks::TargetDefaultKind::kNone) {
        plan_.mapping.kept_columns.push_back(column->name);
      }
      if (!column->nullable) {
        TargetColumn nullable = *column;
        nullable.nullable = true;
        modifies_.push_back("MODIFY COLUMN " + PrintColumnClause(nullable));
      }
    }
    return {};
  }

  // One ALTER per kind: each may rewrite the table.
  void FinishClauses() {
    for (const auto* clauses : {&modifies_, &adds_, &drops_}) {
      std::string all;
      for (const std::string& clause : *clauses) all += (all.empty() ? "" : ", ") + clause;
      if (!all.empty()) AddStep(all);
    }
  }

  // Only comments that the source has changed: the target's may be the user's own.
  Status ChangeComments() {
    if (options_.comment == ChangePolicy::kIgnore) return {};
    const bool stop = options_.comment == ChangePolicy::kStop;
    const TableMapping& wanted = plan_.mapping;
    if (change_.before->source.comment != wanted.source.comment &&
        there_.comment != wanted.target.comment) {
      if (stop) return Stop("the table's comment changes", "comment");
      AddStep("COMMENT = " + QuoteString(wanted.target.comment), true);
    }
    for (size_t i = 0; i < wanted.target.columns.size(); ++i) {
      const TargetColumn& column = wanted.target.columns[i];
      const TargetColumn* const there = There(column.name);
      const Column& source = SourceOf(wanted, i);
      const auto before = change_.before->source.FindColumn(source.name);
      if (there == nullptr || !before || there->comment == column.comment) continue;
      if (change_.before->source.columns[*before].comment == source.comment) continue;
      if (stop) return Stop(fmt::format("the comment of `{}` changes", source.name), "comment");
      AddStep(fmt::format("MODIFY COLUMN {} COMMENT {}", QuoteName(there->name),
                          QuoteString(column.comment)),
              true);
    }
    return {};
  }

  // TIME(3) after TIME(0), a DECIMAL of more than 38 digits with another scale: the same values,
  // but they land as text, which shows the digits.
  bool ChangesText(size_t index) const {
    if (plan_.mapping.target.columns[index].type.kind != starrocks::TargetTypeKind::kVarchar) {
      return false;
    }
    const Column& source = SourceOf(plan_.mapping, index);
    std::string old_name = source.name;
    for (const auto& [from, to] : change_.change->renamed_columns) {
      if (to == source.name) old_name = from;
    }
    const auto before = change_.before->source.FindColumn(old_name);
    return before && change_.before->source.columns[*before].type.scale != source.type.scale;
  }

  // Columns whose values changed without row events, as far as they land here.
  void NameRefillColumns() {
    for (const std::string& name : change_.change->columns_to_refill) {
      if (!TargetName(plan_.mapping, name).empty()) refill_.push_back(name);
    }
    for (size_t i = 0; i < plan_.mapping.target.columns.size(); ++i) {
      if (ChangesText(i)) refill_.push_back(SourceOf(plan_.mapping, i).name);
    }
    std::sort(refill_.begin(), refill_.end());
    refill_.erase(std::unique(refill_.begin(), refill_.end()), refill_.end());
    plan_.refill_columns = std::move(refill_);
  }

  TargetTable there_;  // with the steps so far done
  const MappedChange& change_;
  const SchemaChangeOptions& options_;
  TargetAlteration plan_;
  std::vector<std::string> modifies_, adds_, drops_, refill_;
};

}  // namespace

Result<TargetAlteration> PlanAlteration(const TargetTable& existing, const MappedChange& change,
                                        const SchemaChangeOptions& options) {
  return Alteration(existing, change, options).Run();
}

Error StopAtChange(const SchemaChange& change, std::string_view why, std::string_view option) {
  const Table& table = change.before != nullptr ? *change.before : *change.after;
  const std::string mend =
      option.empty() ? "restart the table: its structure and rows are loaded anew"
                     : fmt::format(
                           "set {} in schema_changes of the task file to apply or ignore, "
                           "or make the change at the target yourself; then run it again",
                           option);
  return Error{ErrorKind::kPolicy,
               fmt::format("stopped before a schema change of {}: {}. The statement: {}",
                           table.id.ToString(), why, change.statement.substr(0, kShownStatement)),
               "", mend};
}

}  // namespace starlift::sync
