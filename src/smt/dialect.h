#pragma once

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
  bool Has(std::string_view name) const;
  const Pairs& pairs() const { return pairs_; }

 private:
  Pairs pairs_;
};

struct FlinkSourceRequest {
  Form form = Form::kRight;
  const Config& config;
  const PlannedTable& table;
  const DdlFacts& facts;
};

// What the generator knows of one kind of source. Static data; one file each under dialects/.
struct Dialect {
  std::string_view type;         // `type =` in [db]
  std::string_view source_kind;  // what sources/registry.cpp opens; empty: no reader yet
  std::string_view title;        // "PostgreSQL"
  // Tables have a schema: it is asked for in rules, and the target's names are schema__table.
  bool has_schema = false;
  // Rules name one database, literally, and the reader connects to it (Oracle's service).
  bool literal_database = false;
  // Types are compared where tables are merged in the original's form; else names alone.
  bool merge_compares_types = false;
  // Column comments and defaults are written in the original's form.
  bool compat_defaults = false;
  bool compat_column_comments = false;
  std::string_view flink_connector;  // empty: no Flink files
  std::string_view external_engine;  // "mysql", "hive"; empty: no external tables
  TypeRule type_rule = nullptr;      // null: not there yet
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
