#include <algorithm>

#include "sandbox/ddl/alter_clauses.h"
#include "sandbox/ddl/distribution_analysis.h"
#include "sandbox/ddl/partition_analysis.h"
#include "sandbox/ddl/partition_steps.h"
#include "sandbox/sql/error.h"

// ADD, DROP, TRUNCATE, RENAME, REPLACE and MODIFY PARTITION.
namespace starlift::sandbox::ddl {

using catalog::CatalogEdit;
using catalog::PartitionDef;
using catalog::TableDef;
using sql::AlterClause;
using sql::AnalyzeError;
using sql::SqlError;
namespace code = sql::code;

namespace {

constexpr int kNoSuchPartitionInList = 1507;

Error NoSuchPartition(const std::string& name) {
  return SqlError(kNoSuchPartitionInList, "Error in list of partitions to " + name);
}

PartitionDef* Find(TableDef& table, const std::string& name, bool temporary) {
  for (PartitionDef& partition : table.partitions) {
    if (SameName(partition.name, name) && partition.temporary == temporary) return &partition;
  }
  return nullptr;
}

Status AddPartitions(const StatementContext& context, const AlterClause& clause, TableDef& table) {
  if (table.partitioning.kind == catalog::PartitionKind::kNone) {
    return SqlError(code::kGeneric,
                    "Only support adding partition to a partitioned table: " + table.name);
  }
  const PartitionPurpose purpose =
      clause.temporary ? PartitionPurpose::kTemporary : PartitionPurpose::kAdded;
  for (const sql::PartitionSpec& spec : clause.partitions) {
    if (!spec.name.empty() && Find(table, spec.name, clause.temporary) != nullptr) {
      if (spec.if_not_exists) continue;
      return AnalyzeError(code::kDuplicatePartition, "Duplicate partition name " + spec.name);
    }
    SL_ASSIGN(std::vector<PartitionDef> added, AnalyzePartition(spec, table, purpose));
    for (PartitionDef& partition : added) {
      if (Find(table, partition.name, clause.temporary) != nullptr) {
        return AnalyzeError(code::kDuplicatePartition,
                            "Duplicate partition name " + partition.name);
      }
      partition.created_ms = NowMs();
      partition.id = context.catalog().NextId();
      partition.physical_id = context.catalog().NextId();
      if (clause.distribution.has_value()) {
        partition.buckets = static_cast<int>(clause.distribution->buckets.value_or(0));
      }
      table.partitions.push_back(std::move(partition));
    }
  }
  ResolvePartitions(context.environment, table);
  return {};
}

Status RemoveRows(const AlterClause& clause, const TableDef& table,
                  const std::vector<std::string>& names, CatalogEdit& edit) {
  catalog::RemovePartitionRows removal{std::make_shared<TableDef>(table), {}};
  for (const std::string& name : names) {
    const PartitionDef* partition = table.FindPartition(name);
    if (partition == nullptr) return NoSuchPartition(name);
    removal.partition_ids.push_back(partition->id);
  }
  if (!clause.temporary) edit.storage.push_back(std::move(removal));
  return {};
}

Status DropPartitions(const AlterClause& clause, TableDef& table, CatalogEdit& edit) {
  if (table.partitioning.kind == catalog::PartitionKind::kNone) {
    return SqlError(code::kGeneric, "Table [" + table.name + "] is not a partitioned table");
  }
  std::vector<std::string> names = clause.names;
  for (const sql::PartitionSpec& steps : clause.partitions) {
    SL_ASSIGN(const std::vector<PartitionDef> wanted, PartitionSteps(steps, table));
    for (const PartitionDef& partition : wanted) names.push_back(partition.name);
  }
  for (const std::string& name : names) {
    if (Find(table, name, clause.temporary) == nullptr) {
      if (clause.if_exists) continue;
      return NoSuchPartition(name);
    }
    SL_TRY(RemoveRows(clause, table, {name}, edit));
    std::erase_if(table.partitions, [&](const PartitionDef& partition) {
      return SameName(partition.name, name) && partition.temporary == clause.temporary;
    });
  }
  return {};
}

Status RenamePartition(const AlterClause& clause, TableDef& table) {
  PartitionDef* partition = Find(table, clause.name, false);
  if (partition == nullptr) {
    return SqlError(code::kGeneric, "Partition[" + clause.name + "] does not exists");
  }
  if (SameName(clause.name, clause.new_name)) {
    return SqlError(code::kGeneric, "Same partition name");
  }
  if (Find(table, clause.new_name, false) != nullptr) {
    return SqlError(code::kGeneric, "Partition name[" + clause.new_name + "] is already used");
  }
  partition->name = clause.new_name;
  return {};
}

// Temporary partitions hold no rows here, so their place is empty afterwards.
Status ReplacePartitions(const AlterClause& clause, TableDef& table, CatalogEdit& edit) {
  for (const std::string& name : clause.names) {
    if (Find(table, name, false) == nullptr) {
      return SqlError(code::kGeneric, "Partition[" + name + "] does not exist");
    }
  }
  for (const std::string& name : clause.other_names) {
    if (Find(table, name, true) == nullptr) {
      return SqlError(code::kGeneric, "Temp partition[" + name + "] does not exist");
    }
  }
  SL_TRY(RemoveRows(clause, table, clause.names, edit));
  for (const std::string& name : clause.names) {
    std::erase_if(table.partitions, [&](const PartitionDef& partition) {
      return SameName(partition.name, name) && !partition.temporary;
    });
  }
  const bool keeps_names = clause.names.size() == clause.other_names.size();
  for (size_t i = 0; i < clause.other_names.size(); ++i) {
    PartitionDef* partition = Find(table, clause.other_names[i], true);
    partition->temporary = false;
    if (keeps_names) partition->name = clause.names[i];
  }
  return {};
}

Status ModifyPartitions(const AlterClause& clause, TableDef& table) {
  for (const std::string& name : clause.names) {
    if (name != "*" && Find(table, name, false) == nullptr) {
      return SqlError(code::kGeneric,
                      "Partition[" + name + "] does not exists in table[" + table.name + "]");
    }
    for (const auto& [key, value] : clause.properties) {
      if (key != "replication_num") continue;
      for (PartitionDef& partition : table.partitions) {
        if (name == "*" || SameName(partition.name, name)) {
          partition.replication_num = std::atoi(value.c_str());
        }
      }
    }
  }
  return {};
}

}  // namespace

Status ApplyPartitionClause(const StatementContext& context, const AlterClause& clause,
                            TableDef& table, CatalogEdit& edit) {
  using Kind = AlterClause::Kind;
  switch (clause.kind) {
    case Kind::kAddPartition:
      return AddPartitions(context, clause, table);
    case Kind::kDropPartition:
      return DropPartitions(clause, table, edit);
    case Kind::kTruncatePartition:
      return RemoveRows(clause, table, clause.names, edit);
    case Kind::kRenamePartition:
      return RenamePartition(clause, table);
    case Kind::kReplacePartition:
      return ReplacePartitions(clause, table, edit);
    case Kind::kModifyPartition:
      return ModifyPartitions(clause, table);
    default:
      return {};
  }
}

}  // namespace starlift::sandbox::ddl
