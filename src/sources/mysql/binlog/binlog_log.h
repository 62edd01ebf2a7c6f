#pragma once

#include "sources/change_stream.h"
#include "sources/mysql/session.h"
#include "wire/mysql/client.h"

namespace starlift::mysql {

// The binary log of one server. Thread-safe: each call opens a session of its own.
class BinlogLog final : public ChangeLog {
 public:
  explicit BinlogLog(wire::mysql::ClientOptions options) : options_(std::move(options)) {}

  Result<Position> Head() override;
  Result<Position> FindTime(int64_t unix_us) override;
  Status CheckReach(const Position& position) override;
  Result<bool> Covers(const Position& later, const Position& earlier) override;
  Result<std::vector<CascadingKey>> ReadCascadingKeys() override;
  Result<std::unique_ptr<ChangeStream>> OpenStream(const StreamStart& start,
                                                   const TableFilter& wanted,
                                                   const Cancellation& cancellation) override;

 private:
  wire::mysql::ClientOptions options_;
};

// The log's head as this session sees it, by GTID where the server counts so.
Result<Position> ReadLogHead(SourceSession& session);

}  // namespace starlift::mysql
