#include "sandbox/query/dml.h"

#include <algorithm>
#include <atomic>
#include <cctype>
#include <chrono>
#include <random>

#include "sandbox/ddl/external_tables.h"
#include "sandbox/query/dml_target.h"
#include "sandbox/query/explicit_transaction.h"
#include "sandbox/query/expression_translator.h"
#include "sandbox/query/parser.h"
#include "sandbox/storage/merge.h"

namespace starlift::sandbox::query {
namespace {

constexpr size_t kMaxLabel = 128;

int64_t NowMs() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

// The first word of a DML statement, behind WITH too.
std::string_view Verb(std::span<const sql::Token> tokens) {
  int depth = 0;
  for (const sql::Token& token : tokens) {
    if (token.Is("(")) ++depth;
    if (token.Is(")")) --depth;
    if (depth > 0) continue;
    for (const std::string_view verb : {"INSERT", "UPDATE", "DELETE", "SELECT"}) {
      if (token.Is(verb)) return verb;
    }
    if (&token == &tokens.front() && !token.Is("WITH")) return "";
  }
  return "";
}

Result<DmlOutcome> Run(const QueryEnvironment& environment, std::string_view text,
                       std::span<const sql::Token> tokens, ExplicitTransaction* open,
                       bool analyze_only) {
  sql::TokenReader reader(text, tokens);
  Parser parser(&reader);
  const std::string_view verb = Verb(tokens);
  if (verb == "INSERT") {
    SL_ASSIGN(const InsertStatement insert, parser.ParseInsert());
    SL_TRY(reader.ExpectEnd());
    return ExecuteInsert(environment, insert, open, analyze_only);
  }
  if (verb == "UPDATE") {
    SL_ASSIGN(const UpdateStatement update, parser.ParseUpdate());
    SL_TRY(reader.ExpectEnd());
    return ExecuteUpdate(environment, update, analyze_only);
  }
  SL_ASSIGN(const DeleteStatement statement, parser.ParseDelete());
  SL_TRY(reader.ExpectEnd());
  return ExecuteDelete(environment, statement, analyze_only);
}

Error AsSqlError(Error error) {
  return error.native_code != 0 ? error
                                : sql::SqlError(sql::code::kGeneric, std::move(error.message));
}

}  // namespace

bool IsDml(std::span<const sql::Token> tokens) {
  const std::string_view verb = Verb(tokens);
  return verb == "INSERT" || verb == "UPDATE" || verb == "DELETE";
}

Result<DmlOutcome> ExecuteDml(const QueryEnvironment& environment, std::string_view text,
                              std::span<const sql::Token> tokens, ExplicitTransaction* open) {
  return Run(environment, text, tokens, open, false);
}

Status AnalyzeDml(const QueryEnvironment& environment, std::string_view text,
                  std::span<const sql::Token> tokens) {
  SL_ASSIGN([[maybe_unused]] const DmlOutcome outcome,
            Run(environment, text, tokens, nullptr, true));
  return {};
}

Status CheckSyntax(std::string_view text, std::span<const sql::Token> tokens) {
  sql::TokenReader reader(text, tokens);
  Parser parser(&reader);
  const auto end = [&](const auto& parsed) -> Status {
    if (!parsed.ok()) return parsed.error();
    return reader.ExpectEnd();
  };
  if (IsQuery(tokens)) return end(parser.ParseQuery());
  const std::string_view verb = Verb(tokens);
  if (verb == "INSERT") return end(parser.ParseInsert());
  return verb == "UPDATE" ? end(parser.ParseUpdate()) : end(parser.ParseDelete());
}

AnalysisContext DmlContext(const QueryEnvironment& environment) {
  AnalysisContext context;
  context.catalog = environment.catalog;
  context.session = environment.session;
  context.values = environment.values;
  context.parameters = environment.parameters;
  return context;
}

Result<DmlTarget> FindDmlTarget(const QueryEnvironment& environment,
                                const std::vector<std::string>& name, std::string_view verb) {
  if (name.size() == 3 && name[0] != "default_catalog") {
    return sql::AnalyzeError(sql::code::kUnknownCatalog, "Unknown catalog '" + name[0] + "'");
  }
  const std::string database =
      name.size() > 1 ? name[name.size() - 2] : environment.session->current_database();
  if (database.empty())
    return sql::AnalyzeError(sql::code::kNoDatabaseSelected, "No database selected");
  DmlTarget target;
  target.database = environment.catalog->FindDatabase(database);
  if (!target.database) {
    return sql::AnalyzeError(sql::code::kUnknownDatabase, "Unknown database '" + database + "'");
  }
  target.table = environment.catalog->FindTable(database, name.back());
  if (!target.table) return sql::AnalyzeError("Table " + name.back() + " is not found");
  const catalog::TableDef& table = *target.table;
  if (table.kind == catalog::TableKind::kMaterializedView) {
    return sql::AnalyzeError(
        "The data of '" + table.name + "' cannot be " + std::string(verb) + " because '" +
        table.name +
        "' is a materialized view,and the data of materialized view must be consistent with "
        "the base table.");
  }
  if (table.is_external()) return ddl::CannotRead(table);
  if (table.kind == catalog::TableKind::kView) {
    return sql::AnalyzeError("Table " + table.name + " is a view and cannot be " +
                             std::string(verb));
  }
  return target;
}

Status RequireDml(const AnalysisContext& context, const DmlTarget& target,
                  std::string_view privilege) {
  if (context.session == nullptr) return {};
  SL_TRY(context.session->RequirePrivilege(privilege, ddl::ObjectKind::kTable,
                                           target.database->name, target.table->name));
  return RequireSelect(context);
}

std::string GeneratedLabel(std::string_view prefix) {
  static thread_local std::mt19937_64 random{std::random_device{}()};
  constexpr char kDigits[] = "0123456789abcdef";
  std::string label = std::string(prefix) + "_";
  for (int i = 0; i < 32; ++i) {
    if (i == 8 || i == 12 || i == 16 || i == 20) label += '-';
    label += kDigits[random() % 16];
  }
  return label;
}

Status CheckLabel(const std::string& label) {
  const bool fits = !label.empty() && label.size() <= kMaxLabel &&
                    std::all_of(label.begin(), label.end(), [](unsigned char c) {
                      return std::isalnum(c) != 0 || c == '_' || c == '-';
                    });
  if (fits) return {};
  return sql::AnalyzeError("Label format error. regex: ^[-\\w]{1,128}$, label: " + label);
}

std::string StageName() {
  static std::atomic<uint64_t> last{0};
  return "dml_stage_" + std::to_string(++last);
}

Result<std::vector<std::pair<const catalog::ColumnDef*, std::string>>> GeneratedColumns(
    const catalog::TableDef& table) {
  std::vector<SourceColumn> sources;
  for (const catalog::ColumnDef& column : table.columns) {
    if (!column.generated()) sources.push_back({column.name, column.type, column.physical_name()});
  }
  std::vector<std::pair<const catalog::ColumnDef*, std::string>> generated;
  for (const catalog::ColumnDef& column : table.columns) {
    if (!column.generated()) continue;
    SL_ASSIGN(const TranslatedExpression expression,
              TranslateExpression(column.generated_expression, sources));
    generated.emplace_back(&column, CastSql(expression.sql, expression.type, column.type));
  }
  return generated;
}

Result<DmlOutcome> RunDml(const QueryEnvironment& environment, const DmlTarget& target,
                          std::string label, ExplicitTransaction* open, const DmlWork& work) {
  DmlOutcome outcome;
  if (open != nullptr) {
    SL_ASSIGN(WriteTransaction* const write, open->WriteTo(target.database->id, target.table->id));
    auto done = work(write->connection(), open->id());
    if (!done.ok()) return AsSqlError(std::move(done).error());
    open->AddRows(done->rows);
    outcome.rows = static_cast<uint64_t>(done->rows);
    outcome.label = open->label();
    outcome.transaction_id = open->id();
    outcome.status = "PREPARE";
    return outcome;
  }
  LoadTransaction transaction;
  transaction.database_id = target.database->id;
  transaction.table_ids = {target.table->id};
  transaction.label = std::move(label);
  transaction.source = TransactionSource::kInsertStreaming;
  if (environment.values != nullptr) transaction.user = environment.values->current_user();
  auto begun = environment.ledger->Begin(transaction);
  if (!begun.ok()) {
    return sql::AnalyzeError("fail to begin transaction. " + begun.error().message);
  }
  transaction = *begun;
  const TableLock lock = environment.storage->LockTable(target.table->id);
  Status status = environment.storage->RunWrite([&](WriteTransaction& write) -> Status {
    SL_ASSIGN(const WorkResult done, work(write.connection(), transaction.id));
    transaction.rows_total = done.rows + done.filtered;
    transaction.rows_loaded = done.rows;
    transaction.rows_filtered = done.filtered;
    transaction.state = TransactionState::kVisible;
    transaction.commit_ms = transaction.finish_ms = NowMs();
    return environment.ledger->Record(write, transaction);
  });
  if (!status.ok()) {
    // The reason of the failure is the answer; a label that can't be aborted stays PREPARE in
    // memory.
    [[maybe_unused]] const Status aborted =
        environment.ledger->Abort(transaction.id, status.error().message);
    return AsSqlError(std::move(status).error());
  }
  environment.ledger->Publish(transaction);
  outcome.rows = static_cast<uint64_t>(transaction.rows_loaded);
  outcome.filtered = static_cast<uint64_t>(transaction.rows_filtered);
  outcome.label = transaction.label;
  outcome.transaction_id = transaction.id;
  return outcome;
}

}  // namespace starlift::sandbox::query
