#include "sandbox/query/automatic_partitions.h"

#include <algorithm>
#include <cctype>
#include <chrono>
#include <set>

#include <fmt/format.h>

#include "sandbox/ddl/date_steps.h"
#include "sandbox/ddl/partition_analysis.h"
#include "sandbox/sql/error.h"
#include "sandbox/storage/catalog_storage.h"

namespace starlift::sandbox::query {
namespace {

using catalog::PartitionDef;
using catalog::PartitionKey;
using catalog::PartitionKind;
using catalog::PartitionTuple;
using catalog::PartitionValue;
using catalog::TableDef;
using catalog::TypeKind;

// max_partitions_in_one_batch
constexpr size_t kMaxNewPartitions = 4096;
// MAX_LIST_PARTITION_NAME_LENGTH
constexpr size_t kMaxListName = 50;

int64_t NowMs() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

// As java.lang.String hashes, for names that are cut short.
uint32_t TextHash(std::string_view text) {
  uint32_t hash = 0;
  for (const char c : text) hash = hash * 31 + static_cast<unsigned char>(c);
  return hash;
}

// The part of a list partition's name that stands for one value: letters and digits stay, marks of
// dates and times go, all else becomes its hexadecimal code; a leading minus becomes "_".
std::string NamePart(std::string_view value) {
  std::string part = value.starts_with('-') ? "_" : "";
  for (const char c : value) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) {
      part.push_back(c);
    } else if (c != '-' && c != ':' && c != ' ' && c != '*') {
      part += fmt::format("{:x}", static_cast<unsigned char>(c));
    }
  }
  return part;
}

std::string ListName(const PartitionTuple& tuple) {
  std::string name = "p";
  for (size_t i = 0; i < tuple.size(); ++i) {
    if (i > 0) name += "_";
    name += tuple[i].kind == PartitionValue::Kind::kNull ? "NULL" : NamePart(tuple[i].text);
  }
  if (name.size() <= kMaxListName) return name;
  return name.substr(0, kMaxListName) + fmt::format("_{:x}", TextHash(name));
}

std::string KeySql(const PartitionKey& key) {
  // Booleans are 0 and 1 as partition values.
  return key.type.kind == TypeKind::kBoolean
             ? fmt::format("CAST(CAST({} AS TINYINT) AS VARCHAR)", key.sql)
             : fmt::format("CAST({} AS VARCHAR)", key.sql);
}

// The distinct partition values of the rows.
Result<std::vector<Row>> DistinctValues(Connection& connection,
                                        const std::vector<PartitionKey>& keys,
                                        const std::string& relation) {
  std::string columns;
  for (const PartitionKey& key : keys) columns += (columns.empty() ? "" : ", ") + KeySql(key);
  return connection.QueryRows(
      fmt::format("SELECT DISTINCT {} FROM {} ORDER BY ALL", columns, relation));
}

// The range that begins at `start`; no start: the lowest one, where NULL lies.
Result<PartitionDef> RangeFrom(const TableDef& table, const std::optional<std::string>& start) {
  const PartitionKey& key = table.partitioning.keys.front();
  const bool date = table.RangeType(0).kind == TypeKind::kDate;
  const auto text = [&](int64_t moment) {
    return PartitionTuple{
        {PartitionValue::Kind::kLiteral, date ? ddl::DateText(moment) : ddl::DateTimeText(moment)}};
  };
  const auto begin = ddl::ParseMoment(start.value_or("0000-01-01"));
  if (!begin || key.count == 0) {
    return sql::AnalyzeError("unsupported automatic partition granularity:" + key.unit);
  }
  PartitionDef partition;
  partition.name = "p" + ddl::UnitLabel(*begin, key.unit);
  partition.lower = start ? text(*begin) : PartitionTuple{{PartitionValue::Kind::kMinimum, ""}};
  partition.upper = text(ddl::AddUnits(*begin, key.unit, key.count));
  return partition;
}

// Ranges that were added by hand may be of another width: rows inside them need no new one.
bool RangeTaken(const TableDef& table, const PartitionDef& wanted) {
  const catalog::DataType& type = table.RangeType(0);
  return std::any_of(
      table.partitions.begin(), table.partitions.end(), [&](const PartitionDef& other) {
        return !other.temporary && ddl::CompareValues(type, other.lower[0], wanted.upper[0]) < 0 &&
               ddl::CompareValues(type, wanted.lower[0], other.upper[0]) < 0;
      });
}

bool TupleTaken(const TableDef& table, const PartitionTuple& tuple) {
  return std::any_of(
      table.partitions.begin(), table.partitions.end(), [&](const PartitionDef& other) {
        return !other.temporary &&
               std::find(other.values.begin(), other.values.end(), tuple) != other.values.end();
      });
}

PartitionTuple TupleOf(const Row& row) {
  PartitionTuple tuple;
  for (const std::optional<std::string>& value : row) {
    tuple.push_back(value ? PartitionValue{PartitionValue::Kind::kLiteral, *value}
                          : PartitionValue{PartitionValue::Kind::kNull, ""});
  }
  return tuple;
}

// Names are told apart without case: "pa" for a and "pA_41" for A.
void MakeNameUnique(const TableDef& table, PartitionDef& partition) {
  const std::string wanted = partition.name;
  for (int i = 0; table.FindPartition(partition.name) != nullptr; ++i) {
    partition.name = wanted + fmt::format("_{:x}", TextHash(wanted) + static_cast<uint32_t>(i));
  }
}

// Puts what the rows need into `table`; true if that was anything.
Result<bool> AddPartitions(Connection& connection, const std::string& relation, TableDef& table) {
  const bool ranges = table.partitioning.kind == PartitionKind::kRange;
  SL_ASSIGN(
      const std::vector<Row> values,
      DistinctValues(connection, ranges ? table.partitioning.keys : ListKeysOf(table), relation));
  const size_t before = table.partitions.size();
  for (const Row& row : values) {
    PartitionDef partition;
    if (ranges) {
      SL_ASSIGN(partition, RangeFrom(table, row.front()));
      if (RangeTaken(table, partition)) continue;
    } else {
      partition.values = {TupleOf(row)};
      if (TupleTaken(table, partition.values.front())) continue;
      partition.name = ListName(partition.values.front());
    }
    MakeNameUnique(table, partition);
    table.partitions.push_back(std::move(partition));
    if (table.partitions.size() - before > kMaxNewPartitions) {
      return sql::SqlError(
          sql::code::kGeneric,
          fmt::format("Table {} automatic create partition failed. error: partitions created by "
                      "one load are more than max_partitions_in_one_batch {}",
                      table.name, kMaxNewPartitions));
    }
  }
  return table.partitions.size() > before;
}

}  // namespace

bool MakesPartitions(const TableDef& table) {
  return table.is_table() && table.partitioning.automatic &&
         (table.partitioning.kind == PartitionKind::kList || !table.partitioning.keys.empty());
}

Status CreateMissingPartitions(catalog::Catalog& catalog,
                               [[maybe_unused]] const std::unique_lock<std::mutex>& change,
                               Connection& connection, int64_t table_id,
                               const std::string& relation) {
  const catalog::TablePtr now = catalog.FindTable(table_id);
  if (now == nullptr || !MakesPartitions(*now)) return {};
  auto table = std::make_shared<TableDef>(*now);
  SL_ASSIGN(const bool added, AddPartitions(connection, relation, *table));
  if (!added) return {};
  const auto replicas = table->properties.find("replication_num");
  for (PartitionDef& partition : table->partitions) {
    if (partition.id != 0) continue;
    partition.id = catalog.NextId();
    partition.physical_id = catalog.NextId();
    partition.created_ms = NowMs();
    partition.buckets = std::max(1, table->partitioning.new_buckets);
    partition.replication_num =
        replicas == table->properties.end() ? 1 : std::atoi(replicas->second.c_str());
  }
  catalog::CatalogEdit edit;
  edit.put_tables.push_back(std::move(table));
  return catalog.Apply(std::move(edit));
}

}  // namespace starlift::sandbox::query
