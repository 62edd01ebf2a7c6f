#include "sandbox/load/load_job.h"

#include <thread>

#include <fmt/format.h>

#include "sandbox/load/column_writer.h"
#include "sandbox/load/json_reader.h"

namespace starlift::sandbox::load {
namespace {

constexpr int kRowsPerDeadlineCheck = 65'536;
constexpr size_t kReadBytes = 1 << 20;

// Counts what passes through it.
class CountingSource : public ByteSource {
 public:
  CountingSource(std::unique_ptr<ByteSource> source, uint64_t& bytes)
      : source_(std::move(source)), bytes_(bytes) {}
  Result<size_t> Read(std::span<char> into) override {
    Result<size_t> bytes = source_->Read(into);
    if (bytes.ok()) bytes_ += *bytes;
    return bytes;
  }

 private:
  std::unique_ptr<ByteSource> source_;
  uint64_t& bytes_;
};

Result<std::string> ReadAll(ByteSource& source, std::optional<uint64_t> expected) {
  std::string text;
  if (expected) text.reserve(*expected + kReadBytes);
  size_t used = 0;
  while (true) {
    if (text.size() < used + kReadBytes) text.resize(used + kReadBytes);
    SL_ASSIGN(const size_t bytes, source.Read(std::span(text.data() + used, text.size() - used)));
    if (bytes == 0) break;
    used += bytes;
  }
  text.resize(used);
  return text;
}

}  // namespace

LoadJob::LoadJob(LoadEnvironment& environment, LoadRequest request, int64_t transaction_id)
    : environment_(environment),
      request_(std::move(request)),
      transaction_id_(transaction_id),
      log_(environment.error_log_folder, transaction_id),
      deadline_(std::chrono::steady_clock::now() + std::chrono::seconds(request_.timeout_second)) {}

LoadJob::~LoadJob() {
  // The appender and the transaction live on the connection.
  stage_.reset();
  direct_.reset();
}

Result<std::unique_ptr<LoadJob>> LoadJob::Open(LoadEnvironment& environment, LoadRequest request,
                                               catalog::TablePtr table, int64_t transaction_id) {
  return OpenStaged(environment, std::move(request), std::move(table), transaction_id, nullptr);
}

Result<std::unique_ptr<LoadJob>> LoadJob::OpenStaged(LoadEnvironment& environment,
                                                     LoadRequest request, catalog::TablePtr table,
                                                     int64_t transaction_id,
                                                     std::shared_ptr<Connection> connection) {
  std::unique_ptr<LoadJob> job(new LoadJob(environment, std::move(request), transaction_id));
  SL_TRY(job->Start(std::move(table), std::move(connection)));
  return job;
}

// Without a connection of the transaction the rows may go straight into the table.
Status LoadJob::Start(catalog::TablePtr table, std::shared_ptr<Connection> connection) {
  SL_ASSIGN(plan_, MakeLoadPlan(std::move(table), request_));
  if (environment_.null_mode) return {};
  const catalog::TableDef& into = *plan_.table;
  stage_name_ = fmt::format("stage_{}_{}", transaction_id_, into.id);
  stage_ = std::make_unique<RowStage>(plan_, request_, log_);
  const bool direct = connection == nullptr && plan_.plain &&
                      plan_.targets.size() == into.columns.size() &&
                      into.model == catalog::TableModel::kDuplicate &&
                      into.partitioning.kind == catalog::PartitionKind::kNone;
  if (!direct) {
    if (connection == nullptr) {
      SL_ASSIGN(Connection own, environment_.storage->Connect());
      connection = std::make_shared<Connection>(std::move(own));
    }
    connection_ = std::move(connection);
    return stage_->OpenTemporary(*connection_, stage_name_);
  }
  SL_ASSIGN(Connection own, environment_.storage->Connect());
  direct_lock_ = environment_.storage->LockTableShared(into.id);
  SL_ASSIGN(direct_, environment_.storage->BeginWriteOn(std::move(own)));
  return stage_->OpenDirect(direct_->connection());
}

Status LoadJob::CheckDeadline() const {
  if (std::chrono::steady_clock::now() < deadline_) return {};
  return Error{ErrorKind::kData, "timeout by txn manager"};
}

Status LoadJob::Consume(std::unique_ptr<ByteSource> body, bool last) {
  has_body_ = true;
  SL_ASSIGN(
      std::unique_ptr<ByteSource> source,
      Decompress(std::make_unique<CountingSource>(std::move(body), bytes_), request_.compression));
  if (environment_.null_mode) return CountOnly(*source);
  Status done =
      request_.format == BodyFormat::kJson ? ConsumeJson(*source) : ConsumeCsv(*source, last);
  if (stage_ != nullptr) counts_ = stage_->counts();
  return done;
}

Status LoadJob::ConsumeCsv(ByteSource& source, bool last) {
  if (csv_ == nullptr) csv_ = std::make_unique<CsvReader>(source, request_.csv);
  csv_->ContinueWith(source, last);
  ParsedRow row;
  for (int64_t rows = 1;; ++rows) {
    SL_ASSIGN(const bool more, csv_->Next(row));
    if (!more) return {};
    SL_TRY(stage_->Append(row));
    if (rows % kRowsPerDeadlineCheck == 0) SL_TRY(CheckDeadline());
  }
}

Status LoadJob::ConsumeJson(ByteSource& source) {
  SL_ASSIGN(std::string body, ReadAll(source, request_.content_length));
  JsonDialect dialect;
  for (const SourceField& field : plan_.fields) {
    dialect.keys.push_back(field.name);
    dialect.as_json.push_back(ColumnWriter(field.type).needs_cast());
  }
  dialect.paths = plan_.json_paths;
  dialect.root = request_.json_root;
  dialect.strip_outer_array = request_.strip_outer_array;
  JsonReader reader(std::move(body), std::move(dialect));
  ParsedRow row;
  for (int64_t rows = 1;; ++rows) {
    SL_ASSIGN(const bool more, reader.Next(row));
    if (!more) return {};
    SL_TRY(stage_->Append(row));
    if (rows % kRowsPerDeadlineCheck == 0) SL_TRY(CheckDeadline());
  }
}

// Null mode: rows are framed and counted, never stored.
Status LoadJob::CountOnly(ByteSource& source) {
  if (request_.format == BodyFormat::kCsv) {
    CsvReader reader(source, request_.csv);
    SL_ASSIGN(const int64_t rows, reader.CountRows());
    counts_.total += rows;
    return {};
  }
  SL_ASSIGN(std::string body, ReadAll(source, request_.content_length));
  JsonDialect dialect;
  dialect.root = request_.json_root;
  dialect.strip_outer_array = request_.strip_outer_array;
  JsonReader reader(std::move(body), std::move(dialect));
  ParsedRow row;
  while (true) {
    SL_ASSIGN(const bool more, reader.Next(row));
    if (!more) return {};
    ++counts_.total;
  }
}

void LoadJob::AddCounts(LoadTransaction& transaction) const {
  transaction.rows_total += counts_.total;
  transaction.rows_loaded += counts_.loaded();
  transaction.rows_filtered += counts_.filtered;
  transaction.rows_unselected += counts_.unselected;
  transaction.bytes += static_cast<int64_t>(bytes_);
}

}  // namespace starlift::sandbox::load
