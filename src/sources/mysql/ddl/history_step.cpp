#include "sources/mysql/ddl/history_step.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <set>
#include <variant>

#include <fmt/format.h>

#include "sources/mysql/catalog.h"
#include "sources/mysql/ddl/column_maker.h"
#include "sources/mysql/ddl/token_cursor.h"
#include "sources/mysql/ddl/value_change.h"

namespace starlift::mysql {
namespace {

constexpr size_t kShownStatement = 300;

const Column* FindSame(const Table& table, std::string_view name) {
  for (const Column& column : table.columns) {
    if (SameWord(column.name, name)) return &column;
  }
  return nullptr;
}

bool SameColumn(const Column& a, const Column& b) {
  return a.name == b.name && a.type == b.type && a.native_type == b.native_type &&
         a.nullable == b.nullable && a.default_kind == b.default_kind &&
         a.default_text == b.default_text && a.comment == b.comment && a.charset == b.charset &&
         a.collation == b.collation && a.auto_increment == b.auto_increment &&
         a.generated == b.generated && a.invisible == b.invisible;
}

bool SameDefinition(const Table& a, const Table& b) {
  return a.key_kind == b.key_kind && a.key == b.key && a.indexes == b.indexes &&
         a.default_collation == b.default_collation && a.comment == b.comment &&
         a.engine == b.engine && a.partitions == b.partitions &&
         std::equal(a.columns.begin(), a.columns.end(), b.columns.begin(), b.columns.end(),
                    SameColumn);
}

// The name that a column had before the statement.
std::string_view OldName(const std::vector<std::pair<std::string, std::string>>& renamed,
                         const std::string& name) {
  for (const auto& [from, to] : renamed) {
    if (SameWord(to, name)) return from;
  }
  return name;
}

// Columns whose values in rows that exist are to be read again.
std::vector<std::string> ColumnsToRefill(
    const Table& before, const Table& after,
    const std::vector<std::pair<std::string, std::string>>& renamed,
    const std::vector<std::string>& added, bool strict) {
  std::vector<std::string> refill;
  for (const Column& column : after.columns) {
    const bool is_added = std::find(added.begin(), added.end(), column.name) != added.end();
    const Column* const old = is_added ? nullptr : FindSame(before, OldName(renamed, column.name));
    const bool unknown =
        old == nullptr ? HasUnknownValues(column) : !KeepsValues(*old, column, strict);
    if (unknown) refill.push_back(column.name);
  }
  return refill;
}

// The names, as they were before, of the columns that `index` keeps apart.
std::set<std::string> UniqueColumns(
    const Table& table, const TableIndex& index,
    const std::vector<std::pair<std::string, std::string>>& renamed) {
  std::set<std::string> names;
  for (const TableIndex::Part& part : index.parts) {
    if (part.prefix || part.column == TableIndex::Part::kExpression) return {};
    names.emplace(LowerCase(OldName(renamed, table.columns[part.column].name)));
  }
  return names;
}

// Whether rows of `before` may be missing in `after` where what doesn't fit was left out without an
// error (INSERT IGNORE, ALTER IGNORE): another unique key, or other partitions.
bool MayLackRows(const Table& before, const Table& after,
                 const std::vector<std::pair<std::string, std::string>>& renamed) {
  if (after.partitions != before.partitions && !after.partitions.empty()) return true;
  return std::any_of(after.indexes.begin(), after.indexes.end(), [&](const TableIndex& index) {
    if (!index.unique) return false;
    const std::set<std::string> names = UniqueColumns(after, index, renamed);
    return names.empty() ||
           std::none_of(before.indexes.begin(), before.indexes.end(), [&](const TableIndex& old) {
             const std::set<std::string> narrower = UniqueColumns(before, old, {});
             return old.unique && !narrower.empty() &&
                    std::includes(names.begin(), names.end(), narrower.begin(), narrower.end());
           });
  });
}

}  // namespace

HistoryStep::HistoryStep(SchemaHistory& history, std::string_view statement,
                         std::string_view default_database, const StatementMode& mode)
    : history_(history),
      statement_(statement),
      default_database_(default_database),
      mode_(mode),
      tables_(history.tables_),
      shadows_(history.shadows_),
      told_(history.told_),
      database_collations_(history.facts_.database_collations) {}

Result<std::vector<SchemaChange>> HistoryStep::Run(const ParsedStatement& parsed) {
  if (parsed.failure) {
    SL_TRY(TakeUnreadable(parsed));
  } else {
    SL_TRY(std::visit([&](const auto& statement) { return Take(statement); }, parsed.statement));
  }
  history_.tables_ = std::move(tables_);
  history_.shadows_ = std::move(shadows_);
  history_.told_ = std::move(told_);
  history_.facts_.database_collations = std::move(database_collations_);
  return std::move(changes_);
}

TableId HistoryStep::IdOf(const TableName& name) const {
  TableId id{.database = name.database.empty() ? std::string(default_database_) : name.database,
             .name = name.name};
  if (history_.facts_.lower_case_names) {
    id.database = LowerCase(id.database);
    id.name = LowerCase(id.name);
  }
  return id;
}

TableVersion HistoryStep::Find(const TableId& id) const {
  const auto found = tables_.find(id);
  return found == tables_.end() ? nullptr : found->second;
}

bool HistoryStep::IsWanted(const TableId& id) const {
  return !IsSystemSchema(id.database) && history_.wanted_(id) && !history_.IsShadowTable(id);
}

bool HistoryStep::Matters(const TableId& id) const {
  return IsWanted(id) || history_.IsShadowTable(id);
}

Error HistoryStep::NotFollowed(const TableId& id, std::string_view why) const {
  return Error{
      ErrorKind::kPolicy,
      fmt::format("a statement about {} can't be followed: {}. The statement: {}{}", id.ToString(),
                  why, statement_.substr(0, kShownStatement),
                  statement_.size() > kShownStatement ? "…" : ""),
      "",
      "restart the task from after this statement with the table's structure and rows loaded anew, "
      "or leave the table out"};
}

DefinitionContext HistoryStep::Context(const std::string& database) const {
  const auto found = database_collations_.find(database);
  return {.facts = history_.facts_,
          .database_collation = found == database_collations_.end() ? "" : found->second,
          .utf8mb4_collation = mode_.utf8mb4_collation,
          .explicit_timestamps = mode_.explicit_timestamp_defaults.value_or(
              history_.facts_.explicit_timestamp_defaults)};
}

SchemaChange& HistoryStep::Tell(SchemaChangeKind kind, TableVersion before, TableVersion after) {
  SchemaChange& change = changes_.emplace_back();
  change.kind = kind;
  change.before = std::move(before);
  change.after = std::move(after);
  change.statement = statement_;
  return change;
}

Status HistoryStep::TakeUnreadable(const ParsedStatement& parsed) {
  if (parsed.named.empty()) {
    return Error{ErrorKind::kPolicy,
                 fmt::format("a statement of the log can't be read: {}. The statement: {}",
                             parsed.failure->message, statement_.substr(0, kShownStatement)),
                 "", "please report the statement; skip it if it changes no table of this task"};
  }
  for (const TableName& name : parsed.named) {
    const TableId id = IdOf(name);
    if (Matters(id)) return NotFollowed(id, parsed.failure->message);
    // Not ours, and no longer known.
    tables_.erase(id);
  }
  return {};
}

Status HistoryStep::Take(const OtherStatement&) { return {}; }

Result<TableVersion> HistoryStep::MakeNew(const TableId& id, const CreateTable& create) {
  if (create.like) {
    const TableVersion original = Find(IdOf(*create.like));
    if (original == nullptr) {
      return NotFollowed(
          id, fmt::format("the definition of {} isn't known", IdOf(*create.like).ToString()));
    }
    Table copy = *original;
    copy.id = id;
    copy.row_estimate = copy.byte_estimate = copy.average_row_bytes = 0;
    return TableVersion(std::make_shared<const Table>(std::move(copy)));
  }
  auto made = MakeTable(id, create, Context(id.database));
  if (!made.ok()) return NotFollowed(id, made.error().message);
  return TableVersion(std::make_shared<const Table>(*std::move(made)));
}

Status HistoryStep::Take(const CreateTable& create) {
  const TableId id = IdOf(create.table);
  if (create.temporary || IsSystemSchema(id.database)) return {};
  if (create.if_not_exists && tables_.contains(id)) return {};
  auto made = MakeNew(id, create);
  if (!made.ok()) {
    if (Matters(id)) return std::move(made).error();
    tables_.erase(id);
    return {};
  }
  if (create.or_replace) Drop(id);
  shadows_.erase(id);
  tables_[id] = *made;
  if (IsWanted(id)) {
    told_.insert(id);
    Tell(SchemaChangeKind::kCreateTable, nullptr, *made);
  } else if (history_.IsShadowTable(id)) {
    // gh-ost's; pt-online-schema-change's triggers come later.
    shadows_[id] = {.renamed_columns = {}, .copied = id.name.ends_with("_gho")};
  }
  return {};
}

Status HistoryStep::Take(const AlterTable& alter) {
  const TableId id = IdOf(alter.table);
  const TableVersion before = Find(id);
  if (before == nullptr) {
    if (Matters(id)) return NotFollowed(id, "its definition isn't known");
    return {};
  }
  auto altered = AlterDefinition(*before, alter, Context(id.database));
  if (!altered.ok()) {
    if (Matters(id)) return NotFollowed(id, altered.error().message);
    tables_.erase(id);
    return {};
  }
  const bool rows_replaced = altered->rows_replaced;
  const bool rows_went =
      alter.ignore && MayLackRows(*before, altered->table, altered->renamed_columns);
  SL_TRY(TakeAltered(before, *std::move(altered), !rows_replaced));
  if (rows_replaced) {
    if (IsWanted(id)) Tell(SchemaChangeKind::kDropRows, before, Find(id));
    SL_TRY(ReplaceRowsOf(alter));
  } else if (rows_went && IsWanted(id)) {
    Tell(SchemaChangeKind::kDropRows, Find(id), Find(id));
  }
  // Of several the last counts.
  const RenameTo* rename = nullptr;
  for (const AlterAction& action : alter.actions) {
    if (const auto* candidate = std::get_if<RenameTo>(&action)) rename = candidate;
  }
  if (rename == nullptr) return {};
  // Without a database of its own: that of the table.
  TableName to = rename->to;
  if (to.database.empty() && default_database_.empty()) to.database = id.database;
  return Take(RenameTables{{{{id.database, id.name}, to}}});
}

Status HistoryStep::TakeAltered(const TableVersion& before, AlteredTable altered, bool announce) {
  const TableId id = before->id;
  if (SameDefinition(*before, altered.table) && altered.renamed_columns.empty()) return {};
  const auto after = std::make_shared<const Table>(std::move(altered.table));
  tables_[id] = after;
  if (history_.IsShadowTable(id)) {
    const auto known = shadows_.find(id);
    if (known == shadows_.end()) return {};
    // All at once: "CHANGE a b …, CHANGE b a …" swaps.
    const Renames before_it = std::exchange(known->second.renamed_columns, {});
    Renames& renames = known->second.renamed_columns;
    for (const auto& rename : before_it) {
      const bool goes_on =
          std::any_of(altered.renamed_columns.begin(), altered.renamed_columns.end(),
                      [&](const auto& next) { return SameWord(next.first, rename.second); });
      if (!goes_on) renames.push_back(rename);
    }
    for (const auto& [from, to] : altered.renamed_columns) {
      renames.emplace_back(OldName(before_it, from), to);
    }
    return {};
  }
  if (!IsWanted(id) || !announce) return {};
  SchemaChange& change = Tell(SchemaChangeKind::kAlterTable, before, after);
  change.columns_to_refill = ColumnsToRefill(*before, *after, altered.renamed_columns,
                                             altered.added_columns, mode_.strict);
  change.renamed_columns = std::move(altered.renamed_columns);
  return {};
}

// EXCHANGE PARTITION changes the other table's rows, too.
Status HistoryStep::ReplaceRowsOf(const AlterTable& alter) {
  for (const AlterAction& action : alter.actions) {
    const auto* replace = std::get_if<ReplaceRows>(&action);
    if (replace == nullptr || !replace->other) continue;
    const TableId other = IdOf(*replace->other);
    const TableVersion version = Find(other);
    if (!IsWanted(other)) continue;
    if (version == nullptr) return NotFollowed(other, "its definition isn't known");
    Tell(SchemaChangeKind::kDropRows, version, version);
  }
  return {};
}

// x TO _x_old, _x_new TO x: the table stays and is another. All other renames are told one by one.
Status HistoryStep::Take(const RenameTables& rename) {
  std::set<TableId> swapped;
  for (const auto& [from, to] : rename.renames) {
    const TableId target = IdOf(to);
    const auto base = history_.ShadowedTable(IdOf(from));
    const bool moved_away =
        std::any_of(rename.renames.begin(), rename.renames.end(), [&](const auto& other) {
          return IdOf(other.first) == target &&
                 history_.ShadowedTable(IdOf(other.second)) == target;
        });
    if (base == target && moved_away) swapped.insert(target);
  }
  for (const auto& [from, to] : rename.renames) {
    const TableId source = IdOf(from), target = IdOf(to);
    if (swapped.contains(source)) {
      // Leaves under a shadow's name: nothing to tell.
      const TableVersion version = Find(source);
      if (version == nullptr) continue;
      Table moved = *version;
      moved.id = target;
      tables_[target] = std::make_shared<const Table>(std::move(moved));
      continue;
    }
    if (swapped.contains(target)) {
      const TableVersion before = Find(target), shadow = Find(source);
      if (shadow == nullptr) {
        if (IsWanted(target)) {
          return NotFollowed(target,
                             fmt::format("the definition of {} isn't known", source.ToString()));
        }
        tables_.erase(target);
        continue;
      }
      Table moved = *shadow;
      moved.id = target;
      const auto after = std::make_shared<const Table>(std::move(moved));
      const auto notes = shadows_.find(source);
      const bool is_copy = notes != shadows_.end() && notes->second.copied;
      if (before != nullptr && IsWanted(target)) {
        TellSwap(before, after, is_copy ? &notes->second.renamed_columns : nullptr);
      }
      // It was loaded like any other, and is no more.
      if (IsWanted(source)) Tell(SchemaChangeKind::kDropTable, shadow, nullptr);
      Forget(source);
      tables_[target] = after;
      continue;
    }
    SL_TRY(Move(source, target));
  }
  return {};
}

// The rows are those of `before`: a tool puts its copy into the table's place once they are. What
// nobody was seen to copy, from its making on, may hold other rows under the same names.
void HistoryStep::TellSwap(const TableVersion& before, const TableVersion& after,
                           const Renames* renamed) {
  SchemaChange& change = Tell(SchemaChangeKind::kAlterTable, before, after);
  if (renamed == nullptr) {
    for (const Column& column : after->columns) change.columns_to_refill.push_back(column.name);
    return;
  }
  for (const auto& [from, to] : *renamed) {
    if (FindSame(*before, from) != nullptr && FindSame(*after, to) != nullptr) {
      change.renamed_columns.emplace_back(from, to);
    }
  }
  std::vector<std::string> added;
  for (const Column& column : after->columns) {
    if (FindSame(*before, OldName(change.renamed_columns, column.name)) == nullptr) {
      added.push_back(column.name);
    }
  }
  // Whatever the session is: both tools copy by INSERT IGNORE, which makes values fit.
  change.columns_to_refill =
      ColumnsToRefill(*before, *after, change.renamed_columns, added, /*strict=*/false);
  if (MayLackRows(*before, *after, change.renamed_columns)) {
    Tell(SchemaChangeKind::kDropRows, after, after);
  }
}

Status HistoryStep::Move(const TableId& from, const TableId& to) {
  const TableVersion before = Find(from);
  if (before == nullptr) {
    Forget(to);
    // A view, where its new name says nothing else.
    if (IsWanted(from) || !IsWanted(to)) return {};
    Error error = NotFollowed(
        to, fmt::format("it comes in by a rename, and {} was not followed", from.ToString()));
    error.mend = fmt::format(
        "take it in with `starlift add-table TASK {}.{}`, then run the task again; if it is a "
        "view, leave it out with --exclude-tables",
        to.database, to.name);
    return error;
  }
  Table moved = *before;
  moved.id = to;
  const auto after = std::make_shared<const Table>(std::move(moved));
  const bool told = IsWanted(from) || IsWanted(to);
  // Also where the new name is that of a shadow: its rows were told, and still are.
  const bool stays = told && history_.wanted_(to) && !IsSystemSchema(to.database);
  Forget(from);
  Forget(to);
  tables_[to] = after;
  if (stays) told_.insert(to);
  if (told) Tell(SchemaChangeKind::kRenameTable, before, after);
  return {};
}

void HistoryStep::Forget(const TableId& id) {
  tables_.erase(id);
  shadows_.erase(id);
  told_.erase(id);
}

void HistoryStep::Drop(const TableId& id) {
  const TableVersion before = Find(id);
  if (before != nullptr && IsWanted(id)) Tell(SchemaChangeKind::kDropTable, before, nullptr);
  Forget(id);
}

Status HistoryStep::Take(const DropTables& drop) {
  for (const TableName& name : drop.tables) Drop(IdOf(name));
  return {};
}

Status HistoryStep::Take(const TruncateTable& truncate) {
  const TableId id = IdOf(truncate.table);
  if (!IsWanted(id)) return {};
  const TableVersion before = Find(id);
  if (before == nullptr) return NotFollowed(id, "its definition isn't known");
  Tell(SchemaChangeKind::kTruncateTable, before, nullptr);
  return {};
}

Status HistoryStep::Take(const SetDatabase& database) {
  const std::string name = database.name.empty() ? std::string(default_database_)
                                                 : IdOf({.database = database.name}).database;
  if (database.create && database.or_replace) SL_TRY(Take(DropDatabase{name}));
  if (database.if_not_exists && database_collations_.contains(name)) return {};
  const Collation* const server = history_.facts_.collations.FindId(mode_.server_collation);
  const std::string server_name =
      server == nullptr ? history_.facts_.server_collation : server->name;
  std::string& collation = database_collations_[name];
  if (database.charset.empty() && database.collation.empty()) {
    if (database.create) collation = server_name;
    return {};
  }
  if (database.charset == "default") {
    collation = server_name;
    return {};
  }
  const Collation* found = nullptr;
  if (database.collation.empty() && database.charset == "utf8mb4" && mode_.utf8mb4_collation != 0) {
    found = history_.facts_.collations.FindId(mode_.utf8mb4_collation);
  } else {
    found = FindCollation(history_.facts_, database.charset, database.collation);
  }
  // Not known: statements that need it will say so.
  collation = found == nullptr ? std::string() : found->name;
  return {};
}

Status HistoryStep::Take(const DropDatabase& drop) {
  const std::string name = IdOf({.database = drop.name}).database;
  std::vector<TableId> gone;
  for (const auto& [id, table] : tables_) {
    if (id.database == name) gone.push_back(id);
  }
  for (const TableId& id : gone) Drop(id);
  database_collations_.erase(name);
  return {};
}

Status HistoryStep::Take(const CopyTrigger& trigger) {
  const TableId id = IdOf(trigger.table);
  for (auto& [shadow, notes] : shadows_) {
    if (history_.ShadowedTable(shadow) == id) notes.copied = true;
  }
  return {};
}

Status HistoryStep::Take(const RowStatement& rows) {
  for (const TableName& name : rows.names) {
    const TableId id = IdOf(name);
    if (Find(id) == nullptr || !IsWanted(id)) continue;
    Error error = NotFollowed(id, "it changes rows by a statement instead of row events");
    error.mend = "SET GLOBAL binlog_format = ROW; in every session, then load the table anew";
    return error;
  }
  return {};
}

}  // namespace starlift::mysql
