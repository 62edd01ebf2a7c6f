#include "smt/files.h"

#include <algorithm>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "smt/print/flink_notes.h"
#include "smt/print/flink_pipeline.h"
#include "smt/print/flink_sql.h"
#include "smt/print/starrocks_sql.h"
#include "smt/print/task_yaml.h"

namespace starlift::smt {
namespace {

// The files of one kind: that of the rule at hand and that of all rules get the same statements.
class Family {
 public:
  Family(std::string name, OutputFolder& folder)
      : name_(std::move(name)), folder_(folder), all_(folder.Create(name_ + ".all.sql")) {}

  void BeginRule(const RuleConfig& rule) {
    rule_ = &folder_.Create(fmt::format("{}.{}.sql", name_, rule.name));
  }
  // Its file is closed: there may be more rules than files that can be open.
  Status EndRule() { return rule_->Finish(); }

  StatementFile& rule() { return *rule_; }
  StatementFile& all() { return all_; }

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
             const FileOptions& options, OutputFolder& folder, std::vector<std::string>& notes)
      : config_(config),
        dialect_(dialect),
        facts_(facts),
        plan_(plan),
        options_(options),
        folder_(folder),
        notes_(notes) {}

  Status Write() {
    SL_TRY(ForEachTable("starrocks-create", [&](const PlannedTable& table, Family& family) {
      AddStarrocks(table, family);
    }));
    if (options_.external_catalog) {
      WriteCatalog();
    } else if (!dialect_.external_engine.empty()) {
      SL_TRY(ForEachTable(
          "starrocks-external-create",
          [&](const PlannedTable& table, Family& family) { AddExternal(table, family); }));
    }
    if (dialect_.flink_connector.empty() && !dialect_.flink_reads_catalog) return {};
    SL_TRY(ForEachTable("flink-create", [&](const PlannedTable& table, Family& family) {
      AddFlink(table, family);
    }));
    NoteFlink();
    if (options_.statement_set) {
      SL_TRY(ForEachTable(
          "flink-statement-set",
          [&](const PlannedTable& table, Family& family) { AddFlinkTables(table, family); },
          [&](std::span<const PlannedTable> tables, StatementFile& file) {
            AddStatementSet(tables, file);
          }));
    }
    if (options_.form == Form::kRight) WriteTasks();
    return {};
  }

 private:
  using Tables = std::span<const PlannedTable>;
  static void NothingAtTheEnd(Tables, StatementFile&) {}

  // `add` (void(const PlannedTable&, Family&)) for each table; `end` (void(Tables, StatementFile&))
  // for each file. A rule that takes no table has an empty file in the original, and none in ours.
  template <typename Add, typename End = decltype(&NothingAtTheEnd)>
  Status ForEachTable(const std::string& name, Add&& add, End&& end = &NothingAtTheEnd) {
    Family family(name, folder_);
    if (name == "starrocks-external-create") {
      family.AddToAll([&](std::string& out) {
        PrintExternalResource(config_, dialect_, facts_, options_.form, out);
      });
    }
    for (const RuleConfig& rule : config_.rules) {
      const Tables tables = TablesOf(rule);
      if (tables.empty() && options_.form == Form::kRight) continue;
      family.BeginRule(rule);
      for (const PlannedTable& table : tables) add(table, family);
      end(tables, family.rule());
      SL_TRY(family.EndRule());
    }
    end(plan_.tables, family.all());
    return {};
  }

  // They stand together in the plan.
  Tables TablesOf(const RuleConfig& rule) const {
    const auto of_rule = [&](const PlannedTable& table) { return table.rule == &rule; };
    const auto begin = std::find_if(plan_.tables.begin(), plan_.tables.end(), of_rule);
    return {begin, std::find_if_not(begin, plan_.tables.end(), of_rule)};
  }

  // One for all databases, but where a connection is to one database alone.
  void WriteCatalog() {
    std::set<std::string> databases;
    if (!dialect_.jdbc_database_prefix.empty()) {
      for (const PlannedTable& table : plan_.tables) {
        for (const Table* const source : table.sources) databases.insert(source->id.database);
      }
    } else {
      databases.insert("");
    }
    StatementFile* file = nullptr;
    for (const std::string& database : databases) {
      std::string statement;
      PrintExternalCatalog(config_, dialect_, facts_, database, statement);
      if (statement.empty()) continue;
      if (file == nullptr) file = &folder_.Create("starrocks-external-catalog.sql");
      file->Add(statement);
      NoteOpenDriver(statement, "starrocks-external-catalog.sql");
    }
  }

  // StarRocks refuses the statement until somebody fills that in.
  void NoteOpenDriver(std::string_view statement, std::string_view file) {
    if (driver_noted_ || statement.find(kOpenDriverUrl) == std::string_view::npos) return;
    driver_noted_ = true;
    notes_.push_back(
        fmt::format("{} leaves open where StarRocks finds the JDBC driver: write "
                    "external.properties.driver_url = http://…/driver.jar into a rule",
                    file));
  }

  void WriteTasks() {
    for (const RuleConfig& rule : config_.rules) {
      const Tables tables = TablesOf(rule);
      if (tables.empty()) continue;
      if (!dialect_.pipeline_type.empty()) WritePipeline(tables);
      const std::string task =
          dialect_.sync_reads_rows ? PrintStarliftTask(tables, config_, dialect_) : std::string();
      if (!task.empty()) {
        folder_.Create(fmt::format("starlift-task.{}.yaml", rule.name)).AddText(task);
      }
    }
  }

  void WritePipeline(Tables tables) {
    const std::string& rule = tables.front().rule->name;
    const std::string name = fmt::format("flink-cdc-pipeline.{}.yaml", rule);
    const FlinkPipeline pipeline =
        PrintFlinkPipeline(tables, config_, dialect_, options_.flink_cdc);
    if (!pipeline.text.empty()) folder_.Create(name).AddText(pipeline.text);
    if (pipeline.left_out == 0) return;
    notes_.push_back(
        pipeline.text.empty()
            ? fmt::format("[table-rule.{}]: no {}: Flink CDC's pipeline can carry none of its "
                          "tables whole",
                          rule, name)
            : fmt::format("[table-rule.{}]: {} leaves out {} of {} tables, and says of each why",
                          rule, name, pipeline.left_out, tables.size()));
  }

  void AddStarrocks(const PlannedTable& table, Family& family) {
    family.AddDatabase(table.database,
                       [&](std::string& out) { PrintCreateDatabase(table.database, out); });
    family.Add([&](std::string& out) { PrintCreateTable(table, options_.form, out); });
  }

  void AddExternal(const PlannedTable& table, Family& family) {
    const bool by_jdbc = dialect_.external_engine == "jdbc";
    // There is no one table behind a merged one.
    if (table.merged() && (options_.form == Form::kRight || by_jdbc)) return;
    const std::string database = ExternalDatabase(table, dialect_);
    if (by_jdbc) {
      family.AddDatabase("resource of " + database, [&](std::string& out) {
        PrintExternalDatabaseResource(table, config_, dialect_, out);
        NoteOpenDriver(out, "starrocks-external-create.all.sql");
      });
    }
    family.AddDatabase(database, [&](std::string& out) { PrintCreateDatabase(database, out); });
    family.Add([&](std::string& out) {
      PrintExternalTable(table, config_, dialect_, options_.form, out);
    });
  }

  FlinkSourceRequest RequestFor(const PlannedTable& table) const {
    return {.form = options_.form,
            .version = options_.flink_cdc,
            .config = config_,
            .table = table,
            .facts = facts_};
  }

  void NoteFlink() {
    for (const RuleConfig& rule : config_.rules) {
      const Tables tables = TablesOf(rule);
      if (tables.empty()) continue;
      for (std::string& note : FlinkNotes(tables, dialect_, RequestFor(tables.front()))) {
        notes_.push_back(std::move(note));
      }
    }
  }

  // Source and sink.
  void AddFlinkTables(const PlannedTable& table, Family& family) {
    FlinkSourceRequest request = RequestFor(table);
    family.AddDatabase(table.database, [&](std::string& out) { PrintFlinkDatabase(table, out); });
    for (; request.source < SourceCount(table, dialect_, options_.form); ++request.source) {
      const auto print = [&](std::string& out) { PrintFlinkSource(request, dialect_, out); };
      // Hive's tables are in the client's catalog already: the original says so in one file only.
      dialect_.flink_reads_catalog ? family.AddToRule(print) : family.Add(print);
    }
    family.Add([&](std::string& out) { PrintFlinkSink(table, options_.form, out); });
  }

  void AddFlink(const PlannedTable& table, Family& family) {
    AddFlinkTables(table, family);
    family.Add([&](std::string& out) { PrintFlinkInsert(table, dialect_, options_.form, out); });
  }

  void AddStatementSet(Tables tables, StatementFile& file) {
    std::string statement = "EXECUTE STATEMENT SET BEGIN\n";
    for (const PlannedTable& table : tables) {
      PrintFlinkInsert(table, dialect_, options_.form, statement);
      statement += ";\n";
    }
    file.Add(statement + "END");
  }

  const Config& config_;
  const Dialect& dialect_;
  const DdlFacts& facts_;
  const Plan& plan_;
  const FileOptions& options_;
  OutputFolder& folder_;
  std::vector<std::string>& notes_;
  bool driver_noted_ = false;
};

}  // namespace

Status WriteFiles(const Config& config, const Dialect& dialect, const DdlFacts& facts,
                  const Plan& plan, const FileOptions& options, OutputFolder& folder,
                  std::vector<std::string>& notes) {
  return FileWriter(config, dialect, facts, plan, options, folder, notes).Write();
}

}  // namespace starlift::smt
