#include "smt/plan/table_planner.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include "smt/plan/column_list.h"
#include "smt/plan/keys.h"
#include "starrocks/ddl_printer.h"

namespace starlift::smt {
namespace {

using starrocks::QuoteName;

constexpr size_t kSortColumns = 3;  // of a table without a key
constexpr uint32_t kMaxReplicas = 3;
constexpr std::string_view kPartitionsAhead = "3";

void SetPair(Pairs& pairs, std::string_view name, std::string value) {
  std::erase_if(pairs, [&](const auto& pair) { return pair.first == name; });
  pairs.emplace_back(name, std::move(value));
}

std::vector<size_t> AllColumns(const Table& table) {
  std::vector<size_t> order(table.columns.size());
  std::iota(order.begin(), order.end(), size_t{0});
  return order;
}

std::vector<std::string> Names(const std::vector<PlannedColumn>& columns, size_t count) {
  std::vector<std::string> names;
  for (size_t i = 0; i < std::min(count, columns.size()); ++i) names.push_back(columns[i].name());
  return names;
}

// The places that `order`, of source columns, has among the planned ones.
std::vector<size_t> PlacesIn(const PlannedTable& table, const std::vector<size_t>& order) {
  const Column* const first = table.source().columns.data();
  std::vector<size_t> places;
  for (const size_t index : order) {
    const auto found =
        std::find_if(table.columns.begin(), table.columns.end(),
                     [&](const PlannedColumn& column) { return column.source == first + index; });
    places.push_back(static_cast<size_t>(found - table.columns.begin()));
  }
  return places;
}

}  // namespace

TablePlanner::TablePlanner(const Config& config, const Dialect& dialect, const DdlFacts& facts,
                           const PlanOptions& options, std::deque<ColumnType>& types, Notes& notes)
    : config_(config),
      dialect_(dialect),
      facts_(facts),
      options_(options),
      notes_(notes),
      columns_(dialect,
               {.form = options.form,
                .decimal_digits = static_cast<uint8_t>(config.other.use_decimal_v3 ? 38 : 27)},
               types, notes) {}

PlannedTable TablePlanner::Plan(const RuleConfig& rule, std::vector<const Table*> sources) {
  PlannedTable table;
  table.rule = &rule;
  table.sources = std::move(sources);
  table.column_comments = !compat() || dialect_.compat_column_comments;
  table.table_comment = !compat() || dialect_.compat_table_comments;
  Name(table);
  ChooseModel(table);
  Distribute(table);
  Partition(table);
  SetProperties(table);
  return table;
}

const TableDdlFacts* TablePlanner::FactsOf(const Table& table) const {
  const auto found = facts_.tables.find(table.id);
  return found == facts_.tables.end() ? nullptr : &found->second;
}

TableSize TablePlanner::SizeOf(const PlannedTable& table) const {
  TableSize size{.created = options_.now};
  for (const Table* const source : table.sources) {
    const TableDdlFacts* const facts = FactsOf(*source);
    size.bytes += facts ? facts->total_bytes : source->byte_estimate;
    if (facts && facts->created) size.created = std::min(size.created, *facts->created);
  }
  return size;
}

std::string TablePlanner::Place(const PlannedTable& table) const {
  return QuoteName(table.database) + "." + QuoteName(table.name);
}

void TablePlanner::Name(PlannedTable& table) const {
  if (table.merged()) return NameMerged(table);
  const TableId& id = table.source().id;
  table.database = table.external_database = id.database;
  table.external_table = id.name;
  table.name = dialect_.has_schema ? id.schema + "__" + id.name : id.name;
  FlinkSourceNames names{id.database, id.schema, id.name};
  if (!compat() && dialect_.flink_names_are_patterns) {
    // Connectors with schemas connect to one database, by its name.
    if (!dialect_.has_schema) names.database = QuotePattern(id.database);
    names.schema = QuotePattern(id.schema);
    names.table = QuotePattern(id.name);
  }
  table.flink_sources = {std::move(names)};
}

void TablePlanner::NameMerged(PlannedTable& table) const {
  std::vector<std::string> databases, schemas, tables;
  for (const Table* const source : table.sources) {
    databases.push_back(source->id.database);
    schemas.push_back(source->id.schema);
    tables.push_back(source->id.name);
  }
  const Form form = options_.form;
  table.database = ShardName(databases, "db_auto_shard", form);
  const std::string name = ShardName(tables, "table_auto_shard", form);
  // Where there are no schemas the original takes the database's name for one.
  const std::string schema =
      dialect_.has_schema ? ShardName(schemas, "schema_auto_shard", form) : table.database;
  const bool with_schema =
      dialect_.has_schema || form == Form::kCompat || options_.shard_names_with_database;
  table.name = with_schema ? schema + "__" + name : name;
  const RuleConfig& rule = *table.rule;
  table.flink_sources = {
      {rule.database.Unanchored(), rule.schema.Unanchored(), rule.table.Unanchored()}};
  table.external_database = table.database;
  table.external_table = name;
}

// A key that StarRocks can't have leaves a table without one.
void TablePlanner::KeepKeyOrDropIt(const PlannedTable& table, std::vector<ColumnIndex>& key) {
  for (const ColumnIndex index : key) {
    const Column& column = table.source().columns[index];
    if (columns_.MayBePrimaryKey(column)) continue;
    notes_.Add(fmt::format("a DUPLICATE KEY table instead of a PRIMARY KEY table: {} can't be in "
                           "its key; rows that are sent twice are there twice",
                           columns_.TypeAs(column, ColumnRole::kPrimaryKey).starrocks),
               Place(table));
    key.clear();
    return;
  }
}

void TablePlanner::ChooseModel(PlannedTable& table) {
  const Table& source = table.source();
  std::vector<ColumnIndex> key = ChooseKey(source, FactsOf(source), dialect_, options_.form);
  const Model model =
      key.empty() ? Model::kDuplicateKey
                  : (dialect_.model != nullptr ? dialect_.model(source) : Model::kPrimaryKey);
  if (!compat() && model == Model::kPrimaryKey) KeepKeyOrDropIt(table, key);
  table.model = key.empty() ? Model::kDuplicateKey : model;
  table.keyed_duplicate = !key.empty() && model == Model::kDuplicateKey;
  if (!key.empty()) {
    MakeColumns(table, key);
    table.key = table.hash = Names(table.columns, key.size());
    return;
  }
  const std::vector<ColumnIndex> sort_key = SortKeyOf(table);
  MakeColumns(table, sort_key);
  table.key = table.hash = Names(table.columns, sort_key.size());
  if (compat()) {
    table.key_text = table.rule->duplicate_keys;
    table.hash = Names(table.columns, kSortColumns);
  }
}

void TablePlanner::MakeColumns(PlannedTable& table, const std::vector<ColumnIndex>& key) {
  const Table& source = table.source();
  const std::string place = Place(table);
  const std::vector<size_t> order = KeyFirst(AllColumns(source), key);
  const ColumnRole key_role =
      table.model == Model::kPrimaryKey ? ColumnRole::kPrimaryKey : ColumnRole::kSortKey;
  table.columns.reserve(order.size());
  for (size_t i = 0; i < order.size(); ++i) {
    const ColumnRole role = i < key.size() ? key_role : ColumnRole::kValue;
    table.columns.push_back(columns_.Make(source.columns[order[i]], role, place));
  }
  // The original's three writers reorder one list in turn; it has none for external tables by JDBC.
  if (!compat() || dialect_.external_engine.empty() || dialect_.external_engine == "jdbc") return;
  const std::vector<ColumnIndex> unique = CompatExternalKey(source, FactsOf(source), dialect_);
  if (unique.empty()) return;
  const std::vector<size_t> external = KeyFirst(order, unique);
  table.external_order = PlacesIn(table, external);
  table.flink_order = PlacesIn(table, table.has_key() ? KeyFirst(external, key) : external);
}

// Of the columns that the user names; empty if there are none such or not all are there.
std::vector<ColumnIndex> TablePlanner::UsersSortKey(const PlannedTable& table) {
  const std::string& text = table.rule->duplicate_keys;
  if (text.empty()) return {};
  auto columns = FindColumns(table.source(), ReadColumnList(text));
  if (columns) return std::move(*columns);
  notes_.Add(fmt::format("duplicate_keys = {} of [table-rule.{}] names columns that aren't there, "
                         "the first columns are taken",
                         text, table.rule->name),
             Place(table));
  return {};
}

std::vector<ColumnIndex> TablePlanner::SortKeyOf(const PlannedTable& table) {
  const Table& source = table.source();
  std::vector<ColumnIndex> key;
  if (compat()) {
    for (ColumnIndex i = 0; i < std::min(kSortColumns, source.columns.size()); ++i) {
      key.push_back(i);
    }
    return key;
  }
  key = UsersSortKey(table);
  if (!key.empty()) return key;
  for (ColumnIndex i = 0; i < source.columns.size() && key.size() < kSortColumns; ++i) {
    const bool fits = columns_.IsSortKeyAsItIs(source.columns[i]);
    if (fits) key.push_back(i);
    // Leading columns only, so that the order stays; but one there must be.
    if (!fits && !key.empty()) break;
  }
  if (key.empty()) key.push_back(0);  // its type changes for it
  if (key.front() != 0) {
    notes_.Add("the first column can't be in a DUPLICATE KEY, so another one comes first",
               Place(table));
  }
  return key;
}

void TablePlanner::Distribute(PlannedTable& table) {
  const RuleConfig& rule = *table.rule;
  table.buckets = rule.bucket_num > 0
                      ? rule.bucket_num
                      : BucketsFor(SizeOf(table), config_.other.be_num, options_.now);
  if (rule.distributed_by.empty()) return;
  if (compat()) {
    table.hash_text = rule.distributed_by;
    return;
  }
  const std::vector<std::string> wanted = ReadColumnList(rule.distributed_by);
  const auto found = FindColumns(table.source(), wanted);
  const bool in_key =
      table.model == Model::kDuplicateKey ||
      std::all_of(wanted.begin(), wanted.end(), [&](const std::string& name) {
        return std::find(table.key.begin(), table.key.end(), name) != table.key.end();
      });
  if (!found || !in_key) {
    notes_.Add(fmt::format("distributed_by = {} of [table-rule.{}] {}, the key is taken",
                           rule.distributed_by, rule.name,
                           found ? "is not part of the key" : "names columns that aren't there"),
               Place(table));
    return;
  }
  table.hash.clear();
  for (const ColumnIndex index : *found) table.hash.push_back(table.source().columns[index].name);
}

void TablePlanner::Partition(PlannedTable& table) {
  const RuleConfig& rule = *table.rule;
  const TableSize size = SizeOf(table);
  const bool asked = !compat() && (!rule.partition_key.empty() || !rule.partitions.empty());
  const bool keyless = !table.has_key();
  if (!asked && (!keyless || size.bytes < kPartitionFromBytes)) return;
  std::string column = rule.partition_key;
  for (const PlannedColumn& each : table.columns) {
    const std::string& type = each.source->native_type;
    if (column.empty() && (type == "date" || type == "datetime" || type == "timestamp")) {
      column = each.name();
    }
  }
  const bool there = compat() || FindColumns(table.source(), {column}).has_value();
  const bool in_key =
      keyless || std::find(table.key.begin(), table.key.end(), column) != table.key.end();
  if (column.empty() || !there || !in_key) {
    if (asked) {
      notes_.Add(fmt::format("not partitioned as [table-rule.{}] asks: {}", rule.name,
                             column.empty() ? "no column of a date type"
                             : there        ? column + " is not part of the key"
                                            : column + " is not there"),
                 Place(table));
    }
    return;
  }
  const std::string_view unit = PartitionUnit(size, options_.now);
  table.partition =
      PartitionPlan{.column = column,
                    .ranges = rule.partitions.empty() ? PartitionRanges(size, unit, options_.now)
                                                      : rule.partitions,
                    .time_unit = std::string(unit)};
}

void TablePlanner::SetProperties(PlannedTable& table) {
  table.properties = table.rule->properties;
  SetPair(table.properties, "replication_num",
          std::to_string(std::min(kMaxReplicas, config_.other.be_num)));
  // Ranges that the user wrote may be of another unit: dynamic partitions could overlap them.
  if (!table.partition || (!compat() && !table.rule->partitions.empty())) return;
  SetPair(table.properties, "dynamic_partition.enable", "true");
  SetPair(table.properties, "dynamic_partition.time_unit", table.partition->time_unit);
  SetPair(table.properties, compat() ? "dynamic_partitoin.end" : "dynamic_partition.end",
          std::string(kPartitionsAhead));
  SetPair(table.properties, "dynamic_partition.prefix", "auto_gen_p_");
  SetPair(table.properties, "dynamic_partition.buckets", std::to_string(table.buckets));
}

}  // namespace starlift::smt
