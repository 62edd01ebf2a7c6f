#include "sources/mysql/binlog/binlog_log.h"

#include <charconv>
#include <optional>

#include <fmt/format.h>

#include "base/random.h"
#include "sources/mysql/binlog/binlog_stream.h"
#include "sources/mysql/binlog/byte_reader.h"
#include "sources/mysql/binlog/dump_connection.h"
#include "sources/mysql/binlog/gtid_event.h"
#include "sources/mysql/binlog/position.h"
#include "sources/mysql/cascading_keys.h"

namespace starlift::mysql {
namespace {

using wire::mysql::QueryRows;

constexpr uint32_t kMysqlLogStatus = 80200;        // SHOW BINARY LOG STATUS
constexpr uint32_t kMariadbBinlogStatus = 100502;  // SHOW BINLOG STATUS
constexpr int kUnknownSystemVariable = 1193;
constexpr uint64_t kFirstEvent = 4;

Error NoLog() {
  return Error{.kind = ErrorKind::kCheck,
               .message = "the server writes no binary log",
               .mend =
                   "in the server's file: [mysqld] log_bin=mysql-bin, server_id=1, "
                   "binlog_format=ROW; then restart it"};
}

Result<std::optional<std::string>> Ask(SourceSession& session, std::string_view sql) {
  Result<QueryRows> rows = session.client.Query(sql);
  if (!rows.ok()) {
    if (rows.error().native_code == kUnknownSystemVariable) return std::optional<std::string>();
    return std::move(rows).error();
  }
  if (rows->rows.empty() || rows->rows[0].empty()) return std::optional<std::string>();
  return rows->rows[0][0];
}

Result<LogPosition> FileHead(SourceSession& session) {
  const ServerVersion& version = session.version;
  std::string_view statement = "SHOW MASTER STATUS";
  if (version.is_mariadb && version.number >= kMariadbBinlogStatus)
    statement = "SHOW BINLOG STATUS";
  if (!version.is_mariadb && version.number >= kMysqlLogStatus)
    statement = "SHOW BINARY LOG STATUS";
  SL_ASSIGN(const QueryRows rows, session.client.Query(statement));
  if (rows.rows.empty()) return NoLog();
  FilePosition file{.file = rows.rows[0][0].value_or("")};
  const std::string offset = rows.rows[0][1].value_or("");
  std::from_chars(offset.data(), offset.data() + offset.size(), file.offset);
  return LogPosition(std::move(file));
}

Result<std::vector<std::string>> ListFiles(SourceSession& session) {
  SL_ASSIGN(const QueryRows rows, session.client.Query("SHOW BINARY LOGS"));
  std::vector<std::string> files;
  for (const QueryRows::Row& row : rows.rows) files.push_back(row[0].value_or(""));
  if (files.empty()) return NoLog();
  return files;
}

uint32_t DrawServerId() { return static_cast<uint32_t>(SystemRandom().Next()) | 0x80000000U; }

// Walks one file from its begin, as far as there are events before a moment.
class TimeWalk {
 public:
  TimeWalk(const wire::mysql::ClientOptions& options, LogPosition kind, int64_t unix_us)
      : options_(options), position_(std::move(kind)), unix_us_(unix_us) {}

  // When the file was begun; nothing if it can't be told.
  Result<std::optional<int64_t>> BeginOf(const std::string& file) {
    SL_ASSIGN(std::unique_ptr<DumpConnection> dump, Open(file));
    while (true) {
      SL_ASSIGN(const std::optional<std::string_view> bytes, dump->Read());
      if (!bytes || bytes->size() < kEventHeaderBytes) return std::optional<int64_t>();
      const uint64_t seconds = LittleEndian(bytes->data(), 4);
      if (seconds > 0) return std::optional(static_cast<int64_t>(seconds) * 1'000'000);
    }
  }

  // The last position of the log from this file on before the moment.
  Result<LogPosition> Walk(const std::string& file) {
    SL_ASSIGN(std::unique_ptr<DumpConnection> dump, Open(file));
    bool checksum = dump->checksum();
    FilePosition place{.file = file, .offset = kFirstEvent};
    SetFile(place);
    while (true) {
      SL_ASSIGN(const std::optional<std::string_view> bytes, dump->Read());
      if (!bytes) {
        Close(place);
        return position_;
      }
      constexpr size_t kTypeOffset = 4;
      const auto type = static_cast<EventType>(static_cast<uint8_t>(bytes->at(kTypeOffset)));
      if (type == EventType::kFormatDescription) {
        SL_ASSIGN(const FormatDescription format, ReadFormatDescription(*bytes));
        checksum = format.checksum;
        continue;
      }
      SL_ASSIGN(const Event event, type == EventType::kRotate
                                       ? ReadArtificialRotate(*bytes, checksum)
                                       : starlift::mysql::ReadEvent(*bytes, checksum));
      const bool artificial = (event.header.flags & kArtificialFlag) != 0;
      const int64_t happened = static_cast<int64_t>(event.header.timestamp) * 1'000'000;
      if (!artificial && event.header.timestamp > 0 && happened >= unix_us_) {
        if (BeginsGroup(type)) Close(place);
        return position_;
      }
      before_ = place;
      if (event.header.next_position > 0) place.offset = event.header.next_position;
      if (type == EventType::kRotate) {
        SL_ASSIGN(const Rotation rotation, ReadRotation(event.body));
        place = {.file = rotation.file, .offset = rotation.offset};
        SetFile(place);
        continue;
      }
      SL_TRY(Follow(event, place));
    }
  }

 private:
  Result<std::unique_ptr<DumpConnection>> Open(const std::string& file) {
    return DumpConnection::Open(options_, {.position = FilePosition{file, kFirstEvent},
                                           .server_id = DrawServerId(),
                                           .until_end = true});
  }

  static bool BeginsGroup(EventType type) {
    return type == EventType::kGtid || type == EventType::kAnonymousGtid ||
           type == EventType::kGtidTagged || type == EventType::kMariadbGtid;
  }

  void SetFile(const FilePosition& place) {
    if (std::holds_alternative<FilePosition>(position_)) position_ = place;
  }

  // Counts what is whole: at the begin of a group, all before it is.
  Status Follow(const Event& event, const FilePosition& place) {
    switch (event.header.type) {
      case EventType::kPreviousGtids:
        if (auto* set = std::get_if<GtidSet>(&position_)) {
          SL_ASSIGN(*set, GtidSet::Decode(event.body));
        }
        return {};
      case EventType::kMariadbGtidList:
        return FollowList(event.body);
      case EventType::kGtid:
      case EventType::kAnonymousGtid:
      case EventType::kGtidTagged: {
        Close(before_);
        SL_ASSIGN(const MysqlGroupBegin begin, ReadMysqlGtid(event.header.type, event.body));
        pending_mysql_ = begin.gtid;
        return {};
      }
      case EventType::kMariadbGtid: {
        Close(before_);
        SL_ASSIGN(const MariadbGroupBegin begin, ReadMariadbGtid(event));
        pending_mariadb_ = begin.gtid;
        return {};
      }
      case EventType::kXid:
      case EventType::kXaPrepare:
        Close(place);
        return {};
      default:
        return {};
    }
  }

  void Close(const FilePosition& place) {
    if (!place.file.empty()) SetFile(place);
    if (auto* set = std::get_if<GtidSet>(&position_); set != nullptr && pending_mysql_)
      set->Add(*pending_mysql_);
    if (auto* list = std::get_if<GtidList>(&position_); list != nullptr && pending_mariadb_)
      list->Set(*pending_mariadb_);
    pending_mysql_.reset();
    pending_mariadb_.reset();
  }

  Status FollowList(std::string_view body) {
    auto* const list = std::get_if<GtidList>(&position_);
    if (list == nullptr) return {};
    ByteReader reader(body);
    const uint32_t count = reader.U32() & 0x0FFFFFFF;  // flags above
    for (uint32_t i = 0; i < count && reader.ok(); ++i) {
      MariadbGtid gtid;
      gtid.domain = reader.U32();
      gtid.server = reader.U32();
      gtid.sequence = reader.U64();
      if (reader.ok()) list->Set(gtid);
    }
    return {};
  }

  const wire::mysql::ClientOptions& options_;
  LogPosition position_;
  const int64_t unix_us_;
  FilePosition before_;  // the place where the event at hand begins
  std::optional<MysqlGtid> pending_mysql_;
  std::optional<MariadbGtid> pending_mariadb_;
};

}  // namespace

Result<Position> ReadLogHead(SourceSession& session) {
  SL_ASSIGN(const auto log_bin, Ask(session, "SELECT @@global.log_bin"));
  if (log_bin.value_or("0") == "0") return NoLog();
  if (session.version.is_mariadb) {
    SL_ASSIGN(const auto gtids, Ask(session, "SELECT @@global.gtid_binlog_pos"));
    SL_ASSIGN(GtidList list, GtidList::Parse(gtids.value_or("")));
    return PrintPosition(LogPosition(std::move(list)));
  }
  SL_ASSIGN(const auto mode, Ask(session, "SELECT @@global.gtid_mode"));
  if (mode.value_or("OFF") == "ON") {
    SL_ASSIGN(const auto executed, Ask(session, "SELECT @@global.gtid_executed"));
    SL_ASSIGN(GtidSet set, GtidSet::Parse(executed.value_or("")));
    return PrintPosition(LogPosition(std::move(set)));
  }
  SL_ASSIGN(const LogPosition file, FileHead(session));
  return PrintPosition(file);
}

namespace {

// MariaDB and MySQL 5.7 log an XA transaction's rows when it is prepared; before, when it commits.
constexpr uint32_t kMysqlLogsPrepare = 50700;

// Whether XA transactions may be prepared and undecided at a position that was just read. What has
// been decided since can't be asked for, so that one who uses them at all may have some.
Result<bool> MayHavePrepared(SourceSession& session) {
  if (!session.version.is_mariadb && session.version.number < kMysqlLogsPrepare) return false;
  SL_ASSIGN(const QueryRows used, session.client.Query("SHOW GLOBAL STATUS LIKE 'Com_xa_prepare'"));
  if (!used.rows.empty() && used.rows[0][1].value_or("0") != "0") return true;
  const Result<QueryRows> left = session.client.Query("XA RECOVER");
  return left.ok() && !left->rows.empty();  // a right of its own in MySQL 8
}

// The begin of the file before the head's: it holds the rows of what was prepared not long ago.
Result<LogPosition> BeforePrepared(SourceSession& session, const LogPosition& head) {
  SL_ASSIGN(const std::vector<std::string> files, ListFiles(session));
  const std::string& file = files[files.size() > 1 ? files.size() - 2 : 0];
  if (!std::holds_alternative<GtidList>(head)) return LogPosition(FilePosition{file, kFirstEvent});
  SL_ASSIGN(const auto gtids,
            Ask(session, fmt::format("SELECT BINLOG_GTID_POS('{}', {})", file, kFirstEvent)));
  SL_ASSIGN(GtidList list, GtidList::Parse(gtids.value_or("")));
  return LogPosition(std::move(list));
}

}  // namespace

Result<Position> BinlogLog::Head() {
  SL_ASSIGN(SourceSession session, OpenSourceSession(options_));
  SL_ASSIGN(const Position head, ReadLogHead(session));
  SL_ASSIGN(ResumePosition start, ParseResumePosition(head));
  // A GtidSet would have to name the transactions that it leaves out.
  if (std::holds_alternative<GtidSet>(start.told)) return head;
  SL_ASSIGN(const bool may_have_prepared, MayHavePrepared(session));
  if (!may_have_prepared) return head;
  SL_ASSIGN(start.read_from, BeforePrepared(session, start.told));
  return PrintPosition(start);
}

Result<Position> BinlogLog::FindTime(int64_t unix_us) {
  SL_ASSIGN(SourceSession session, OpenSourceSession(options_));
  SL_ASSIGN(const Position head, ReadLogHead(session));
  SL_ASSIGN(LogPosition kind, ParsePosition(head));
  if (std::holds_alternative<GtidSet>(kind)) kind = GtidSet();
  if (std::holds_alternative<GtidList>(kind)) kind = GtidList();
  SL_ASSIGN(const std::vector<std::string> files, ListFiles(session));
  TimeWalk walk(options_, std::move(kind), unix_us);
  // The last file that was begun before the moment.
  size_t low = 0;
  size_t high = files.size();
  while (low < high) {
    const size_t middle = (low + high) / 2;
    SL_ASSIGN(const std::optional<int64_t> begun, walk.BeginOf(files[middle]));
    if (begun && *begun >= unix_us) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  if (low == 0) {
    return Error{.kind = ErrorKind::kNotFound,
                 .message = fmt::format("the log begins later, with {}", files.front()),
                 .mend = "choose a later time, or redo the full load"};
  }
  SL_ASSIGN(const LogPosition position, walk.Walk(files[low - 1]));
  return PrintPosition(position);
}

Status BinlogLog::CheckReach(const Position& position) {
  SL_ASSIGN(const ResumePosition wanted, ParseResumePosition(position));
  // The server itself is the judge: it refuses with the first packets.
  SL_ASSIGN(
      std::unique_ptr<DumpConnection> dump,
      DumpConnection::Open(
          options_, {.position = wanted.start(), .server_id = DrawServerId(), .until_end = true}));
  constexpr int kJudgedBy = 3;  // artificial ROTATE, FORMAT_DESCRIPTION, the first from the log
  for (int i = 0; i < kJudgedBy; ++i) {
    SL_ASSIGN(const std::optional<std::string_view> event, dump->Read());
    if (!event) return {};
  }
  return {};
}

Result<bool> BinlogLog::Covers(const Position& later, const Position& earlier) {
  SL_ASSIGN(const LogPosition left, ParsePosition(later));
  SL_ASSIGN(const LogPosition right, ParsePosition(earlier));
  return PositionCovers(left, right);
}

Result<std::vector<CascadingKey>> BinlogLog::ReadCascadingKeys() {
  SL_ASSIGN(SourceSession session, OpenSourceSession(options_));
  // MySQL from 9.6 applies the rules above the engine, where they are logged.
  SL_ASSIGN(const QueryRows native,
            session.client.Query("SHOW GLOBAL VARIABLES LIKE 'innodb_native_foreign_keys'"));
  if (!native.rows.empty() && native.rows[0][1].value_or("") == "OFF") {
    return std::vector<CascadingKey>();
  }
  SL_ASSIGN(CascadingKeys all, mysql::ReadCascadingKeys(session));
  return std::move(all.keys);
}

Result<std::unique_ptr<ChangeStream>> BinlogLog::OpenStream(const StreamStart& start,
                                                            const TableFilter& wanted,
                                                            const Cancellation& cancellation) {
  return OpenBinlogStream(options_, start, wanted, cancellation);
}

}  // namespace starlift::mysql
