#pragma once

#include <compare>
#include <span>
#include <string>
#include <string_view>

#include "data/table.h"
#include "smt/model.h"
#include "smt/type_rules.h"
#include "sources/ddl_facts.h"

namespace starlift::smt {

// The WITH options of a Flink table, in the order in which they are printed.
class FlinkOptions {
 public:
  // Replaces what is there.
  void Set(std::string_view name, std::string value);
  // Unless it is there.
  void SetDefault(std::string_view name, std::string value);
  void Remove(std::string_view name);
  bool Has(std::string_view name) const;
  // Empty if it isn't there.
  std::string_view Get(std::string_view name) const;
  const Pairs& pairs() const { return pairs_; }

 private:
  Pairs pairs_;
};

// Which Flink CDC the files are for: its options changed on the way.
struct FlinkCdcVersion {
  int major = 3;
  int minor = 3;
  auto operator<=>(const FlinkCdcVersion&) const = default;
};

struct FlinkSourceRequest {
  Form form = Form::kRight;
  FlinkCdcVersion version;
  const Config& config;
  const PlannedTable& table;
  const DdlFacts& facts;
  size_t source = 0;  // which of table.flink_sources

  const FlinkSourceNames& names() const { return table.flink_sources[source]; }
};

// What the generator knows of one kind of source. Static data; one file each under dialects/.
struct Dialect {
  std::string_view type;         // `type =` in [db]
  std::string_view source_kind;  // what sources/registry.cpp opens; empty: no reader yet
  std::string_view title;        // "PostgreSQL"
  // What the reader is told beyond host, port, user and password; may be null.
  Pairs (*source_options)(const DbConfig& db) = nullptr;
  // Tables have a schema: it is asked for in rules, and the target's names are schema__table.
  bool has_schema = false;
  // Rules name one database, literally, and the reader connects to it (Oracle's service).
  bool literal_database = false;
  // Types are compared where tables are merged in the original's form; else names alone.
  bool merge_compares_types = false;
  // Defaults are taken over. Loads name every column, so they matter to other writers only.
  bool defaults = false;
  // What comments the original writes.
  bool compat_column_comments = false;
  bool compat_table_comments = false;
  // Which constraints the original takes for primary keys; null: the true ones.
  bool (*compat_is_primary)(const Constraint& constraint) = nullptr;
  // What a table with a key becomes; null: always a PRIMARY KEY table.
  Model (*model)(const Table& table) = nullptr;
  std::string_view flink_connector;  // empty: no Flink files, unless flink_reads_catalog
  // The connector takes database, schema and table names for regular expressions.
  bool flink_names_are_patterns = false;
  // The connector reads one table, by its name.
  bool flink_reads_one_table = false;
  // An option without which the connector doesn't start, and which only the source or the user can
  // tell; and what it holds. Empty: none.
  std::string_view flink_required_option, flink_required_example;
  // The connector is told hostname, port, username and password.
  bool flink_login = true;
  // Flink reads the tables from the catalog its client is set to: no source tables (Hive).
  bool flink_reads_catalog = false;
  // `type` of the source in a Flink CDC pipeline; empty: there is no such pipeline.
  std::string_view pipeline_type;
  // `starlift sync` reads its rows.
  bool sync_reads_rows = false;
  std::string_view external_engine;  // "mysql", "hive", "jdbc"; empty: no external tables
  // "jdbc:mysql" and its driver, for an external catalog or resource of type jdbc.
  std::string_view jdbc_scheme;
  std::string_view jdbc_driver_class;
  // What parts the address and the database's name, where a connection is to one database.
  std::string_view jdbc_database_prefix;
  TypeRule type_rule = nullptr;  // null: not there yet
  // Adds what this connector needs, after the user's options and the common ones (hostname, port,
  // username, password, database-name, schema-name, table-name) were set. May be null.
  void (*complete_flink_source)(const FlinkSourceRequest& request, FlinkOptions& options) = nullptr;
};

const Dialect& MysqlDialect();
const Dialect& TidbDialect();
const Dialect& PostgresDialect();
const Dialect& OracleDialect();
const Dialect& SqlserverDialect();
const Dialect& ClickhouseDialect();
const Dialect& HiveDialect();

// By `type =`; null for an unknown one.
const Dialect* FindDialect(std::string_view type);
std::span<const Dialect* const> AllDialects();

}  // namespace starlift::smt
