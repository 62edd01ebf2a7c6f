#include "sync/verify/verification.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>
#include <thread>

#include "starrocks/session.h"
#include "sync/retry.h"
#include "sync/verify/corrector.h"
#include "sync/verify/source_side.h"
#include "sync/verify/table_verifier.h"
#include "sync/verify/target_side.h"
#include "sync/verify/target_sql.h"

namespace starlift::sync {
namespace {

// What both databases compute a checksum over at once: short statements, few of them.
constexpr uint64_t kRowsPerRange = 250'000;

// What both must say of the text "starlift".
constexpr std::string_view kProbeCrc = "SELECT crc32('starlift')";
constexpr std::string_view kProbeCrcAnswer = "1297683298";
constexpr std::string_view kProbeMd5 = "SELECT conv(left(md5('starlift'), 15), 16, 10)";
constexpr std::string_view kProbeMd5Answer = "1065309957768563389";

ChecksumMethod MethodOf(ChecksumUse use) {
  return use == ChecksumUse::kMd5 ? ChecksumMethod::kMd5 : ChecksumMethod::kCrc32;
}

// Runs `work` so many times at once.
void InThreads(uint32_t threads, const std::function<void()>& work) {
  std::vector<std::thread> others;
  for (uint32_t i = 1; i < threads; ++i) others.emplace_back(work);
  work();
  for (std::thread& other : others) other.join();
}

bool Answers(starrocks::Session& session, std::string_view query, std::string_view wanted) {
  const auto answer = session.Query(query);
  return answer.ok() && !answer->rows.empty() && answer->rows[0][0] == wanted;
}

}  // namespace

// The source tables that land in one target table.
struct Verification::Group {
  std::vector<const TablePlan*> tables;
  RowShape shape;
  bool ranges_carry_over = true;

  const mapping::TableMapping& first() const { return tables.front()->mapping; }
  // Without checksums.
  std::vector<SourceTable> sources() const {
    std::vector<SourceTable> all;
    for (const TablePlan* table : tables) all.push_back({&table->mapping, std::nullopt});
    return all;
  }
  uint64_t byte_estimate() const {
    uint64_t bytes = 0;
    for (const TablePlan* table : tables) bytes += table->mapping.source.byte_estimate;
    return bytes;
  }
};

// Connections to both ends for the time of one table.
struct Verification::Ends {
  std::unique_ptr<starrocks::Session> session;
  std::unique_ptr<SourceSide> source;
  std::unique_ptr<RowSide> target;
};

Verification::Verification(const Plan& plan, const TaskConfig& config, const VerifyOptions& options,
                           VerificationWorld world, const Cancellation& cancellation)
    : plan_(plan),
      config_(config),
      options_(options),
      world_(std::move(world)),
      cancellation_(cancellation) {
  for (const TablePlan& table : plan_.tables) {
    Group& group = groups_[table.mapping.target.QuotedName()];
    group.tables.push_back(&table);
    group.ranges_carry_over = group.ranges_carry_over && RangesCarryOver(table.mapping) &&
                              table.mapping.source.key.size() == group.first().source.key.size();
  }
  for (auto& [name, group] : groups_) {
    group.shape = MakeRowShape(group.first());
    // Ranges of one table's key say something of another's only if the columns are the same.
    for (const TablePlan* table : group.tables) {
      for (size_t i = 0; group.ranges_carry_over && i < group.first().source.key.size(); ++i) {
        const Table& ours = group.first().source;
        const Table& theirs = table->mapping.source;
        const Column& a = ours.columns[ours.key[i]];
        const Column& b = theirs.columns[theirs.key[i]];
        group.ranges_carry_over = a.name == b.name && a.type.kind == b.type.kind;
      }
    }
  }
  if (!world_.wait_until_applied && options_.settle.count() > 0) {
    world_.wait_until_applied = [this]() -> Status {
      return cancellation_.SleepFor(options_.settle) ? Status() : Status(CancelledError());
    };
  }
}

Verification::~Verification() = default;

Result<ChecksumUse> Verification::ChooseChecksum() {
  const ChecksumUse wanted = options_.checksum;
  if (wanted == ChecksumUse::kNone || options_.counts) return ChecksumUse::kNone;
  starrocks::Session session(config_.target);
  SL_TRY(session.Connect());
  if (wanted != ChecksumUse::kMd5 && Answers(session, kProbeCrc, kProbeCrcAnswer)) {
    return ChecksumUse::kCrc32;
  }
  if (wanted != ChecksumUse::kCrc32 && Answers(session, kProbeMd5, kProbeMd5Answer)) {
    return ChecksumUse::kMd5;
  }
  if (wanted == ChecksumUse::kAuto) return ChecksumUse::kNone;
  return Error{ErrorKind::kUsage, "the target can't compute this checksum", "--checksum",
               "leave --checksum out"};
}

std::unique_ptr<SourceSide> Verification::OpenSource(const Group& group,
                                                     std::vector<SourceTable> tables) {
  const uint64_t rows = config_.limits.chunk_rows > 0 ? config_.limits.chunk_rows : kRowsPerRange;
  return MakeSourceSide(world_.source, std::move(tables), group.ranges_carry_over, rows,
                        cancellation_);
}

Result<Verification::Ends> Verification::OpenEnds(const Group& group) {
  Ends ends;
  ends.session = std::make_unique<starrocks::Session>(config_.target);
  // A table may take longer to read than the servers' usual five minutes. Where that can't be set,
  // the usual limit holds.
  SL_TRY(ends.session->Connect());
  (void)ends.session->Execute("SET query_timeout = 86400");
  std::vector<SourceTable> sources = group.sources();
  std::optional<ChecksumChoice> at_target;
  for (SourceTable& source : sources) {
    if (checksum_ == ChecksumUse::kNone) break;
    if (auto columns = PlanChecksum(*source.mapping)) {
      source.checksum = ChecksumChoice{*std::move(columns), MethodOf(checksum_)};
    }
  }
  // All of them must make the text in the same forms, or the sums can't be compared.
  const auto same_forms = [&](const SourceTable& table) {
    if (!table.checksum || !sources.front().checksum) return false;
    return std::equal(table.checksum->columns.begin(), table.checksum->columns.end(),
                      sources.front().checksum->columns.begin(),
                      sources.front().checksum->columns.end(),
                      [](const auto& a, const auto& b) { return a.form == b.form; });
  };
  if (std::all_of(sources.begin(), sources.end(), same_forms)) {
    at_target = sources.front().checksum;
  } else {
    for (SourceTable& table : sources) table.checksum.reset();
  }
  ends.source = OpenSource(group, std::move(sources));
  ends.target = MakeTargetSide(group.first(), group.shape, std::move(at_target), *ends.session,
                               cancellation_);
  return ends;
}

Status Verification::VerifyGroup(const Group& group, TableResult& result) {
  result = TableResult{};
  result.target = group.first().target.QuotedName();
  result.shape = group.shape;
  for (const TablePlan* table : group.tables) {
    result.sources.push_back(table->mapping.source.id.ToString());
  }
  if (group.tables.front()->target_is_new) {
    result.absent = true;
    return {};
  }
  const RetryPolicy retry{world_.clock, cancellation_, config_.limits.retry_for};
  VerifierOptions options;
  options.checksums = checksum_ != ChecksumUse::kNone;
  options.sample = options_.sample;
  options.wait_until_applied = world_.wait_until_applied;
  const std::unique_ptr<SourceSide> cutter = OpenSource(group, group.sources());
  SharedVerification shared(*cutter, options, retry);
  std::mutex mutex;
  std::optional<Error> error;
  const auto work = [&] {
    auto part = VerifyPart(group, shared, options, retry);
    std::lock_guard lock(mutex);
    if (part.ok()) return result.Add(*std::move(part));
    if (!error) error = std::move(part).error();
    shared.walk.Stop();
  };
  const auto began = world_.clock.Now();
  InThreads(ThreadsPerTable(group), work);
  result.took += world_.clock.Now() - began;
  if (error) return *std::move(error);
  if (options_.counts) {
    result.method = ComparisonMethod::kCounts;
  } else {
    result.SetRanges(shared.walk.count().ranges, shared.walk.count().skipped);
  }
  return {};
}

Result<TableResult> Verification::VerifyPart(const Group& group, SharedVerification& shared,
                                             const VerifierOptions& options,
                                             const RetryPolicy& retry) {
  SL_ASSIGN(const Ends ends, RetryUnreachable(retry, "target", [&] { return OpenEnds(group); }));
  TableVerifier verifier(group.shape, shared, *ends.source, *ends.target, options, retry);
  return options_.counts ? verifier.VerifyCounts() : verifier.VerifyRows();
}

// Readers beyond the number of tables help with single ones.
uint32_t Verification::ThreadsPerTable(const Group& group) const {
  if (options_.counts || !group.ranges_carry_over) return 1;
  const size_t tables = std::max<size_t>(groups_.size(), 1);
  return std::max<uint32_t>(1, static_cast<uint32_t>(config_.limits.readers / tables));
}

Result<std::vector<TableResult>> Verification::VerifyAll(
    const std::function<void(const TableResult&)>& done) {
  SL_ASSIGN(checksum_, ChooseChecksum());
  std::vector<const Group*> order;
  for (const auto& [name, group] : groups_) order.push_back(&group);
  std::stable_sort(order.begin(), order.end(), [](const Group* a, const Group* b) {
    return a->byte_estimate() > b->byte_estimate();
  });
  std::vector<TableResult> results(order.size());
  std::atomic<size_t> next{0};
  std::mutex mutex;
  std::optional<Error> error;
  const auto work = [&] {
    for (size_t i = next++; i < order.size(); i = next++) {
      Status verified = VerifyGroup(*order[i], results[i]);
      std::lock_guard lock(mutex);
      if (verified.ok()) {
        done(results[i]);
        continue;
      }
      if (!error) error = std::move(verified).error().At(order[i]->first().target.QuotedName());
      next = order.size();
    }
  };
  InThreads(config_.limits.readers, work);
  if (error) return *std::move(error);
  return results;
}

Status Verification::VerifyAgain(TableResult& result) {
  return VerifyGroup(groups_.at(result.target), result);
}

Result<uint64_t> Verification::Correct(const TableResult& result, const std::string& record) {
  const Group& group = groups_.at(result.target);
  SL_ASSIGN(const Ends ends, OpenEnds(group));
  return CorrectRows({group.first(), group.shape, *ends.source, *ends.session, world_.loads,
                      world_.clock, TaskIdentity(config_), record},
                     result.differences);
}

}  // namespace starlift::sync
