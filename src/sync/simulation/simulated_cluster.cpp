#include "sync/simulation/simulated_cluster.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "starrocks/table_reader.h"

namespace starlift::sync {

using starrocks::AlterState;
using starrocks::TargetColumn;
using starrocks::TargetTable;

namespace {

using Row = load::ChangeWorld::Row;

constexpr std::string_view kNull = "\\N";
constexpr char kCellSeparator = '|';  // of rows without a key, in ChangeWorld
constexpr std::chrono::milliseconds kStatementTime{5};

Error NotFound(std::string_view table) {
  return Error{ErrorKind::kNotFound, fmt::format("table {} isn't there", table)};
}
Error Refused(std::string message) { return Error{ErrorKind::kRefused, std::move(message)}; }

std::vector<std::string> SplitCells(const std::string& row) {
  std::vector<std::string> cells(1);
  for (const char c : row) {
    if (c == kCellSeparator) {
      cells.emplace_back();
    } else {
      cells.back() += c;
    }
  }
  return cells;
}

std::string JoinCells(const std::vector<std::string>& cells) {
  std::string row;
  for (const std::string& cell : cells) row += (&cell == cells.data() ? "" : "|") + cell;
  return row;
}

// Changes the cells of every row without a key.
template <typename Change>
void ChangeBag(load::ChangeWorld::TargetTable& table, const Change& change) {
  std::multiset<std::string> changed;
  for (const std::string& row : table.bag) {
    std::vector<std::string> cells = SplitCells(row);
    change(cells);
    changed.insert(JoinCells(cells));
  }
  table.bag = std::move(changed);
}

Result<TargetColumn> ParseColumn(std::string_view clause) {
  SL_ASSIGN(const TargetTable table,
            starrocks::ParseCreateTable(fmt::format("CREATE TABLE `t` ({})", clause), "shop"));
  return table.columns.front();
}

}  // namespace

// Takes a statement apart, as our own printers write it.
class SimulatedCluster::Statement {
 public:
  explicit Statement(std::string_view text) : rest_(text) {}
  bool Take(std::string_view words) {
    if (!rest_.starts_with(words)) return false;
    rest_.remove_prefix(words.size());
    return true;
  }
  // The last part of `a`.`b`.
  std::string Name() {
    std::string name;
    do {
      Take("`");
      const size_t end = rest_.find('`');
      name = rest_.substr(0, end);
      rest_.remove_prefix(std::min(end + 1, rest_.size()));
    } while (Take("."));
    Take(" ");
    return name;
  }
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

SimulatedCluster::SimulatedCluster(const Scenario& scenario, load::SimulatedClock& clock,
                                   PlantedBug bug, Trace& trace)
    : clock_(clock),
      dice_(scenario.seed + 2),
      bug_(bug),
      load_faults_(scenario, Lane::kLoads),
      statement_faults_(scenario, Lane::kStatements),
      rows_(clock, scenario.seed + 1),
      trace_(trace) {
  rows_.one_in = load_faults_.empty() ? 0 : 1;
  rows_.fails = [this] {
    const auto fault = load_faults_.Next();
    if (fault) {
      rows_.Reseed(fault->seed);
      trace_.emplace_back("target: a load call fails");
    }
    return fault.has_value();
  };
  rows_.sql_fails = rows_.fails;
}

SimulatedCluster::Loss SimulatedCluster::NextLoss() {
  const auto fault = statement_faults_.Next();
  if (!fault) return Loss::kNone;
  return fault->seed % 2 == 0 ? Loss::kBefore : Loss::kAfter;
}

std::optional<std::vector<std::string>> SimulatedCluster::Rows(
    const std::string& table, const std::vector<std::string>& columns) {
  Advance();
  const auto found = tables_.find(table);
  if (found == tables_.end()) return std::nullopt;
  std::vector<size_t> places;
  for (const std::string& column : columns) {
    const auto place = found->second.FindColumn(column);
    if (!place) return std::nullopt;
    places.push_back(*place);
  }
  std::vector<std::string> rows;
  for (const std::string& row : rows_.AllRows(table)) {
    const std::vector<std::string> cells = SplitCells(row);
    std::vector<std::string> wanted;
    for (const size_t place : places) wanted.push_back(cells[place]);
    rows.push_back(JoinCells(wanted));
  }
  std::sort(rows.begin(), rows.end());
  return rows;
}

void SimulatedCluster::DropAll() {
  while (!tables_.empty()) Drop(std::string(tables_.begin()->first));
}

// ---- statements ----

Result<TargetTable> SimulatedCluster::ReadTable(const std::string& table) {
  Advance();
  const auto found = tables_.find(table);
  if (found == tables_.end()) return NotFound(table);
  return found->second;
}

bool SimulatedCluster::HoldsRows(const std::string& table) { return !rows_.AllRows(table).empty(); }

std::optional<starrocks::AlterJob> SimulatedCluster::LastJob(const std::string& table) {
  clock_.Advance(kStatementTime);
  Advance();
  const auto found = jobs_.find(table);
  if (found == jobs_.end()) return std::nullopt;
  starrocks::AlterJob job = found->second.told;
  if (bug_ == PlantedBug::kAlterNotAwaited) job.state = AlterState::kFinished;
  return job;
}

Status SimulatedCluster::Execute(std::string_view sql) {
  clock_.Advance(kStatementTime);
  Advance();
  trace_.push_back(fmt::format("target: {}", sql.substr(0, sql.find('\n'))));
  Statement statement(sql);
  if (statement.Take("CREATE DATABASE")) {
    has_database_ = true;
    return {};
  }
  if (sql.starts_with("CREATE TABLE")) return Create(sql);
  if (statement.Take("DROP TABLE IF EXISTS ")) {
    Drop(statement.Name());
    return {};
  }
  const bool truncate = statement.Take("TRUNCATE TABLE ");
  if (!truncate && !statement.Take("ALTER TABLE ")) {
    return Error{ErrorKind::kInternal, fmt::format("unknown statement: {}", sql)};
  }
  const std::string table = statement.Name();
  if (!tables_.contains(table)) return Refused(fmt::format("Unknown table '{}'", table));
  const auto job = jobs_.find(table);
  if (job != jobs_.end() && job->second.told.state == AlterState::kRunning) {
    return Refused(fmt::format("Table [{}]'s is not in NORMAL state", table));
  }
  if (!truncate) return Alter(table, statement);
  rows_.table(table).rows.clear();
  rows_.table(table).bag.clear();
  return {};
}

Status SimulatedCluster::Create(std::string_view sql) {
  SL_ASSIGN(TargetTable table, starrocks::ParseCreateTable(sql, "shop"));
  if (bug_ == PlantedBug::kShadowUnmarked) table.comment.clear();
  const std::string name = table.name;
  if (tables_.contains(name)) {
    if (sql.find("IF NOT EXISTS") != std::string_view::npos) return {};
    return Refused(fmt::format("Table '{}' already exists", name));
  }
  tables_.emplace(name, std::move(table));
  rows_.Create(name, {}, 0);
  Describe(name);
  return {};
}

Status SimulatedCluster::Alter(const std::string& table, Statement& statement) {
  if (statement.Take("SWAP WITH ")) {
    const std::string other = statement.Name();
    if (!tables_.contains(other)) return Refused(fmt::format("Unknown table '{}'", other));
    Swap(table, other);
    return {};
  }
  if (statement.Take("RENAME COLUMN ")) {
    const std::string from = statement.Name();
    statement.Take("TO ");
    RenameColumn(table, from, statement.Name());
    return {};
  }
  if (statement.Take("RENAME ")) {
    Rename(table, statement.Name());
    return {};
  }
  if (statement.Take("COMMENT = \"")) {
    tables_.at(table).comment = statement.rest().substr(0, statement.rest().rfind('"'));
    return {};
  }
  // Clauses of one kind, each beginning with its own words.
  std::string_view rest = statement.rest();
  std::vector<std::string> clauses;
  for (const std::string_view kind : {"ADD COLUMN ", "MODIFY COLUMN ", "DROP COLUMN "}) {
    if (!rest.starts_with(kind)) continue;
    const std::string next = fmt::format(", {}", kind);
    while (!rest.empty()) {
      const size_t end = std::min(rest.find(next), rest.size());
      clauses.emplace_back(rest.substr(0, end));
      rest.remove_prefix(end == rest.size() ? end : end + 2);
    }
  }
  if (clauses.empty()) {
    return Error{ErrorKind::kInternal, fmt::format("unknown clause: {}", statement.rest())};
  }
  return StartJob(table, std::move(clauses));
}

// Some changes are metadata only and leave no job.
Status SimulatedCluster::StartJob(const std::string& table, std::vector<std::string> clauses) {
  if (dice_.OneIn(2)) {
    for (const std::string& clause : clauses) SL_TRY(Apply(table, clause));
    return {};
  }
  Job& job = jobs_[table];
  job.told = {.id = ++last_job_, .state = AlterState::kRunning, .state_text = "RUNNING"};
  job.ends = clock_.Now() + std::chrono::milliseconds(dice_.Below(5'000));
  job.clauses = std::move(clauses);
  return {};
}

void SimulatedCluster::Advance() {
  for (auto& [table, job] : jobs_) {
    if (job.told.state != AlterState::kRunning || job.ends > clock_.Now()) continue;
    if (rows_.HasOpenTransactions()) continue;
    for (const std::string& clause : job.clauses) (void)Apply(table, clause);
    job.told.state = AlterState::kFinished;
  }
}

Status SimulatedCluster::Apply(const std::string& table, const std::string& clause) {
  Statement words(clause);
  if (words.Take("DROP COLUMN ")) {
    DropColumn(table, words.Name());
    return {};
  }
  if (words.Take("ADD COLUMN ")) {
    SL_ASSIGN(const TargetColumn column, ParseColumn(words.rest()));
    AddColumn(table, column);
    return {};
  }
  words.Take("MODIFY COLUMN ");
  SL_ASSIGN(const TargetColumn column, ParseColumn(words.rest()));
  TargetTable& definition = tables_.at(table);
  const auto place = definition.FindColumn(column.name);
  if (!place) return Refused("Unknown column " + column.name);
  definition.columns[*place] = column;
  Describe(table);
  return {};
}

void SimulatedCluster::Drop(const std::string& table) {
  tables_.erase(table);
  rows_.tables().erase(table);
  jobs_.erase(table);
}

void SimulatedCluster::Rename(const std::string& from, const std::string& to) {
  TargetTable definition = std::move(tables_.at(from));
  tables_.erase(from);
  definition.name = to;
  tables_.insert_or_assign(to, std::move(definition));
  auto rows = rows_.tables().extract(from);
  rows.key() = to;
  rows_.tables().insert(std::move(rows));
  jobs_.erase(from);
}

void SimulatedCluster::Swap(const std::string& a, const std::string& b) {
  std::swap(tables_.at(a), tables_.at(b));
  std::swap(tables_.at(a).name, tables_.at(b).name);
  std::swap(rows_.table(a), rows_.table(b));
}

// ---- columns ----

void SimulatedCluster::AddColumn(const std::string& table, const TargetColumn& column) {
  tables_.at(table).columns.push_back(column);
  const bool literal = column.default_kind == starrocks::TargetDefaultKind::kLiteral;
  const std::string value = literal ? column.default_text : std::string(kNull);
  auto& stored = rows_.table(table);
  for (auto& [key, row] : stored.rows) row[column.name] = value;
  ChangeBag(stored, [&](std::vector<std::string>& cells) { cells.push_back(value); });
  Describe(table);
}

void SimulatedCluster::DropColumn(const std::string& table, const std::string& column) {
  TargetTable& definition = tables_.at(table);
  const auto place = definition.FindColumn(column);
  if (!place) return;
  const auto offset = static_cast<ptrdiff_t>(*place);
  definition.columns.erase(definition.columns.begin() + offset);
  auto& stored = rows_.table(table);
  for (auto& [key, row] : stored.rows) row.erase(column);
  ChangeBag(stored, [&](std::vector<std::string>& cells) { cells.erase(cells.begin() + offset); });
  Describe(table);
}

void SimulatedCluster::RenameColumn(const std::string& table, const std::string& from,
                                    const std::string& to) {
  TargetTable& definition = tables_.at(table);
  const auto place = definition.FindColumn(from);
  if (!place) return;
  definition.columns[*place].name = to;
  for (auto& [key, row] : rows_.table(table).rows) {
    auto cell = row.extract(from);
    if (!cell) continue;
    cell.key() = to;
    row.insert(std::move(cell));
  }
  Describe(table);
}

void SimulatedCluster::Describe(const std::string& table) {
  const TargetTable& definition = tables_.at(table);
  auto& stored = rows_.table(table);
  stored.keys = definition.model == starrocks::TableModel::kPrimaryKey ? definition.key_columns : 0;
  stored.columns.clear();
  stored.not_null.clear();
  stored.defaults.clear();
  for (const TargetColumn& column : definition.columns) {
    stored.columns.push_back(column.name);
    if (!column.nullable) stored.not_null.insert(column.name);
    if (column.default_kind == starrocks::TargetDefaultKind::kLiteral) {
      stored.defaults[column.name] = column.default_text;
    }
  }
}

Status MortalCatalog::Execute(std::string_view sql) {
  const SimulatedCluster::Loss loss = cluster_.NextLoss();
  Status status = Error{ErrorKind::kUnreachable, "the connection broke"};
  if (loss == SimulatedCluster::Loss::kBefore) return status;
  if (sql.starts_with("ALTER TABLE")) before_alter_();
  if (!crash_.Step([&] { status = cluster_.Execute(sql); })) {
    return Error{ErrorKind::kUnreachable, "the process is dead"};
  }
  if (loss == SimulatedCluster::Loss::kAfter) {
    return Error{ErrorKind::kUnreachable, "the answer is lost"};
  }
  return status;
}

}  // namespace starlift::sync
