#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sources/change_stream.h"
#include "sources/mysql/binlog/event.h"
#include "sources/mysql/binlog/group_teller.h"
#include "sources/mysql/binlog/gtid_event.h"
#include "sources/mysql/binlog/position.h"
#include "sources/mysql/binlog/transaction_buffer.h"

namespace starlift::mysql {

struct FollowerOptions {
  std::string spill_directory;
  uint64_t spill_after_bytes = uint64_t{16} << 20;
};

// Follows the log event by event: what is a transaction, whether it is committed, which position
// comes after it. Knows no network: fed with events, by a stream or by a test. One thread.
//
// Groups: GTID (or nothing), BEGIN (MariaDB: its GTID says it), table maps and rows, then XID or
// COMMIT; a statement outside of one commits by itself. An XA transaction's group ends with
// XA_PREPARE and is held until a later XA COMMIT or XA ROLLBACK.
//
// A follower that starts before what was told already reads that part of the log again for the XA
// transactions that are prepared there, and tells nothing of it.
class LogFollower {
 public:
  LogFollower(ResumePosition start, GroupTeller teller, FollowerOptions options);

  // A connection was made that sends what follows reconnect_position(). `checksum`: as asked for.
  void Connected(bool checksum);

  // Takes one event as it came. After an error nothing more may be fed.
  Status Feed(std::string_view bytes, ChangeSink& sink);

  // Behind all that was fed and whole. Undecided XA transactions are held in memory.
  const LogPosition& reconnect_position() const { return reread_ ? reread_->reached : reached_; }
  // All decided transactions up to here have been told.
  const LogPosition& told_position() const { return reached_; }
  // Where a new follower has to start: it gets undecided XA transactions again.
  ResumePosition resume_position() const;

  int64_t last_event_unix_us() const { return last_event_unix_us_; }
  uint64_t transactions() const { return transactions_; }

 private:
  // Of the group being read, and of each that is prepared.
  struct Group {
    TransactionBuffer events;
    std::vector<TakenBack> taken_back;
    std::optional<MysqlGtid> mysql_gtid;
    std::optional<LogPosition> before;  // set when it is prepared
  };

  Status FeedEvent(const Event& event, bool inside_payload, ChangeSink& sink);
  Status FeedFormat(std::string_view bytes);
  Status FeedQuery(const Event& event, ChangeSink& sink);
  Status FeedStatement(const Event& event, const QueryEvent& query, ChangeSink& sink);
  Status FeedTableMap(const Event& event);
  Status FeedRows(const Event& event);
  Status FeedXaPrepare(const Event& event, ChangeSink& sink);
  Status FeedUnknown(const Event& event) const;

  void BeginGroup();
  void DropGroup();
  // Whether the group at hand, as far as it was read, was told before this follower began.
  bool WasTold() const;
  Status KeepEvent(const Event& event);
  // The group is over; `sink` is told of it unless nothing of it is wanted.
  Status CommitGroup(ChangeSink& sink);
  Status RollBackGroup(ChangeSink& sink);
  Status Decide(const std::string& xid, bool commit, ChangeSink& sink);
  void MoveOn();
  void Forget();

  Error Stop(std::string message, std::string mend) const;
  std::string Place() const;

  // What is read again: up to `reached_`, which stays where it is meanwhile.
  struct Reread {
    LogPosition from;
    LogPosition reached;
  };

  LogPosition reached_;
  std::optional<Reread> reread_;
  GroupTeller teller_;
  const FollowerOptions options_;

  // Of the connection.
  bool checksum_ = false;
  bool short_table_ids_ = false;
  bool format_known_ = false;
  FilePosition place_;  // behind the last event

  // Of the group.
  bool open_ = false;
  bool standalone_ = false;        // MariaDB: the next statement ends it
  bool unfinished_alter_ = false;  // MariaDB: and says nothing yet
  Group group_;
  std::optional<MysqlGtid> mysql_gtid_;
  std::optional<MariadbGtid> mariadb_gtid_;
  int64_t commit_unix_us_ = 0;
  std::map<uint64_t, bool> wanted_tables_;  // by table id, of this group
  std::vector<std::pair<std::string, uint64_t>> savepoints_;

  std::map<std::string, Group> prepared_;
  std::vector<std::string> prepared_order_;  // by the log

  int64_t last_event_unix_us_ = 0;
  uint64_t transactions_ = 0;
  std::string scratch_;
};

}  // namespace starlift::mysql
