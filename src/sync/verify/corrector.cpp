#include "sync/verify/corrector.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <map>
#include <span>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/hash.h"
#include "starrocks/stored_row_json.h"
#include "sync/verify/target_sql.h"

namespace starlift::sync {
namespace {

using Row = std::vector<StoredValue>;
using Json = nlohmann::ordered_json;

constexpr size_t kRowsPerLoad = 1'000;
constexpr size_t kKeylessKeysPerPass = 5'000;
constexpr int kLabelDigits = 8;
constexpr int kLoadAttempts = 5;

Json RowToJson(const RowShape& shape, const Row& row) {
  Json object = Json::object();
  for (size_t i = 0; i < row.size(); ++i) {
    object[shape.columns[i].name] = row[i] ? Json(*row[i]) : Json(nullptr);
  }
  return object;
}

Json RowsToJson(const RowShape& shape, const std::vector<Row>& rows) {
  Json list = Json::array();
  for (const Row& row : rows) list.push_back(RowToJson(shape, row));
  return list;
}

class Corrector {
 public:
  explicit Corrector(const Correction& correction)
      : at_(correction), digester_(correction.shape), record_(correction.record, std::ios::app) {}

  Result<uint64_t> Correct(const std::vector<RowDifference>& differences) {
    if (!record_) {
      return Error{ErrorKind::kIo,
                   fmt::format("can't write the file {}: {}", at_.record, std::strerror(errno)), "",
                   "nothing was corrected"};
    }
    const size_t group = at_.shape.keyless ? kKeylessKeysPerPass : kRowsPerLoad;
    for (size_t begin = 0; begin < differences.size(); begin += group) {
      SL_TRY(
          CorrectSome({differences.data() + begin, std::min(group, differences.size() - begin)}));
    }
    return rows_;
  }

 private:
  Status CorrectSome(std::span<const RowDifference> differences) {
    SL_TRY(ReadSource(differences));
    // A row that no load can carry is at the source nevertheless: nothing is deleted for it.
    if (refused_ && !at_.shape.keyless) {
      if (differences.size() == 1) return {};
      for (size_t i = 0; i < differences.size(); ++i)
        SL_TRY(CorrectSome(differences.subspan(i, 1)));
      return {};
    }
    SL_TRY(Record(differences));
    const bool primary = at_.mapping.target.model == starrocks::TableModel::kPrimaryKey;
    return primary ? Upsert(differences) : Replace(differences);
  }

  // What the source holds now: it may have changed since the difference was seen.
  Status ReadSource(std::span<const RowDifference> differences) {
    std::vector<RowKey> keys;
    now_.clear();
    refused_ = false;
    for (const RowDifference& difference : differences) {
      keys.push_back(difference.key);
      now_[digester_.DigestKey(difference.key)];
    }
    return at_.source.ReadKeys(Chunk{}, keys,
                               {[&](starrocks::StoredValues values) -> Status {
                                  const auto found = now_.find(digester_.Digest(values).key);
                                  if (found != now_.end()) {
                                    found->second.emplace_back(values.begin(), values.end());
                                  }
                                  return {};
                                },
                                [&](const std::string&) -> Status {
                                  refused_ = true;
                                  return {};
                                }});
  }

  const std::vector<Row>& Now(const RowDifference& difference) {
    return now_[digester_.DigestKey(difference.key)];
  }

  // Before anything is done: after a crash it is known what may have been.
  Status Record(std::span<const RowDifference> differences) {
    for (const RowDifference& difference : differences) {
      Json key = Json::object();
      for (size_t i = 0; i < difference.key.size(); ++i) {
        key[at_.shape.columns[at_.shape.key[i]].name] =
            difference.key[i] ? Json(*difference.key[i]) : Json(nullptr);
      }
      const Json line = {{"unix_ms", at_.clock.WallTime().count()},
                         {"table", at_.mapping.target.QuotedName()},
                         {"difference", DifferenceKindName(difference.kind)},
                         {"key", key},
                         {"before", RowsToJson(at_.shape, difference.target)},
                         {"after", RowsToJson(at_.shape, Now(difference))}};
      record_ << line.dump(-1, ' ', false, Json::error_handler_t::replace) << '\n';
    }
    if (record_.flush()) return {};
    return Error{ErrorKind::kIo, fmt::format("can't write the file {}", at_.record), "",
                 "free some space; these rows were not corrected"};
  }

  Status Upsert(std::span<const RowDifference> differences) {
    std::string body;
    for (const RowDifference& difference : differences) {
      const std::vector<Row>& now = Now(difference);
      if (!now.empty()) {
        AppendRow(now.front(), 0, body);
      } else if (!difference.target.empty()) {
        AppendRow(difference.target.front(), 1, body);
      } else {
        continue;
      }
      ++rows_;
    }
    return Load(body, true);
  }

  Status Replace(std::span<const RowDifference> differences) {
    std::string body;
    for (const RowDifference& difference : differences) {
      if (!difference.target.empty()) {
        SL_TRY(at_.session.Execute(fmt::format("DELETE FROM {} WHERE {}",
                                               at_.mapping.target.QuotedName(),
                                               TargetKeysCondition(at_.shape, {difference.key}))));
        rows_ += difference.target.size();
      }
      for (const Row& row : Now(difference)) {
        AppendRow(row, std::nullopt, body);
        ++rows_;
      }
    }
    return Load(body, false);
  }

  void AppendRow(const Row& row, std::optional<int> op, std::string& body) const {
    const std::vector<std::optional<std::string_view>> values(row.begin(), row.end());
    starrocks::AppendStoredRow(at_.mapping.plan, values, body, op);
  }

  Status Load(const std::string& body, bool with_op) {
    if (body.empty()) return {};
    const std::string columns =
        (with_op ? "__op," : "") + starrocks::StoredRowColumns(at_.mapping.plan);
    const std::string_view bodies[] = {body};
    const std::string task = HexDigits(HashBytes(at_.task), kLabelDigits);
    const std::string table = HexDigits(HashBytes(at_.mapping.target.QuotedName()), kLabelDigits);
    const std::string label =
        fmt::format("sl_{}_{}_{}{:04}", task, table, at_.clock.WallTime().count(), ++loads_);
    starrocks::LoadRequest request;
    request.database = at_.mapping.target.database;
    request.table = at_.mapping.target.name;
    request.label = label;
    request.format = starrocks::LoadFormat::kJson;
    request.columns = columns;
    request.time_zone = at_.mapping.time_zone;
    request.body = bodies;
    const Cancellation never;
    starrocks::LoadOutcome outcome;
    for (int attempt = 1; attempt <= kLoadAttempts; ++attempt) {
      outcome = at_.loads.Load(request);
      if (outcome.done()) return {};
      if (outcome.verdict == starrocks::LoadVerdict::kInDoubt) {
        const auto state = at_.loads.GetLabelState(request.database, label);
        if (state.ok() && (*state == starrocks::LabelState::kVisible ||
                           *state == starrocks::LabelState::kCommitted)) {
          return {};
        }
      } else if (outcome.verdict != starrocks::LoadVerdict::kRetry) {
        break;
      }
      at_.clock.Sleep(starrocks::BackOffDelay(starrocks::BackOff::kShort, attempt), never);
    }
    return Error{ErrorKind::kRefused,
                 fmt::format("the target did not take corrected rows: {}", outcome.message),
                 at_.mapping.target.QuotedName(), outcome.mend};
  }

  const Correction& at_;
  RowDigester digester_;
  std::ofstream record_;
  std::map<uint64_t, std::vector<Row>> now_;
  bool refused_ = false;
  uint64_t rows_ = 0;
  uint64_t loads_ = 0;
};

}  // namespace

Result<uint64_t> CorrectRows(const Correction& correction,
                             const std::vector<RowDifference>& differences) {
  return Corrector(correction).Correct(differences);
}

}  // namespace starlift::sync
