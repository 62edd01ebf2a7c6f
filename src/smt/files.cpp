#include "smt/files.h"

#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "smt/print/flink_sql.h"
#include "smt/print/starrocks_sql.h"

namespace starlift::smt {
namespace {

// The files of one kind: that of the rule at hand and that of all rules get the same statements.
class Family {
 public:
  Family(std::string name, OutputFolder& folder)
      : name_(std::move(name)), folder_(folder), all_(folder.Create(name_ + ".all.sql")) {}

  // Ends the file of the rule before.
  Status BeginRule(const RuleConfig& rule) {
    SL_TRY(EndRule());
    rule_ = &folder_.Create(fmt::format("{}.{}.sql", name_, rule.name));
    return {};
  }
  Status EndRule() {
    if (rule_ == nullptr) return {};
    SL_TRY(rule_->Finish());
    rule_ = nullptr;
    return {};
  }

  // `print` (void(std::string&)) appends the statement.
  template <typename Print>
  void Add(Print&& print) {
    Printed(print);
    rule_->Add(statement_);
    all_.Add(statement_);
  }
  template <typename Print>
  void AddToRule(Print&& print) {
    Printed(print);
    rule_->Add(statement_);
  }
  template <typename Print>
  void AddToAll(Print&& print) {
    Printed(print);
    if (!statement_.empty()) all_.Add(statement_);
  }
  template <typename Print>
  void AddDatabase(const std::string& database, Print&& print) {
    rule_->AddOnce(database, print);
    all_.AddOnce(database, print);
  }

 private:
  template <typename Print>
  void Printed(Print&& print) {
    statement_.clear();
    print(statement_);
  }

  const std::string name_;
  OutputFolder& folder_;
  StatementFile& all_;
  StatementFile* rule_ = nullptr;
  std::string statement_;
};

class FileWriter {
 public:
  FileWriter(const Config& config, const Dialect& dialect, const DdlFacts& facts, const Plan& plan,
             const FileOptions& options, OutputFolder& folder)
      : config_(config),
        dialect_(dialect),
        facts_(facts),
        plan_(plan),
        options_(options),
        folder_(folder) {}

  Status Write() {
    SL_TRY(ForEachTable("starrocks-create", [&](const PlannedTable& table, Family& family) {
      AddStarrocks(table, family);
    }));
    if (!dialect_.external_engine.empty()) {
      SL_TRY(ForEachTable(
          "starrocks-external-create",
          [&](const PlannedTable& table, Family& family) { AddExternal(table, family); }));
    }
    if (dialect_.flink_connector.empty() && !dialect_.flink_reads_catalog) return {};
    SL_TRY(ForEachTable("flink-create", [&](const PlannedTable& table, Family& family) {
      AddFlink(table, family);
    }));
    return {};
  }

 private:
  // A rule that takes no table has an empty file in the original, and none in ours.
  template <typename Add>
  Status ForEachTable(const std::string& name, Add&& add) {
    Family family(name, folder_);
    if (name == "starrocks-external-create") {
      family.AddToAll([&](std::string& out) {
        PrintExternalResource(config_, dialect_, facts_, options_.form, out);
      });
    }
    size_t next = 0;
    for (const RuleConfig& rule : config_.rules) {
      const auto is_next = [&] {
        return next < plan_.tables.size() && plan_.tables[next].rule == &rule;
      };
      if (!is_next() && options_.form == Form::kRight) continue;
      SL_TRY(family.BeginRule(rule));
      for (; is_next(); ++next) add(plan_.tables[next], family);
    }
    return family.EndRule();
  }

  void AddStarrocks(const PlannedTable& table, Family& family) {
    family.AddDatabase(table.database,
                       [&](std::string& out) { PrintCreateDatabase(table.database, out); });
    family.Add([&](std::string& out) { PrintCreateTable(table, options_.form, out); });
  }

  void AddExternal(const PlannedTable& table, Family& family) {
    // There is no one table behind a merged one.
    if (table.merged() && options_.form == Form::kRight) return;
    const std::string database = ExternalDatabase(table, dialect_);
    family.AddDatabase(database, [&](std::string& out) { PrintCreateDatabase(database, out); });
    family.Add([&](std::string& out) {
      PrintExternalTable(table, config_, dialect_, options_.form, out);
    });
  }

  void AddFlink(const PlannedTable& table, Family& family) {
    const FlinkSourceRequest request{.form = options_.form,
                                     .version = options_.flink_cdc,
                                     .config = config_,
                                     .table = table,
                                     .facts = facts_};
    const auto print_source = [&](std::string& out) { PrintFlinkSource(request, dialect_, out); };
    family.AddDatabase(table.database, [&](std::string& out) { PrintFlinkDatabase(table, out); });
    // Hive's tables are in the client's catalog already.
    if (!dialect_.flink_reads_catalog) {
      family.Add(print_source);
    } else if (options_.form == Form::kCompat) {
      family.AddToRule(print_source);
    }
    family.Add([&](std::string& out) { PrintFlinkSink(table, options_.form, out); });
    family.Add([&](std::string& out) { PrintFlinkInsert(table, dialect_, out); });
  }

  const Config& config_;
  const Dialect& dialect_;
  const DdlFacts& facts_;
  const Plan& plan_;
  const FileOptions& options_;
  OutputFolder& folder_;
};

}  // namespace

Status WriteFiles(const Config& config, const Dialect& dialect, const DdlFacts& facts,
                  const Plan& plan, const FileOptions& options, OutputFolder& folder) {
  return FileWriter(config, dialect, facts, plan, options, folder).Write();
}

}  // namespace starlift::smt
