// Schema changes against a StarRocks-compatible server: every case is applied, applied again, and
// applied with a crash before and after each of its statements. Needs STARLIFT_TEST_QUERY_PORT
// (root without a password); tests/system/test_schema_evolution.py starts the sandbox.

#include <cstdlib>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "starrocks/ddl_printer.h"
#include "starrocks/session.h"
#include "sync/evolve/schema_evolution.h"

namespace starlift::sync {
namespace {

constexpr const char* kDatabase = "evolution";

Column MakeColumn(std::string name, TypeKind kind, bool nullable = true, uint64_t length = 0) {
  Column column;
  column.name = std::move(name);
  column.type = {kind, length};
  column.nullable = nullable;
  if (nullable) column.default_kind = DefaultKind::kNull;
  return column;
}

Table Orders() {
  Table table;
  table.id = {kDatabase, "", "orders"};
  table.columns = {MakeColumn("id", TypeKind::kInt32, false), MakeColumn("v", TypeKind::kInt32),
                   MakeColumn("name", TypeKind::kVarchar, true, 10)};
  table.key_kind = KeyKind::kPrimary;
  table.key = {0};
  return table;
}

// Ends the session before or after its nth statement, as a crash would.
class CrashingCatalog : public TargetCatalog {
 public:
  CrashingCatalog(TargetCatalog& inner, int statement, bool after)
      : inner_(inner), left_(statement), after_(after) {}

  std::vector<Finding> Check(const std::vector<std::string>& databases) override {
    return inner_.Check(databases);
  }
  Result<starrocks::ClusterFacts> ReadFacts() override { return inner_.ReadFacts(); }
  Result<bool> DatabaseExists(std::string_view database) override {
    return inner_.DatabaseExists(database);
  }
  Result<std::vector<std::string>> ListTables(std::string_view database) override {
    return inner_.ListTables(database);
  }
  Result<starrocks::TargetTable> ReadTable(std::string_view database,
                                           std::string_view table) override {
    return inner_.ReadTable(database, table);
  }
  Result<bool> HoldsRows(const starrocks::TargetTable& table) override {
    return inner_.HoldsRows(table);
  }
  Result<std::optional<starrocks::AlterJob>> ReadLastAlterJob(std::string_view database,
                                                              std::string_view table) override {
    return inner_.ReadLastAlterJob(database, table);
  }
  Status Execute(std::string_view sql) override {
    const bool crash = left_-- == 0;
    if (crash && !after_) return Lost();
    SL_TRY(inner_.Execute(sql));
    if (crash) return Lost();
    return {};
  }

 private:
  static Error Lost() { return Error{ErrorKind::kUnreachable, "the connection broke"}; }

  TargetCatalog& inner_;
  int left_;
  const bool after_;
};

class EvolutionLive : public testing::Test {
 protected:
  void SetUp() override {
    const char* const port = std::getenv("STARLIFT_TEST_QUERY_PORT");
    if (port == nullptr) GTEST_SKIP() << "STARLIFT_TEST_QUERY_PORT is not set";
    config_.query_endpoints = {{"127.0.0.1", static_cast<uint16_t>(std::atoi(port))}};
    config_.user = "root";
    target_ = OpenTargetCatalog(config_);
    session_.emplace(config_);
    Begin();
  }

  // The table `orders` with two rows, as it was before every case.
  void Begin() {
    Must(fmt::format("DROP DATABASE IF EXISTS {} FORCE", kDatabase));
    Must(fmt::format("CREATE DATABASE {}", kDatabase));
    before_ = Map(Orders());
    after_ = before_;
    change_ = {};
    change_.kind = SchemaChangeKind::kAlterTable;
    change_.before = std::make_shared<const Table>(Orders());
    change_.after = change_.before;
    change_.statement = "the statement";
    std::string create = starrocks::PrintCreateTable(before_->target);
    Must(create);
    Must(fmt::format("INSERT INTO {}.orders (id, v, name) VALUES (1, 10, 'a'), (2, 20, 'b')",
                     kDatabase));
  }

  void Must(const std::string& sql) {
    const auto done = session_->Execute(sql);
    ASSERT_TRUE(done.ok()) << sql << "\n" << done.error().ToString();
  }

  static mapping::TableMapping Map(const Table& table) {
    mapping::MappingRequest request;
    request.replication_num = 1;
    auto mappings = mapping::BuildMappings(Catalog{{table}}, request);
    EXPECT_TRUE(mappings.ok());
    EXPECT_EQ(mappings->tables.size(), 1U);
    return mappings->tables.front();
  }

  // The source's definition after the change.
  void Become(const Table& table) {
    change_.after = std::make_shared<const Table>(table);
    after_ = Map(table);
  }

  Result<EvolutionOutcome> ApplyTo(TargetCatalog& target) {
    SchemaEvolution evolution(target, options_, existing_, SystemClock(), cancellation_);
    return evolution.Apply({&change_, before_ ? &*before_ : nullptr, after_ ? &*after_ : nullptr});
  }

  // Once, again, and with crashes; the definition and the rows must come out the same.
  EvolutionOutcome ApplyAllWays(const std::function<void()>& prepare) {
    prepare();
    auto once = ApplyTo(*target_);
    EXPECT_TRUE(once.ok()) << once.error().ToString();
    if (!once.ok()) return {};
    const std::string state = State();
    const auto again = ApplyTo(*target_);
    EXPECT_TRUE(again.ok()) << again.error().ToString();
    if (again.ok()) {
      EXPECT_EQ(again->result == EvolutionResult::kRebuild,
                once->result == EvolutionResult::kRebuild);
    }
    EXPECT_EQ(State(), state) << "applied twice";
    for (int statement = 0; statement < 5; ++statement) {
      for (const bool after : {false, true}) {
        Begin();
        prepare();
        CrashingCatalog crashing(*target_, statement, after);
        const auto first = ApplyTo(crashing);
        if (first.ok()) continue;  // it has no more statements
        const auto second = ApplyTo(*target_);
        EXPECT_TRUE(second.ok()) << second.error().ToString();
        EXPECT_EQ(State(), state) << "crash " << (after ? "after" : "before") << " statement "
                                  << statement;
      }
    }
    return *std::move(once);
  }

  // Tables, their columns and rows.
  std::string State() {
    std::string state;
    const auto names = target_->ListTables(kDatabase);
    if (!names.ok()) return names.error().ToString();
    for (const std::string& name : *names) {
      const auto table = target_->ReadTable(kDatabase, name);
      if (!table.ok()) return table.error().ToString();
      state += fmt::format("{} [{}]:", name, table->comment);
      for (const auto& column : table->columns) {
        state += fmt::format(" {} {}{}{},", column.name, PrintType(column.type),
                             column.nullable ? "" : " NOT NULL",
                             column.comment.empty() ? "" : " '" + column.comment + "'");
      }
      const auto rows =
          session_->Query(fmt::format("SELECT * FROM {}.{} ORDER BY 1", kDatabase, name));
      if (!rows.ok()) return rows.error().ToString();
      for (const auto& row : rows->rows) {
        state += " (";
        for (const auto& cell : row) state += cell.value_or("NULL") + " ";
        state += ")";
      }
      state += "\n";
    }
    return state;
  }

  starrocks::TargetConfig config_;
  std::unique_ptr<TargetCatalog> target_;
  std::optional<starrocks::Session> session_;
  Cancellation cancellation_;
  SchemaChangeOptions options_;
  ExistingTables existing_ = ExistingTables::kRefuse;
  SchemaChange change_;
  std::optional<mapping::TableMapping> before_, after_;
};

TEST_F(EvolutionLive, AddedColumnsShowTheirValueInOldRows) {
  const auto outcome = ApplyAllWays([&] {
    Table table = Orders();
    Column constant = MakeColumn("d", TypeKind::kInt32);
    constant.default_kind = DefaultKind::kLiteral;
    constant.default_text = "7";
    table.columns.insert(table.columns.begin() + 1, constant);
    table.columns.push_back(MakeColumn("n", TypeKind::kVarchar, true, 5));
    table.columns.push_back(MakeColumn("zero", TypeKind::kInt64, false));
    table.columns.push_back(MakeColumn("empty", TypeKind::kVarchar, false, 5));
    table.key = {0};
    Become(table);
  });
  EXPECT_EQ(outcome.result, EvolutionResult::kContinue);
  EXPECT_EQ(outcome.mapping.columns.size(), 7U);
  const std::string state = State();
  EXPECT_NE(state.find("d INT"), std::string::npos) << state;
  EXPECT_NE(state.find("(1 10 a 7 NULL 0  )"), std::string::npos) << state;
}

TEST_F(EvolutionLive, AddedColumnsWithUnknownValuesAreRefilled) {
  const auto outcome = ApplyAllWays([&] {
    Table table = Orders();
    Column stamp = MakeColumn("at", TypeKind::kDateTime);
    stamp.default_kind = DefaultKind::kCurrentTimestamp;
    table.columns.push_back(stamp);
    change_.columns_to_refill = {"at"};
    Become(table);
  });
  EXPECT_EQ(outcome.result, EvolutionResult::kRefill);
  EXPECT_EQ(outcome.refill_columns, std::vector<std::string>{"at"});
}

TEST_F(EvolutionLive, DroppedColumnsStay) {
  const auto outcome = ApplyAllWays([&] {
    Table table = Orders();
    table.columns.erase(table.columns.begin() + 1);
    Become(table);
  });
  EXPECT_EQ(outcome.result, EvolutionResult::kContinue);
  EXPECT_EQ(outcome.mapping.columns.size(), 2U);
  EXPECT_NE(State().find("(1 10 a )"), std::string::npos) << State();
}

TEST_F(EvolutionLive, DroppedColumnsGoIfToldTo) {
  options_.drop_column = ChangePolicy::kApply;
  ApplyAllWays([&] {
    Table table = Orders();
    table.columns.erase(table.columns.begin() + 1);
    Become(table);
  });
  EXPECT_NE(State().find("(1 a )"), std::string::npos) << State();
}

TEST_F(EvolutionLive, RenamedColumnsKeepTheirValues) {
  const auto outcome = ApplyAllWays([&] {
    Table table = Orders();
    table.columns[1].name = "value";
    table.columns[0].name = "order_id";
    change_.renamed_columns = {{"v", "value"}, {"id", "order_id"}};
    Become(table);
  });
  EXPECT_EQ(outcome.result, EvolutionResult::kContinue);
  EXPECT_NE(State().find("order_id INT NOT NULL, value INT, name VARCHAR(40), (1 10 a )"),
            std::string::npos)
      << State();
}

TEST_F(EvolutionLive, IgnoredRenameGoesOnIntoTheOldName) {
  options_.rename_column = ChangePolicy::kIgnore;
  const auto outcome = ApplyAllWays([&] {
    Table table = Orders();
    table.columns[1].name = "value";
    change_.renamed_columns = {{"v", "value"}};
    Become(table);
  });
  EXPECT_EQ(outcome.mapping.plan.columns[1].name, "v");
  EXPECT_EQ(outcome.mapping.source.columns[outcome.mapping.columns[1]].name, "value");
}

TEST_F(EvolutionLive, TypesWiden) {
  const auto outcome = ApplyAllWays([&] {
    Table table = Orders();
    table.columns[1].type.kind = TypeKind::kInt64;
    table.columns[2].type.length = 200;
    Become(table);
  });
  EXPECT_EQ(outcome.result, EvolutionResult::kContinue);
  EXPECT_NE(State().find("v BIGINT, name VARCHAR(800), (1 10 a )"), std::string::npos) << State();
}

TEST_F(EvolutionLive, NarrowerTypesChangeNothing) {
  const std::string state = State();
  ApplyAllWays([&] {
    Table table = Orders();
    table.columns[1].type.kind = TypeKind::kInt8;
    table.columns[2].type.length = 2;
    Become(table);
  });
  EXPECT_EQ(State(), state);
}

TEST_F(EvolutionLive, CommentsFollow) {
  ApplyAllWays([&] {
    Table table = Orders();
    table.comment = "all \"orders\"";
    Become(table);
  });
  EXPECT_NE(State().find("orders [all \"orders\"]"), std::string::npos) << State();
}

TEST_F(EvolutionLive, TruncateEmptiesTheTable) {
  ApplyAllWays([&] { change_.kind = SchemaChangeKind::kTruncateTable; });
  EXPECT_EQ(State().find('('), State().find("(40)")) << State();
}

TEST_F(EvolutionLive, DroppedTablesStayUnlessToldElse) {
  const auto drop = [&] {
    change_.kind = SchemaChangeKind::kDropTable;
    change_.after = nullptr;
    after_.reset();
  };
  EXPECT_EQ(ApplyAllWays(drop).result, EvolutionResult::kEnd);
  EXPECT_NE(State().find("orders"), std::string::npos);
  options_.drop_table = ChangePolicy::kApply;
  EXPECT_EQ(ApplyAllWays(drop).result, EvolutionResult::kEnd);
  EXPECT_EQ(State(), "");
}

TEST_F(EvolutionLive, TablesAreRenamed) {
  const auto rename = [&] {
    Table table = Orders();
    table.id.name = "purchases";
    change_.kind = SchemaChangeKind::kRenameTable;
    Become(table);
  };
  const auto outcome = ApplyAllWays(rename);
  EXPECT_EQ(outcome.mapping.target.name, "purchases");
  EXPECT_TRUE(State().starts_with("purchases")) << State();
  options_.rename_table = ChangePolicy::kIgnore;
  Begin();
  EXPECT_EQ(ApplyAllWays(rename).mapping.target.name, "orders");
}

TEST_F(EvolutionLive, TablesAreCreatedButNotOverRows) {
  const auto create = [&] {
    Table table = Orders();
    table.id.name = "fresh";
    change_.kind = SchemaChangeKind::kCreateTable;
    change_.before = nullptr;
    before_.reset();
    Become(table);
  };
  ApplyAllWays(create);
  EXPECT_TRUE(State().starts_with("fresh")) << State();
  Must(fmt::format("INSERT INTO {}.fresh (id) VALUES (1)", kDatabase));
  const auto refused = ApplyTo(*target_);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind, ErrorKind::kPolicy);
  existing_ = ExistingTables::kTruncate;
  EXPECT_TRUE(ApplyTo(*target_).ok());
  EXPECT_EQ(State().find("(1"), State().rfind("(1 10")) << State();
}

TEST_F(EvolutionLive, KeyChangesAreRebuiltBesideAndSwapped) {
  const auto prepare = [&] {
    Table table = Orders();
    table.columns[2].nullable = false;
    table.key = {0, 2};
    Become(table);
  };
  const auto outcome = ApplyAllWays(prepare);
  ASSERT_EQ(outcome.result, EvolutionResult::kRebuild);
  std::string expected;
  // A crash at every statement of the swap; -1: none.
  for (int statement = -1; statement < 4; ++statement) {
    for (const bool after : {false, true}) {
      Begin();
      prepare();
      SchemaEvolution evolution(*target_, options_, existing_, SystemClock(), cancellation_);
      const auto shadow = evolution.MakeShadow(outcome.mapping);
      ASSERT_TRUE(shadow.ok()) << shadow.error().ToString();
      Must(fmt::format("INSERT INTO {} (id, name, v) VALUES (1, 'new', 11), (1, 'newer', 12)",
                       shadow->target.QuotedName()));
      CrashingCatalog crashing(*target_, statement, after);
      SchemaEvolution interrupted(crashing, options_, existing_, SystemClock(), cancellation_);
      (void)interrupted.Swap(outcome.mapping);
      const auto swapped = evolution.Swap(outcome.mapping);
      ASSERT_TRUE(swapped.ok()) << swapped.error().ToString();
      EXPECT_EQ(swapped->target.name, "orders");
      if (expected.empty()) expected = State();
      EXPECT_EQ(State(), expected);
    }
  }
  EXPECT_NE(expected.find("(1 new 11 ) (1 newer 12 )"), std::string::npos) << expected;
  EXPECT_TRUE(expected.starts_with("orders []:")) << expected;
}

TEST_F(EvolutionLive, PoliciesStop) {
  options_.add_column = ChangePolicy::kStop;
  options_.rebuild = ChangePolicy::kStop;
  const std::string state = State();
  Table table = Orders();
  table.columns.push_back(MakeColumn("x", TypeKind::kInt32));
  Become(table);
  auto outcome = ApplyTo(*target_);
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().kind, ErrorKind::kPolicy);
  EXPECT_NE(outcome.error().mend.find("add-column"), std::string::npos);
  table = Orders();
  table.columns[2].nullable = false;
  table.key = {2};
  Become(table);
  outcome = ApplyTo(*target_);
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().kind, ErrorKind::kPolicy);
  EXPECT_EQ(State(), state);
}

}  // namespace
}  // namespace starlift::sync
