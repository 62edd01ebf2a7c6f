#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <string_view>

#include "sandbox/catalog/memory_catalog_store.h"
#include "sandbox/ddl/execute.h"
#include "sandbox/ddl/job_runner.h"
#include "sandbox/sql/error.h"
#include "sandbox/sql/lexer.h"

namespace starlift::sandbox::ddl {

// A session that may do everything but what `denied` names.
class TestSession : public SessionContext {
 public:
  std::string current_catalog() const override { return "default_catalog"; }
  std::string current_database() const override { return database; }
  std::string user_identity() const override { return "'root'@'%'"; }
  Status RequirePrivilege(std::string_view privilege, ObjectKind, std::string_view,
                          std::string_view) const override {
    if (privilege != denied) return {};
    return sql::SqlError(sql::code::kAccessDenied, "Access denied");
  }
  bool CanSeeDatabase(std::string_view) const override { return true; }
  bool CanSeeTable(std::string_view, std::string_view, ObjectKind) const override { return true; }

  std::string database;
  std::string denied;
};

class TestTransactions : public TransactionWatch {
 public:
  int64_t NextTransactionId() override { return ++last_id; }
  bool HasOpenTransactionBefore(catalog::ObjectId, int64_t) const override { return open; }

  int64_t last_id = 0;
  std::atomic<bool> open = false;
};

// Queries and expressions are taken as they are: one BIGINT column `c`.
class TestAnalyzer : public QueryAnalyzer {
 public:
  Result<AnalyzedQuery> AnalyzeQuery(const SessionContext&, std::string_view query,
                                     sql::Position) const override {
    AnalyzedQuery analyzed;
    analyzed.columns.push_back({"c", catalog::DataType::Of(catalog::TypeKind::kBigInt), true});
    analyzed.printed = std::string(query);
    analyzed.printed_simple = analyzed.printed;
    return analyzed;
  }
  Result<AnalyzedExpression> AnalyzeExpression(const std::vector<catalog::ColumnDef>& columns,
                                               std::string_view expression,
                                               sql::Position) const override {
    AnalyzedExpression analyzed;
    analyzed.type = catalog::DataType::Of(catalog::TypeKind::kBigInt);
    analyzed.printed = std::string(expression);
    for (const catalog::ColumnDef& column : columns) {
      if (expression.find(column.name) != std::string_view::npos) {
        analyzed.columns.push_back(column.name);
      }
    }
    return analyzed;
  }
  Result<uint64_t> InsertFromQuery(const SessionContext&, std::string_view, std::string_view,
                                   std::string_view) const override {
    return uint64_t{0};
  }
};

// DDL over a catalog in memory, in database `d`.
class DdlWorld {
 public:
  DdlWorld() : catalog(store) {
    environment.catalog = &catalog;
    environment.transactions = &transactions;
    environment.analyzer = &analyzer;
    environment.cluster.live_backends = 3;
    environment.cluster.alter_pending_ms = 0;
    Run("CREATE DATABASE d");
    session.database = "d";
  }

  Result<sql::StatementResult> Execute(std::string_view text) {
    const auto tokens = sql::Tokenize(text);
    return ExecuteDdl(environment, session, text, tokens);
  }

  // "OK", the rows (cells by " | ", rows by line ends), or "code: message".
  std::string Run(std::string_view text) {
    const auto outcome = Execute(text);
    if (!outcome.ok()) {
      return std::to_string(outcome.error().native_code) + ": " + outcome.error().message;
    }
    if (!outcome->has_rows) return "OK";
    std::string rows;
    for (const sql::ResultRow& row : outcome->rows) {
      for (size_t i = 0; i < row.size(); ++i) {
        rows += (i > 0 ? " | " : "") + row[i].value_or("NULL");
      }
      rows += '\n';
    }
    return rows;
  }

  catalog::MemoryCatalogStore store;
  catalog::Catalog catalog;
  TestSession session;
  TestTransactions transactions;
  TestAnalyzer analyzer;
  Environment environment;
};

}  // namespace starlift::sandbox::ddl
