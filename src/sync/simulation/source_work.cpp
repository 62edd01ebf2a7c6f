#include "sync/simulation/source_work.h"

#include <algorithm>
#include <set>
#include <utility>

#include <fmt/format.h>

namespace starlift::sync {
namespace {

constexpr size_t kMostTables = 6;
constexpr uint64_t kFewestValues = 6;       // few, so that tables without a key have equal rows
constexpr size_t kUnloadableBytes = 5'000;  // longer than any text's type

bool InKey(const Table& table, ColumnIndex column) {
  return std::find(table.key.begin(), table.key.end(), column) != table.key.end();
}

bool SameKey(const Table& table, const SourceRow& a, const SourceRow& b) {
  return std::all_of(table.key.begin(), table.key.end(),
                     [&](ColumnIndex column) { return a[column] == b[column]; });
}

bool HoldsKey(const SourceTable& table, const SourceRow& row) {
  return table.version->has_key() &&
         std::any_of(table.rows.begin(), table.rows.end(),
                     [&](const SourceRow& one) { return SameKey(*table.version, one, row); });
}

Column IntegerColumn(std::string name, TypeKind kind, bool nullable) {
  Column column{.name = std::move(name), .type = {kind}};
  column.native_type = kind == TypeKind::kInt64 ? "bigint" : "int";
  column.nullable = nullable;
  if (nullable) column.default_kind = DefaultKind::kNull;
  return column;
}

Column TextColumn(std::string name, uint64_t length, bool nullable) {
  Column column{.name = std::move(name), .type = {TypeKind::kVarchar, length}};
  column.native_type = fmt::format("varchar({})", length);
  column.nullable = nullable;
  if (nullable) column.default_kind = DefaultKind::kNull;
  column.charset = "utf8mb4";
  return column;
}

Table MakeTable(const std::string& name, bool keyed) {
  Table table;
  table.id = {"shop", "", name};
  table.columns = {IntegerColumn("id", TypeKind::kInt64, false),
                   IntegerColumn("k", TypeKind::kInt32, false), TextColumn("v", 40, true)};
  if (keyed) {
    table.key_kind = KeyKind::kPrimary;
    table.key = {0};
  }
  return table;
}

// What rows that exist have in a new column.
std::optional<std::string> ImplicitValue(const Column& column) {
  if (column.default_kind == DefaultKind::kLiteral) return column.default_text;
  if (column.nullable) return std::nullopt;
  return column.type.kind == TypeKind::kVarchar ? "" : "0";
}

}  // namespace

bool AreUnique(const SourceTable& table, const std::vector<ColumnIndex>& key) {
  std::set<SourceRow> seen;
  return std::all_of(table.rows.begin(), table.rows.end(), [&](const SourceRow& row) {
    SourceRow cells;
    for (const ColumnIndex column : key) cells.push_back(row[column]);
    return seen.insert(std::move(cells)).second;
  });
}

std::string PrintRow(const SourceRow& row) {
  constexpr size_t kShown = 40;
  std::string text;
  for (const auto& cell : row) {
    text += (text.empty() ? "" : "|") + cell.value_or("\\N").substr(0, kShown);
  }
  return text;
}

std::string KeyText(const Table& table, const SourceRow& row) {
  SourceRow cells;
  for (const ColumnIndex column : table.key) cells.push_back(row[column]);
  return PrintRow(cells);
}

bool IsUnloadable(const SourceRow& row) {
  return std::any_of(row.begin(), row.end(), [](const std::optional<std::string>& cell) {
    return cell && cell->size() == kUnloadableBytes;
  });
}

void SourceWork::FillTable(const std::string& name, bool keyed) {
  SourceTable& table = source_.tables_[name];
  table.version = std::make_shared<const Table>(MakeTable(name, keyed));
  for (uint64_t left = dice_.Below(source_.options_.first_rows + 1); left > 0; --left) {
    SourceRow row = NewRow(*table.version);
    if (HoldsKey(table, row)) continue;
    NoteWritten(table, row, true);
    table.rows.push_back(std::move(row));
  }
}

void SourceWork::Run() {
  LogEntry entry;
  const auto place = PickTable();
  switch (action_.kind) {
    case ActionKind::kTransaction:
      ChangeRows(dice_.OneIn(15) ? 40 : 1 + dice_.Below(5), entry);
      return Append(std::move(entry), "transaction");
    case ActionKind::kXaPrepare:
      if (source_.prepared_at_) return;
      source_.prepared_at_ = source_.entries_.size();
      entry.told = false;
      return Append(std::move(entry), "xa prepare");
    case ActionKind::kXaDecide:
      if (!source_.prepared_at_) return;
      source_.prepared_at_.reset();
      ChangeRows(1 + dice_.Below(5), entry);
      return Append(std::move(entry), "xa commit");
    case ActionKind::kRotateLog:
      ++source_.file_;
      source_.trace_.push_back(fmt::format("the log goes on in file {}", source_.file_));
      return;
    case ActionKind::kAddColumn:
      return AddColumn(place->second, false);
    case ActionKind::kAddUnknownColumn:
      return AddColumn(place->second, true);
    case ActionKind::kDropColumn:
      return DropColumn(place->second);
    case ActionKind::kRenameColumn:
      return RenameColumn(place->second);
    case ActionKind::kSwapColumns:
      return SwapColumns(place->second);
    case ActionKind::kWidenColumn:
      return WidenColumn(place->second);
    case ActionKind::kChangeKey:
      return ChangeKey(place->second);
    case ActionKind::kTruncate:
      return Truncate(place->second);
    case ActionKind::kDropRows:
      return DropRows(place->second);
    case ActionKind::kRenameTable:
      return RenameTable(place);
    case ActionKind::kCreateTable:
      return CreateTable();
    case ActionKind::kDropTable:
      return DropTable(place);
    default:
      return;
  }
}

// ---- rows ----

void SourceWork::ChangeRows(uint64_t changes, LogEntry& entry) {
  for (; changes > 0; --changes) ChangeRow(entry);
}

void SourceWork::ChangeRow(LogEntry& entry) {
  SourceTable& table = PickTable()->second;
  const bool keyed = table.version->has_key();
  LoggedChange change{.table = table.version};
  const uint64_t kind = keyed || source_.options_.keyless_edits ? dice_.Below(5) : 0;
  if (kind == 0 || table.rows.empty()) {
    change.after = NewRow(*table.version);
    if (HoldsKey(table, change.after)) return;
    NoteWritten(table, change.after, true);
    table.rows.push_back(change.after);
  } else {
    const size_t at = dice_.Below(table.rows.size());
    change.before = table.rows[at];
    if (kind == 1) {
      change.kind = ChangeKind::kDelete;
      table.rows.erase(table.rows.begin() + static_cast<ptrdiff_t>(at));
    } else {
      change.kind = ChangeKind::kUpdate;
      UpdateRow(table, table.rows[at], kind == 4, change);
    }
  }
  SetImages(change);
  entry.changes.push_back(std::move(change));
}

void SourceWork::UpdateRow(SourceTable& table, SourceRow& row, bool moves, LoggedChange& change) {
  change.after = change.before;
  const Table& version = *table.version;
  for (ColumnIndex column = 0; column < version.columns.size(); ++column) {
    if (!InKey(version, column) && dice_.OneIn(2)) {
      change.after[column] = NewValue(version, version.columns[column]);
    }
  }
  // A key that changes while the log lacks columns is a stop, and not what is tried here.
  if (moves && version.has_key() && source_.options_.row_image == RowImage::kFull) {
    SourceRow moved = change.after;
    for (const ColumnIndex column : version.key) {
      moved[column] = NewValue(version, version.columns[column]);
    }
    if (!HoldsKey(table, moved)) change.after = std::move(moved);
  }
  row = change.after;
  NoteWritten(table, row, source_.options_.row_image == RowImage::kFull);
}

SourceRow SourceWork::NewRow(const Table& table) {
  SourceRow row;
  for (const Column& column : table.columns) row.push_back(NewValue(table, column));
  return row;
}

void SourceWork::NoteWritten(SourceTable& table, const SourceRow& row, bool whole) const {
  if (!source_.options_.unloadable_rows || !table.version->has_key()) return;
  const std::string key = KeyText(*table.version, row);
  if (IsUnloadable(row)) {
    table.left_out.insert(key);
  } else if (whole) {
    table.left_out.erase(key);
  }
}

std::optional<std::string> SourceWork::NewValue(const Table& table, const Column& column) {
  if (column.nullable && dice_.OneIn(6)) return std::nullopt;
  if (column.name == "id") return std::to_string(dice_.Below(source_.options_.ids));
  const uint64_t value = dice_.Below(kFewestValues);
  if (column.type.kind == TypeKind::kVarchar) {
    // Without a key it would be a stop.
    const bool may_be_unloadable = source_.options_.unloadable_rows && table.has_key();
    if (may_be_unloadable && dice_.OneIn(15)) return std::string(kUnloadableBytes, 'x');
    return fmt::format("v{}", value);
  }
  return std::to_string(value);
}

// As servers write them: inserts and deletes name the row whole enough, updates what has changed.
// Without a key the row is told by all of its columns.
void SourceWork::SetImages(LoggedChange& change) const {
  const Table& table = *change.table;
  const RowImage image = source_.options_.row_image;
  if (image == RowImage::kFull || !table.has_key() || change.kind == ChangeKind::kInsert) return;
  // Texts stand for BLOBs.
  const auto is_blob = [&](ColumnIndex column) {
    return table.columns[column].type.kind == TypeKind::kVarchar;
  };
  for (ColumnIndex column = 0; column < table.columns.size(); ++column) {
    const bool key = InKey(table, column);
    const bool changed =
        change.kind == ChangeKind::kUpdate && change.before[column] != change.after[column];
    const bool minimal = image == RowImage::kMinimal;
    change.before_columns.push_back(key || (!minimal && !is_blob(column)));
    change.after_columns.push_back(changed || (!minimal && !is_blob(column)));
  }
  if (change.kind == ChangeKind::kDelete) change.after_columns.clear();
}

// ---- definitions ----

void SourceWork::AddColumn(SourceTable& table, bool unknown) {
  if (unknown && !table.version->has_key()) return;  // a stop: nothing finds those rows
  Table after = *table.version;
  const Column column = DrawColumn(after, unknown);
  if (after.FindColumn(column.name)) return;
  after.columns.push_back(column);
  for (SourceRow& row : table.rows) {
    row.push_back(unknown ? std::optional(*row[0] + "0") : ImplicitValue(column));
  }
  SchemaChange change;
  if (unknown) change.columns_to_refill = {column.name};
  Alter(table, std::move(after), std::move(change),
        fmt::format("add column {} {}{}", column.name, column.native_type,
                    column.default_text.empty() ? "" : " default " + column.default_text));
}

// At times one that was there before.
Column SourceWork::DrawColumn(const Table& table, bool unknown) {
  const std::vector<Column>& dropped = source_.dropped_columns_[table.id.name];
  std::string name = NewName("c");
  if (!dropped.empty() && dice_.OneIn(2)) name = dropped[dice_.Below(dropped.size())].name;
  const bool nullable = unknown || dice_.OneIn(2);
  Column column = unknown || dice_.OneIn(2) ? IntegerColumn(name, TypeKind::kInt32, nullable)
                                            : TextColumn(name, 20, nullable);
  if (unknown) {
    column.default_kind = DefaultKind::kExpression;
    column.default_text = "(id * 10)";
  } else if (dice_.OneIn(2)) {
    column.default_kind = DefaultKind::kLiteral;
    column.default_text = "7";
  }
  return column;
}

void SourceWork::DropColumn(SourceTable& table) {
  const auto column = PickColumn(*table.version);
  if (!column || table.version->columns.size() < 3) return;
  Table after = *table.version;
  source_.dropped_columns_[after.id.name].push_back(after.columns[*column]);
  const std::string name = after.columns[*column].name;
  after.columns.erase(after.columns.begin() + *column);
  for (ColumnIndex& key : after.key) key -= key > *column ? 1 : 0;
  for (SourceRow& row : table.rows) row.erase(row.begin() + *column);
  Alter(table, std::move(after), {}, "drop column " + name);
}

void SourceWork::RenameColumn(SourceTable& table) {
  Table after = *table.version;
  // Not `id`: by its name rows are made.
  const auto column = static_cast<ColumnIndex>(1 + dice_.Below(after.columns.size() - 1));
  SchemaChange change;
  const std::string from = after.columns[column].name, to = NewName("r");
  after.columns[column].name = to;
  change.renamed_columns = {{from, to}};
  Alter(table, std::move(after), std::move(change),
        fmt::format("rename column {} to {}", from, to));
}

// In three statements.
void SourceWork::SwapColumns(SourceTable& table) {
  const Table& now = *table.version;
  const auto one = static_cast<ColumnIndex>(1 + dice_.Below(now.columns.size() - 1));
  const auto other = static_cast<ColumnIndex>(1 + dice_.Below(now.columns.size() - 1));
  if (one == other || now.columns[one].type != now.columns[other].type) return;
  // A full load that reads NULL where there was none stops.
  if (now.columns[one].nullable != now.columns[other].nullable) return;
  const std::string names[] = {now.columns[one].name, now.columns[other].name, NewName("swap")};
  const auto rename = [&](ColumnIndex column, const std::string& to) {
    Table after = *table.version;
    SchemaChange change;
    const std::string from = std::exchange(after.columns[column].name, to);
    change.renamed_columns = {{from, to}};
    Alter(table, std::move(after), std::move(change),
          fmt::format("rename column {} to {}", from, to));
  };
  rename(one, names[2]);
  rename(other, names[0]);
  rename(one, names[1]);
}

void SourceWork::WidenColumn(SourceTable& table) {
  Table after = *table.version;
  Column& column = after.columns[1 + dice_.Below(after.columns.size() - 1)];
  if (column.type.kind == TypeKind::kVarchar) {
    column.type.length += 20;
    column.native_type = fmt::format("varchar({})", column.type.length);
  } else if (column.type.kind == TypeKind::kInt32) {
    column.type.kind = TypeKind::kInt64;
    column.native_type = "bigint";
  } else {
    return;
  }
  const std::string what = fmt::format("widen {} to {}", column.name, column.native_type);
  Alter(table, std::move(after), {}, what);
}

void SourceWork::ChangeKey(SourceTable& table) {
  Table after = *table.version;
  // `id`, `id` and the column after it, none.
  std::vector<ColumnIndex> key;
  switch (dice_.Below(3)) {
    case 0:
      key = {0};
      break;
    case 1:
      if (after.columns[1].nullable || after.columns[1].type.kind == TypeKind::kVarchar) return;
      key = {0, 1};
      break;
    default:
      break;
  }
  if (key == after.key || (!key.empty() && !AreUnique(table, key))) return;
  if (key.empty() && !table.left_out.empty()) return;  // a change of such a row would be a stop
  const std::set<std::string> left_out = std::exchange(table.left_out, {});
  const Table before = after;
  after.key = key;
  for (const SourceRow& row : table.rows) {
    if (left_out.contains(KeyText(before, row))) table.left_out.insert(KeyText(after, row));
  }
  after.key_kind = key.empty() ? KeyKind::kNone : KeyKind::kPrimary;
  Alter(table, std::move(after), {}, fmt::format("key of {} columns", key.size()));
}

void SourceWork::Truncate(SourceTable& table) {
  table.rows.clear();
  SchemaChange change{.kind = SchemaChangeKind::kTruncateTable};
  Alter(table, *table.version, std::move(change), "truncate");
}

void SourceWork::DropRows(SourceTable& table) {
  const std::string digit = std::to_string(dice_.Below(10));
  std::erase_if(table.rows, [&](const SourceRow& row) { return row[0]->ends_with(digit); });
  SchemaChange change{.kind = SchemaChangeKind::kDropRows};
  Alter(table, *table.version, std::move(change), "drop the rows whose id ends with " + digit);
}

void SourceWork::RenameTable(Tables::iterator place) {
  const std::string to = NewName("t");
  Table after = *place->second.version;
  after.id.name = to;
  SourceTable table = std::move(place->second);
  source_.tables_.erase(place);
  SchemaChange change{.kind = SchemaChangeKind::kRenameTable};
  Alter(source_.tables_.emplace(to, std::move(table)).first->second, std::move(after),
        std::move(change), "rename to " + to);
}

void SourceWork::CreateTable() {
  if (source_.tables_.size() >= kMostTables) return;
  auto& dropped = source_.dropped_tables_;
  std::string name = NewName("t");
  if (!dropped.empty() && dice_.OneIn(2)) name = dropped[dice_.Below(dropped.size())];
  if (source_.tables_.contains(name)) return;
  SourceTable& table = source_.tables_[name];
  table.version = std::make_shared<const Table>(MakeTable(name, !dice_.OneIn(3)));
  source_.dropped_columns_.erase(name);
  SchemaChange change{.kind = SchemaChangeKind::kCreateTable};
  Alter(table, *table.version, std::move(change), "create");
}

void SourceWork::DropTable(Tables::iterator place) {
  if (source_.tables_.size() < 2) return;
  const SourceTable table = std::move(place->second);
  source_.dropped_tables_.push_back(place->first);
  source_.tables_.erase(place);
  LogEntry entry;
  entry.schema_change = SchemaChange{.kind = SchemaChangeKind::kDropTable};
  entry.schema_change->before = table.version;
  Append(std::move(entry), "drop table " + table.version->id.name);
}

SourceWork::Tables::iterator SourceWork::PickTable() {
  auto place = source_.tables_.begin();
  std::advance(place, static_cast<ptrdiff_t>(dice_.Below(source_.tables_.size())));
  return place;
}

std::optional<ColumnIndex> SourceWork::PickColumn(const Table& table) {
  const auto column = static_cast<ColumnIndex>(1 + dice_.Below(table.columns.size() - 1));
  if (InKey(table, column)) return std::nullopt;
  return column;
}

void SourceWork::Alter(SourceTable& table, Table after, SchemaChange change,
                       const std::string& what) {
  const std::string name = table.version->id.name;
  if (change.kind != SchemaChangeKind::kCreateTable) change.before = table.version;
  if (change.kind == SchemaChangeKind::kTruncateTable) {
    after = *table.version;
  } else {
    table.version = std::make_shared<const Table>(std::move(after));
    change.after = table.version;
  }
  LogEntry entry;
  entry.schema_change = std::move(change);
  Append(std::move(entry), fmt::format("{}: {}", name, what));
}

void SourceWork::Append(LogEntry entry, const std::string& what) {
  auto& log = source_.entries_;
  const uint64_t number = log.size() + 1;
  entry.file = source_.file_;
  entry.read_from = source_.prepared_at_;
  entry.definitions = source_.Definitions();
  if (entry.schema_change) {
    entry.schema_change->statement = what;
    source_.last_alteration_ = number;
  }
  std::string line = fmt::format("source {}: {}", number, what);
  for (const LoggedChange& change : entry.changes) {
    line += fmt::format("; {} {} -> {}", change.table->id.name, PrintRow(change.before),
                        PrintRow(change.after));
  }
  source_.trace_.push_back(std::move(line));
  log.push_back(std::move(entry));
}

std::string SourceWork::NewName(std::string_view prefix) {
  return fmt::format("{}{}", prefix, ++source_.names_);
}

}  // namespace starlift::sync
