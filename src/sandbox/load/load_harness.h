#pragma once

#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "sandbox/catalog/catalog.h"
#include "sandbox/load/stream_load.h"
#include "sandbox/load/two_phase.h"
#include "sandbox/query/expression_translator.h"
#include "sandbox/storage/catalog_storage.h"
#include "sandbox/storage/test_home.h"

namespace starlift::sandbox::load {

// For tests: storage, catalog, labels and the loader, without ports.
class LoadHarness {
 public:
  using Headers = std::map<std::string, std::string>;

  explicit LoadHarness(std::string home) : home_(std::move(home)) { Open(); }

  void Open() {
    storage = std::move(*Storage::Open({home_}));
    EXPECT_TRUE(query::RegisterFunctions(*storage).ok());
    store = std::make_unique<CatalogStorage>(*storage);
    catalog = std::make_unique<catalog::Catalog>(*store);
    EXPECT_TRUE(catalog->Load().ok());
    ledger = std::move(*TransactionLedger::Open(storage.get(), {}));
    environment.storage = storage.get();
    environment.catalog = catalog.get();
    environment.ledger = ledger.get();
    environment.faults = &faults;
    environment.error_log_folder = home_ + "/error_logs";
  }

  void Reopen() {
    ledger.reset();
    catalog.reset();
    store.reset();
    storage.reset();
    Open();
  }

  static catalog::ColumnDef Column(std::string name, catalog::DataType type, bool key = false,
                                   bool nullable = true) {
    catalog::ColumnDef column;
    column.name = std::move(name);
    column.type = std::move(type);
    column.is_key = key;
    column.nullable = nullable;
    return column;
  }

  // Database `d`, made with the first table.
  catalog::TablePtr AddTable(std::string name, catalog::TableModel model,
                             std::vector<catalog::ColumnDef> columns,
                             catalog::PartitionScheme scheme = {},
                             std::vector<catalog::PartitionDef> partitions = {}) {
    auto lock = catalog->LockForChange();
    catalog::CatalogEdit edit;
    catalog::DatabasePtr database = catalog->FindDatabase("d");
    if (database == nullptr) {
      auto made = std::make_shared<catalog::DatabaseDef>();
      made->id = catalog->NextId();
      made->name = "d";
      edit.put_databases.push_back(made);
      database = made;
    }
    auto table = std::make_shared<catalog::TableDef>();
    table->id = catalog->NextId();
    table->database_id = database->id;
    table->name = std::move(name);
    table->model = model;
    for (catalog::ColumnDef& column : columns) {
      column.id = table->next_column_id++;
      if (column.is_key) table->key_columns.push_back(column.name);
    }
    table->columns = std::move(columns);
    table->partitioning = std::move(scheme);
    table->partitions = std::move(partitions);
    edit.put_tables.push_back(table);
    edit.storage.push_back(catalog::CreateStorage{table});
    const Status applied = catalog->Apply(std::move(edit));
    EXPECT_TRUE(applied.ok()) << applied.error().ToString();
    return table;
  }

  LoadRequest Parse(const std::string& table, const Headers& headers, bool in_transaction = false) {
    const auto lookup = [&](std::string_view name) -> std::optional<std::string_view> {
      const auto found = headers.find(std::string(name));
      if (found == headers.end()) return std::nullopt;
      return std::string_view(found->second);
    };
    Result<LoadRequest> request = ParseLoadRequest(lookup, environment.settings, in_transaction);
    EXPECT_TRUE(request.ok()) << request.error().ToString();
    request->database = "d";
    request->table = table;
    if (!headers.contains("column_separator")) request->csv.column_separator = ",";
    return *request;
  }

  LoadAnswer Load(const std::string& table, std::string_view body, const Headers& headers = {}) {
    Result<LoadAnswer> answer = RunStreamLoad(environment, Parse(table, headers), "root",
                                              [&] { return std::make_unique<MemorySource>(body); });
    EXPECT_TRUE(answer.ok()) << answer.error().ToString();
    return *answer;
  }

  // "Success 2/3" (loaded of total), or status and message.
  std::string Brief(const LoadAnswer& answer) {
    if (answer.status != "Success") return answer.status + ": " + answer.message;
    return "Success " + std::to_string(answer.counts.loaded()) + "/" +
           std::to_string(answer.counts.total);
  }

  std::string ErrorLogOf(const LoadAnswer& answer) {
    auto text = ReadErrorLog(environment.error_log_folder, answer.error_log_name);
    return text.ok() ? *text : "";
  }

  // The table's rows in order, "1 a;2 NULL;".
  std::string Rows(const std::string& table) {
    const catalog::TablePtr found = catalog->FindTable("d", table);
    std::string columns;
    for (const catalog::ColumnDef& column : found->columns) {
      columns += (columns.empty() ? "" : ", ");
      columns += IsComplex(column.type.kind) ? "CAST(" + column.physical_name() + " AS VARCHAR)"
                                             : column.physical_name();
    }
    auto connection = storage->Connect();
    auto rows = connection->QueryRows("SELECT " + columns + " FROM " + found->physical_name() +
                                      " ORDER BY ALL");
    if (!rows.ok()) return rows.error().ToString();
    std::string text;
    for (const Row& row : *rows) {
      for (const auto& cell : row) text += cell.value_or("NULL") + " ";
      text.back() = ';';
    }
    return text;
  }

  TransactionState StateOf(const std::string& label) {
    const auto found = ledger->FindLabel(catalog->FindDatabase("d")->id, label);
    return found ? found->state : TransactionState::kUnknown;
  }

  std::unique_ptr<Storage> storage;
  std::unique_ptr<CatalogStorage> store;
  std::unique_ptr<catalog::Catalog> catalog;
  std::unique_ptr<TransactionLedger> ledger;
  Faults faults;
  LoadEnvironment environment;

 private:
  const std::string home_;
};

}  // namespace starlift::sandbox::load
