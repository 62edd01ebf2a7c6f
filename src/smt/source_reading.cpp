#include "smt/source_reading.h"

#include <algorithm>
#include <iterator>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "smt/plan/rule_groups.h"
#include "sources/source.h"

namespace starlift::smt {
namespace {

// Where each rule names its database the reader connects to one after the other; else once, to all.
std::set<std::string> Databases(const Config& config, const Dialect& dialect) {
  if (!dialect.literal_database) return {std::string()};
  std::set<std::string> databases;
  for (const RuleConfig& rule : config.rules) databases.insert(rule.database.text());
  return databases;
}

Status ReadOne(const Config& config, const Dialect& dialect, const std::string& database,
               SourceReading& reading) {
  SourceConfig wanted{.kind = std::string(dialect.source_kind),
                      .host = config.db.host,
                      .port = config.db.port,
                      .user = config.db.user,
                      .password = config.db.password,
                      .database = database};
  if (dialect.source_options != nullptr) wanted.options = dialect.source_options(config.db);
  SL_ASSIGN(const std::unique_ptr<Source> source, OpenSource(wanted));
  SL_ASSIGN(reading.description, source->Describe());
  SL_ASSIGN(Catalog catalog, source->ReadCatalog([&](const TableId& table) {
    return RuleFor(table, config) != nullptr;
  }));
  if (DdlFactsReader* const reader = source->ddl_facts()) {
    SL_ASSIGN(DdlFacts facts, reader->ReadDdlFacts(catalog));
    reading.facts.tables.merge(facts.tables);
    reading.facts.server = std::move(facts.server);
  }
  std::move(catalog.tables.begin(), catalog.tables.end(),
            std::back_inserter(reading.catalog.tables));
  return {};
}

// A pattern that gave up on a name has left out a table that it may well be about.
Status CheckPatterns(const Config& config) {
  for (const RuleConfig& rule : config.rules) {
    const std::pair<const char*, const Pattern*> patterns[] = {
        {"database", &rule.database}, {"schema", &rule.schema}, {"table", &rule.table}};
    for (const auto& [key, pattern] : patterns) {
      const std::optional<std::string> name = pattern->GaveUpOn();
      if (!name) continue;
      return Error{
          .kind = ErrorKind::kUsage,
          .message = fmt::format("{} = {} in [table-rule.{}] takes exponential time on the name {}",
                                 key, pattern->text(), rule.name, *name),
          .where = fmt::format("{}:{}", config.path, rule.line),
          .mend = "write it without repetitions of repetitions, such as (a+)+"};
    }
  }
  return {};
}

}  // namespace

Result<SourceReading> ReadSource(const Config& config, const Dialect& dialect) {
  if (dialect.type_rule == nullptr || dialect.source_kind.empty()) {
    return Error{.kind = ErrorKind::kRefused,
                 .message = fmt::format("{} can't be read yet", dialect.title),
                 .where = config.path,
                 .mend = "docs/guide/smt.md says which sources this version reads"};
  }
  SourceReading reading;
  for (const std::string& database : Databases(config, dialect)) {
    SL_TRY(ReadOne(config, dialect, database, reading));
  }
  SL_TRY(CheckPatterns(config));
  return reading;
}

}  // namespace starlift::smt
