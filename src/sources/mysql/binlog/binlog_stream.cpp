#include "sources/mysql/binlog/binlog_stream.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "base/log.h"
#include "base/random.h"
#include "sources/mysql/binlog/dump_connection.h"
#include "sources/mysql/binlog/log_follower.h"
#include "sources/mysql/ddl/server_facts.h"

namespace starlift::mysql {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kFirstPause{100};
constexpr milliseconds kLongestPause{10'000};
// A line on which heartbeats have stopped is taken for dead.
constexpr std::chrono::seconds kSilence{30};
constexpr size_t kCharactersPerQuery = 500;

// Drawn from the upper half, where administrators put nothing.
uint32_t DrawServerId() { return static_cast<uint32_t>(SystemRandom().Next()) | 0x80000000U; }

std::string Hex(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) text += fmt::format("{:02X}", static_cast<unsigned char>(c));
  return text;
}

// Asks over a session of its own, as the one that sends the log answers no questions.
AskCharacters AskServer(const wire::mysql::ClientOptions& options) {
  return [options](std::string_view charset,
                   const std::vector<std::string>& characters) -> Result<std::vector<std::string>> {
    SL_ASSIGN(SourceSession session, OpenSourceSession(options));
    std::vector<std::string> answers;
    answers.reserve(characters.size());
    for (size_t begin = 0; begin < characters.size(); begin += kCharactersPerQuery) {
      std::string sql = "SELECT ";
      const size_t end = std::min(characters.size(), begin + kCharactersPerQuery);
      for (size_t i = begin; i < end; ++i) {
        sql += fmt::format("{}CONVERT(CONVERT(X'{}' USING {}) USING utf8mb4)",
                           i == begin ? "" : ", ", Hex(characters[i]), charset);
      }
      SL_ASSIGN(const wire::mysql::QueryRows result, session.client.Query(sql));
      for (size_t i = begin; i < end; ++i) {
        const std::string answer = result.rows[0][i - begin].value_or("");
        // A question mark stands for what has no Unicode form.
        answers.push_back(answer == "?" && characters[i] != "?" ? std::string() : answer);
      }
    }
    return answers;
  };
}

class BinlogStream final : public ChangeStream {
 public:
  BinlogStream(wire::mysql::ClientOptions options, ServerFacts facts, const StreamStart& start,
               const Cancellation& cancellation)
      : options_(std::move(options)),
        facts_(std::move(facts)),
        server_id_(start.server_id),
        patience_(start.retry_for),
        cancellation_(cancellation) {}

  Status Open(const StreamStart& start, const TableFilter& wanted) {
    SL_ASSIGN(ResumePosition position, ParseResumePosition(start.position));
    SL_TRY(EmptyDirectory(start.spill_directory));
    SchemaHistory history(facts_, wanted);
    for (const ShadowTable& shadow : start.shadows) history.PutShadow(shadow);
    for (const TableVersion& table : start.tables) history.Put(table);
    wire::mysql::ClientOptions questions = options_;
    GroupTeller teller(std::move(history), facts_.collations, CharsetList(AskServer(questions)),
                       wanted);
    teller.KeepInOrder(start.in_order);
    follower_.emplace(std::move(position), std::move(teller),
                      FollowerOptions{.spill_directory = start.spill_directory,
                                      .spill_after_bytes = start.spill_after_bytes});
    return Connect();
  }

  Status Read(ChangeSink& sink, milliseconds wait, uint64_t most_bytes) override {
    if (failed_) return *failed_;
    Status status = ReadSome(sink, wait, most_bytes);
    // Stopped while waiting, it can go on; stopped in the midst of a transaction, it can't.
    if (!status.ok() && (sink_failed_ || status.error().kind != ErrorKind::kCancelled))
      failed_ = status.error();
    return status;
  }

  Position position() const override { return PrintPosition(follower_->resume_position()); }

  Position reached() const override { return PrintPosition(follower_->told_position()); }

  StreamProgress progress() const override {
    StreamProgress progress = progress_;
    progress.transactions = follower_->transactions();
    progress.last_event_unix_us = follower_->last_event_unix_us();
    return progress;
  }

 private:
  static Status EmptyDirectory(const std::string& directory) {
    if (directory.empty()) return {};
    std::error_code code;
    std::filesystem::create_directories(directory, code);
    for (const auto& entry : std::filesystem::directory_iterator(directory, code))
      std::filesystem::remove_all(entry.path(), code);
    if (!code) return {};
    return Error{.kind = ErrorKind::kIo,
                 .message = fmt::format("cannot use the directory for large transactions: {}",
                                        code.message()),
                 .where = directory};
  }

  Status ReadSome(ChangeSink& sink, milliseconds wait, uint64_t most_bytes) {
    const auto deadline = steady_clock::now() + wait;
    uint64_t taken = 0;
    while (taken < most_bytes) {
      if (cancellation_.requested())
        return Error{.kind = ErrorKind::kCancelled, .message = "stopped by request"};
      if (connection_ == nullptr) {
        if (taken > 0) return {};
        SL_ASSIGN(const bool connected, Reconnect(deadline));
        if (!connected) return {};
      }
      const auto left =
          taken > 0 ? milliseconds(0)
                    : std::max(milliseconds(0),
                               std::chrono::ceil<milliseconds>(deadline - steady_clock::now()));
      Result<uint64_t> got = ReadEvent(sink, left);
      if (!got.ok()) {
        if (got.error().kind != ErrorKind::kUnreachable || sink_failed_)
          return std::move(got).error();
        Lose(std::move(got).error());
        continue;
      }
      if (*got == 0) return {};
      taken += *got;
    }
    return {};
  }

  // The event's bytes, or 0 if none came.
  Result<uint64_t> ReadEvent(ChangeSink& sink, milliseconds wait) {
    SL_ASSIGN(const bool ready, connection_->Wait(wait));
    const auto now = steady_clock::now();
    if (!ready) {
      if (now - last_word_ < kSilence) return uint64_t{0};
      return Error{.kind = ErrorKind::kUnreachable,
                   .message = "the server has sent nothing, not even heartbeats"};
    }
    last_word_ = now;
    SL_ASSIGN(const std::optional<std::string_view> event, connection_->Read());
    if (!event) {
      return Error{.kind = ErrorKind::kUnreachable, .message = "the server ended the log's dump"};
    }
    progress_.bytes_received += event->size();
    // Whatever goes wrong from here on is no matter of the connection.
    sink_failed_ = true;
    SL_TRY(follower_->Feed(*event, sink));
    sink_failed_ = false;
    lost_since_.reset();
    pause_ = kFirstPause;
    return event->size();
  }

  void Lose(Error error) {
    connection_.reset();
    const auto now = steady_clock::now();
    if (!lost_since_) {
      lost_since_ = now;
      LogWarning("{}; going on from {} as soon as the server is there", error.ToString(),
                 PrintPosition(follower_->reconnect_position()));
    }
    last_error_ = std::move(error);
    next_try_ = now + pause_;
    pause_ = std::min(pause_ * 2, kLongestPause);
  }

  // False: not before the deadline.
  Result<bool> Reconnect(steady_clock::time_point deadline) {
    while (true) {
      const auto until = std::min(next_try_, deadline);
      const auto pause = std::chrono::ceil<milliseconds>(until - steady_clock::now());
      if (pause.count() > 0 && !cancellation_.SleepFor(pause))
        return Error{.kind = ErrorKind::kCancelled, .message = "stopped by request"};
      if (steady_clock::now() < next_try_) return false;
      Status connected = Connect();
      if (connected.ok()) {
        ++progress_.reconnects;
        return true;
      }
      const ErrorKind kind = connected.error().kind;
      if (kind != ErrorKind::kUnreachable) return std::move(connected).error();
      if (lost_since_ && steady_clock::now() - *lost_since_ >= patience_)
        return std::move(connected).error();
      Lose(std::move(connected).error());
      if (steady_clock::now() >= deadline) return false;
    }
  }

  Status Connect() {
    const DumpRequest request{
        .position = follower_->reconnect_position(),
        .server_id = server_id_ != 0 ? server_id_ : DrawServerId(),
    };
    wire::mysql::ClientOptions options = options_;
    options.cancellation = &cancellation_;
    SL_ASSIGN(std::unique_ptr<DumpConnection> connection, DumpConnection::Open(options, request));
    const bool by_file = std::holds_alternative<FilePosition>(request.position);
    if (by_file && !identity_.empty() && identity_ != connection->server_identity()) {
      return Error{.kind = ErrorKind::kPolicy,
                   .message = fmt::format("another server answers now ({}, not {}): the place {} "
                                          "means nothing there",
                                          connection->server_identity(), identity_,
                                          PrintPosition(request.position)),
                   .mend =
                       "connect to the old server, or redo the full load; with GTIDs turned on "
                       "a stream can move between servers"};
    }
    identity_ = connection->server_identity();
    connection_ = std::move(connection);
    last_word_ = steady_clock::now();
    follower_->Connected(connection_->checksum());
    return {};
  }

  const wire::mysql::ClientOptions options_;
  const ServerFacts facts_;
  const uint32_t server_id_;
  const milliseconds patience_;
  const Cancellation& cancellation_;
  std::optional<LogFollower> follower_;
  std::unique_ptr<DumpConnection> connection_;
  std::string identity_;
  StreamProgress progress_;

  steady_clock::time_point last_word_;
  std::optional<steady_clock::time_point> lost_since_;
  steady_clock::time_point next_try_;
  milliseconds pause_ = kFirstPause;
  Error last_error_;
  bool sink_failed_ = false;
  std::optional<Error> failed_;
};

}  // namespace

Result<std::unique_ptr<ChangeStream>> OpenBinlogStream(const wire::mysql::ClientOptions& options,
                                                       const StreamStart& start,
                                                       const TableFilter& wanted,
                                                       const Cancellation& cancellation) {
  SL_ASSIGN(SourceSession session, OpenSourceSession(options));
  SL_ASSIGN(ServerFacts facts, ReadServerFacts(session));
  auto stream = std::make_unique<BinlogStream>(options, std::move(facts), start, cancellation);
  SL_TRY(stream->Open(start, wanted));
  return std::unique_ptr<ChangeStream>(std::move(stream));
}

}  // namespace starlift::mysql
