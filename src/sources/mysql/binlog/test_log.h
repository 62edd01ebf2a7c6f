#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "sources/mysql/binlog/log_follower.h"

// A follower fed by hand, and a sink that writes down what it is told.
namespace starlift::mysql::test {

inline TableVersion MakeTable(std::string name, std::vector<Column> columns,
                              std::string engine = "InnoDB") {
  auto table = std::make_shared<Table>();
  table->id = {.database = "d", .name = std::move(name)};
  table->columns = std::move(columns);
  table->engine = std::move(engine);
  return table;
}

inline Column MakeColumn(std::string name, TypeKind kind, uint64_t length = 0,
                         std::string native_type = "") {
  Column column;
  column.name = std::move(name);
  column.type.kind = kind;
  column.type.length = length;
  column.native_type = std::move(native_type);
  return column;
}

// One line per row and commit: "+t(1,a)", "-t(1,a)", "~t(1,a)(1,b)", "commit <position>".
class Notebook final : public ChangeSink {
 public:
  Status Consume(const ChangeBatch& batch) override {
    for (const RowChange& change : batch.changes) {
      constexpr char kSigns[] = {'+', '~', '-'};
      std::string line(1, kSigns[static_cast<int>(change.kind)]);
      line += batch.table->id.name;
      for (const uint32_t row : {change.before, change.after}) {
        if (row == RowChange::kNoRow) continue;
        line += '(';
        for (size_t i = 0; i < batch.rows.columns(); ++i) {
          if (i > 0) line += ',';
          line += batch.rows.Value(row, i).value_or("NULL");
        }
        line += ')';
      }
      lines.push_back(std::move(line));
    }
    return {};
  }
  Status Consume(const SchemaChange& change) override {
    lines.push_back("schema " + change.statement);
    return {};
  }
  Status KeepShadow(const TableId& table, const std::optional<ShadowTable>& shadow) override {
    lines.push_back((shadow ? "shadow " : "no shadow ") + table.name);
    return {};
  }
  Status Commit(const CommitPoint& point) override {
    lines.push_back("commit " + point.resume);
    return {};
  }

  std::vector<std::string> lines;
};

class TestLog {
 public:
  explicit TestLog(const std::vector<TableVersion>& tables,
                   const std::string& position = "file:b.000001:4",
                   std::string spill_directory = "/tmp",
                   uint64_t spill_after_bytes = uint64_t{1} << 20)
      : follower_(Make(tables, position, std::move(spill_directory), spill_after_bytes)) {
    follower_.Connected(true);
  }

  Status Feed(std::string_view event) { return follower_.Feed(event, notebook); }
  // The first error, or none.
  Status FeedAll(const std::vector<std::string>& events) {
    for (const std::string& event : events) SL_TRY(Feed(event));
    return {};
  }
  LogFollower& follower() { return follower_; }

  Notebook notebook;

 private:
  LogFollower Make(const std::vector<TableVersion>& tables, const std::string& position,
                   std::string spill_directory, uint64_t spill_after_bytes) {
    const TableFilter wanted = [](const TableId& id) { return id.name != "unwanted"; };
    SchemaHistory history(ServerFacts{}, wanted);
    for (const TableVersion& table : tables) history.Put(table);
    static const CollationList kNoCollations;
    return LogFollower(
        ParseResumePosition(position).value(),
        GroupTeller(std::move(history), kNoCollations, CharsetList(nullptr), wanted),
        {.spill_directory = std::move(spill_directory), .spill_after_bytes = spill_after_bytes});
  }

  LogFollower follower_;
};

}  // namespace starlift::mysql::test
