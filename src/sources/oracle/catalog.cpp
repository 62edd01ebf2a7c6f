#include "sources/oracle/catalog.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "sources/constraint_key.h"
#include "sources/oracle/catalog_queries.h"
#include "sources/oracle/types.h"

namespace starlift::oracle {
namespace {

constexpr int kFirstWithMaintainedUsers = 12;  // ALL_USERS.ORACLE_MAINTAINED, IDENTITY_COLUMN, CDB

// Before 12 nothing tells Oracle's own schemas from others.
constexpr std::string_view kSystemOwners =
    "'SYS', 'SYSTEM', 'XDB', 'MDSYS', 'CTXSYS', 'OUTLN', 'WMSYS', 'DBSNMP', 'ORDSYS', 'ORDDATA', "
    "'ORDPLUGINS', 'OLAPSYS', 'EXFSYS', 'SYSMAN', 'APPQOSSYS', 'OWBSYS', 'FLOWS_FILES', "
    "'APEX_030200', 'DMSYS', 'TSMSYS', 'SI_INFORMTN_SCHEMA', 'MGMT_VIEW', 'OJVMSYS', 'LBACSYS', "
    "'DVSYS', 'AUDSYS', 'GSMADMIN_INTERNAL'";

std::string OwnerCondition(std::string_view column, const ServerVersion& version) {
  std::string condition = fmt::format("{} NOT IN ({})", column, kSystemOwners);
  if (version.major >= kFirstWithMaintainedUsers) {
    condition += fmt::format(
        " AND {} NOT IN (SELECT username FROM all_users WHERE oracle_maintained = 'Y')", column);
  }
  return condition;
}

class CatalogReader {
 public:
  CatalogReader(const AskServer& ask, const ServerVersion& version, const std::string& service,
                const TableFilter& filter)
      : ask_(ask), version_(version), service_(service), filter_(filter) {}

  Result<SchemaCatalog> Read() {
    SL_TRY(ReadTables());
    if (!tables_.empty()) {
      SL_TRY(ReadColumns());
      SL_TRY(ReadKeys());
      SL_TRY(ReadPartitions());
    }
    for (auto& [id, table] : tables_) result_.catalog.tables.push_back(std::move(table));
    return std::move(result_);
  }

 private:
  Result<TextRows> Ask(std::string_view query) {
    const bool modern = version_.major >= kFirstWithMaintainedUsers;
    SL_ASSIGN(std::vector<TextRows> answers,
              ask_(fmt::format(fmt::runtime(query),
                               fmt::arg("owners", OwnerCondition("o.owner", version_)),
                               fmt::arg("table_owners", OwnerCondition("o.table_owner", version_)),
                               fmt::arg("identity", modern ? "o.identity_column" : "'NO'"))));
    if (answers.size() != 1) {
      return Error{ErrorKind::kInternal, "a catalog query didn't answer", "Oracle"};
    }
    return std::move(answers.front());
  }

  Table* Find(const TextRows& rows, size_t row) {
    const auto found = tables_.find(
        {.database = service_, .schema = rows.Text(row, 0), .name = rows.Text(row, 1)});
    return found == tables_.end() ? nullptr : &found->second;
  }

  Status ReadTables() {
    SL_ASSIGN(const TextRows rows, Ask(kTablesQuery));
    for (size_t row = 0; row < rows.size(); ++row) {
      Table table;
      table.id = {.database = service_,
                  .schema = rows.Text(row, kTableOwner),
                  .name = rows.Text(row, kTableName)};
      if (!filter_(table.id)) continue;
      table.engine = rows.Text(row, kTableIot);
      table.row_estimate = static_cast<uint64_t>(rows.Number(row, kTableRows));
      table.average_row_bytes = static_cast<uint32_t>(rows.Number(row, kTableRowBytes));
      table.byte_estimate = table.row_estimate * table.average_row_bytes;
      table.comment = rows.Text(row, kTableComment);
      TableDdlFacts& facts = result_.facts[table.id];
      facts.total_bytes = table.byte_estimate;
      if (!rows.IsNull(row, kTableCreated)) {
        facts.created =
            std::chrono::sys_seconds(std::chrono::seconds(rows.Number(row, kTableCreated)));
      }
      TableId id = table.id;
      tables_.emplace(std::move(id), std::move(table));
    }
    return {};
  }

  Status ReadColumns() {
    SL_ASSIGN(const TextRows rows, Ask(kColumnsQuery));
    for (size_t row = 0; row < rows.size(); ++row) {
      Table* const table = Find(rows, row);
      if (table == nullptr) continue;
      ColumnRow column{.name = rows.Text(row, kColumnName),
                       .type = rows.Text(row, kColumnType),
                       .data_length = rows.Number(row, kColumnDataLength),
                       .char_length = rows.Number(row, kColumnCharLength),
                       .nullable = rows.Text(row, kColumnNullable) != "N",
                       .comment = rows.Text(row, kColumnComment),
                       .is_virtual = rows.Text(row, kColumnVirtual) == "YES",
                       .identity = rows.Text(row, kColumnIdentity) == "YES"};
      if (!rows.IsNull(row, kColumnPrecision))
        column.precision = rows.Number(row, kColumnPrecision);
      if (!rows.IsNull(row, kColumnScale)) column.scale = rows.Number(row, kColumnScale);
      if (!rows.IsNull(row, kColumnDefault)) column.default_text = rows.Text(row, kColumnDefault);
      table->columns.push_back(ColumnOf(column));
    }
    return {};
  }

  Status ReadKeys() {
    SL_ASSIGN(const TextRows rows, Ask(kKeysQuery));
    std::map<Table*, std::vector<Constraint>> keys;
    for (size_t row = 0; row < rows.size(); ++row) {
      Table* const table = Find(rows, row);
      if (table == nullptr) continue;
      const std::string type = rows.Text(row, kKeyType), name = rows.Text(row, kKeyName);
      Append(keys[table], name, type, rows.Text(row, kKeyColumn));
      if (type != "I") {
        Append(result_.facts[table->id].constraints, name, type, rows.Text(row, kKeyColumn));
      }
    }
    for (auto& [table, constraints] : keys) ChooseKey(constraints, *table);
    return {};
  }

  // The columns of one key stand together, in key order. A constraint and its index may share a
  // name: their kinds tell them apart.
  static void Append(std::vector<Constraint>& constraints, const std::string& name,
                     std::string_view type, std::string column) {
    const ConstraintKind kind = type == "P"   ? ConstraintKind::kPrimary
                                : type == "R" ? ConstraintKind::kForeign
                                              : ConstraintKind::kUnique;
    // An index that is told behind its constraint of the same kind adds nothing.
    const bool fresh =
        constraints.empty() || constraints.back().name != name || constraints.back().kind != kind;
    if (fresh) constraints.push_back({.name = name, .kind = kind});
    std::vector<std::string>& columns = constraints.back().columns;
    if (std::find(columns.begin(), columns.end(), column) == columns.end()) {
      columns.push_back(std::move(column));
    }
  }

  Status ReadPartitions() {
    SL_ASSIGN(const TextRows rows, Ask(kPartitionsQuery));
    for (size_t row = 0; row < rows.size(); ++row) {
      if (Table* const table = Find(rows, row)) {
        table->partitions.push_back(rows.Text(row, kPartitionName));
      }
    }
    return {};
  }

  const AskServer& ask_;
  const ServerVersion& version_;
  const std::string& service_;
  const TableFilter& filter_;
  std::map<TableId, Table> tables_;
  SchemaCatalog result_;
};

}  // namespace

Result<ServerVersion> ReadVersion(const AskServer& ask) {
  SL_ASSIGN(const std::vector<TextRows> answers, ask(std::string(kVersionQuery)));
  ServerVersion version;
  if (!answers.empty() && answers.front().size() > 0) version.text = answers.front().Text(0, 0);
  std::from_chars(version.text.data(), version.text.data() + version.text.size(), version.major);
  return version;
}

Result<std::optional<DatabaseState>> ReadDatabaseState(const AskServer& ask,
                                                       const ServerVersion& version) {
  const bool modern = version.major >= kFirstWithMaintainedUsers;
  auto answers =
      ask(fmt::format(fmt::runtime(kDatabaseQuery), fmt::arg("cdb", modern ? "cdb" : "'NO'")));
  if (!answers.ok()) {
    if (answers.error().kind == ErrorKind::kRefused) return std::optional<DatabaseState>();
    return std::move(answers).error();
  }
  if (answers->empty() || answers->front().size() == 0) return std::optional<DatabaseState>();
  const TextRows& rows = answers->front();
  DatabaseState state{.name = rows.Text(0, kDatabaseName),
                      .archives = rows.Text(0, kDatabaseLogMode) == "ARCHIVELOG",
                      .supplemental = rows.Text(0, kDatabaseSupplemental) != "NO",
                      .supplemental_all = rows.Text(0, kDatabaseSupplementalAll) == "YES",
                      .container = rows.Text(0, kDatabaseCdb) == "YES"};
  return std::optional<DatabaseState>(std::move(state));
}

Result<SchemaCatalog> ReadOracleCatalog(const AskServer& ask, const ServerVersion& version,
                                        const std::string& service, const TableFilter& filter) {
  return CatalogReader(ask, version, service, filter).Read();
}

}  // namespace starlift::oracle
