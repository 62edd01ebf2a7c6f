#include "sources/mysql/binlog/log_follower.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/log.h"
#include "sources/mysql/binlog/byte_reader.h"
#include "sources/mysql/binlog/rows_event.h"
#include "sources/mysql/binlog/statement_kind.h"
#include "sources/mysql/binlog/transaction_payload.h"

namespace starlift::mysql {
namespace {

constexpr int64_t kMicrosPerSecond = 1'000'000;
// Rows of no table: the server ends a statement with them when nothing else is left to say.
constexpr uint64_t kDummyTableId = 0xFFFFFF;

}  // namespace

LogFollower::LogFollower(ResumePosition start, GroupTeller teller, FollowerOptions options)
    : reached_(std::move(start.told)),
      teller_(std::move(teller)),
      options_(std::move(options)),
      group_{.events = TransactionBuffer(options_.spill_directory, options_.spill_after_bytes)} {
  if (start.read_from) reread_ = {*start.read_from, *start.read_from};
  if (const auto* file = std::get_if<FilePosition>(&reconnect_position())) place_ = *file;
}

void LogFollower::Connected(bool checksum) {
  checksum_ = checksum;
  format_known_ = false;
  DropGroup();
  Forget();
  teller_.ForgetTables();
}

ResumePosition LogFollower::resume_position() const {
  // Not all that is undecided is known yet.
  if (reread_) return {reached_, reread_->from};
  if (prepared_.empty()) return {reached_, std::nullopt};
  if (const auto* set = std::get_if<GtidSet>(&reached_)) {
    // A hole in the set: the server sends that transaction again and nothing else.
    GtidSet resume = *set;
    for (const auto& [xid, group] : prepared_) {
      if (group.mysql_gtid) resume.Remove(*group.mysql_gtid);
    }
    return {std::move(resume), std::nullopt};
  }
  return {reached_, prepared_.at(prepared_order_.front()).before};
}

bool LogFollower::WasTold() const {
  if (!reread_) return false;
  if (const auto* file = std::get_if<FilePosition>(&reached_))
    return PositionCovers(*file, place_).value();
  const auto* list = std::get_if<GtidList>(&reached_);
  return list != nullptr && mariadb_gtid_ && list->Contains(*mariadb_gtid_);
}

Status LogFollower::Feed(std::string_view bytes, ChangeSink& sink) {
  constexpr size_t kTypeOffset = 4;
  const auto type = bytes.size() > kTypeOffset
                        ? static_cast<EventType>(static_cast<uint8_t>(bytes[kTypeOffset]))
                        : EventType::kStart;
  if (type == EventType::kFormatDescription) return FeedFormat(bytes);
  Result<Event> event = type == EventType::kRotate && !format_known_
                            ? ReadArtificialRotate(bytes, checksum_)
                            : ReadEvent(bytes, checksum_);
  if (!event.ok()) return std::move(event).error().At(Place());
  const EventHeader& header = event->header;
  if (header.timestamp > 0)
    last_event_unix_us_ = static_cast<int64_t>(header.timestamp) * kMicrosPerSecond;
  // Offsets have 32 bits in the log; files may be larger.
  if (header.next_position > 0 && type != EventType::kHeartbeat) {
    const uint64_t low = place_.offset & UINT32_MAX;
    uint64_t high = place_.offset - low;
    constexpr uint64_t kWrap = uint64_t{1} << 32;
    if (header.next_position < low && low - header.next_position > kWrap / 2) high += kWrap;
    place_.offset = high + header.next_position;
  }
  return FeedEvent(*event, false, sink);
}

Status LogFollower::FeedFormat(std::string_view bytes) {
  Result<FormatDescription> format = ReadFormatDescription(bytes);
  if (!format.ok()) return std::move(format).error().At(Place());
  // A file begins: what was open in the one before never ended (the server crashed).
  DropGroup();
  Forget();
  teller_.ForgetTables();
  checksum_ = format->checksum;
  short_table_ids_ = format->HasShortTableIds();
  format_known_ = true;
  return {};
}

Status LogFollower::FeedEvent(const Event& event, bool inside_payload, ChangeSink& sink) {
  switch (event.header.type) {
    case EventType::kRotate: {
      SL_ASSIGN(const Rotation rotation, ReadRotation(event.body));
      place_ = {.file = rotation.file, .offset = rotation.offset};
      DropGroup();
      Forget();
      MoveOn();
      return {};
    }
    case EventType::kHeartbeat:
      // Tells how far the server has read; what lies between was sent, or is nothing.
      if (!open_ && event.body == place_.file) {
        place_.offset = std::max<uint64_t>(place_.offset, event.header.next_position);
        MoveOn();
      }
      return {};
    case EventType::kGtid:
    case EventType::kAnonymousGtid:
    case EventType::kGtidTagged: {
      DropGroup();
      Forget();
      SL_ASSIGN(MysqlGroupBegin begin, ReadMysqlGtid(event.header.type, event.body));
      mysql_gtid_ = std::move(begin.gtid);
      commit_unix_us_ = begin.commit_unix_us;
      return {};
    }
    case EventType::kMariadbGtid: {
      DropGroup();
      Forget();
      SL_ASSIGN(const MariadbGroupBegin begin, ReadMariadbGtid(event));
      mariadb_gtid_ = begin.gtid;
      BeginGroup();
      standalone_ = begin.standalone;
      unfinished_alter_ = begin.unfinished_alter;
      return {};
    }
    case EventType::kQuery:
    case EventType::kMariadbQueryCompressed:
      return FeedQuery(event, sink);
    case EventType::kXid:
      return CommitGroup(sink);
    case EventType::kXaPrepare:
      return FeedXaPrepare(event, sink);
    case EventType::kTableMap:
      return FeedTableMap(event);
    case EventType::kTransactionPayload:
      if (inside_payload) return Stop("a compressed transaction lies within another", "");
      return ForEachInPayload(event.body, [&](std::string_view bytes) -> Status {
        SL_ASSIGN(Event inner, ReadEvent(bytes, false));
        return FeedEvent(inner, true, sink);
      });
    case EventType::kIncident:
      return Stop("the server says that its log lacks changes (incident)",
                  "redo the full load of the task's tables");
    case EventType::kOldWriteRows:
    case EventType::kOldUpdateRows:
    case EventType::kOldDeleteRows:
      return Stop("row events of a server older than MySQL 5.1.16",
                  "start from a position after the server was upgraded");
    default:
      if (IsRowsEvent(event.header.type)) return FeedRows(event);
      return FeedUnknown(event);
  }
}

// Events that say nothing of rows that we tell; all others stop the stream.
Status LogFollower::FeedUnknown(const Event& event) const {
  switch (event.header.type) {
    case EventType::kStop:
    case EventType::kIntvar:
    case EventType::kRand:
    case EventType::kUserVar:
    case EventType::kIgnorable:
    case EventType::kRowsQuery:
    case EventType::kPreviousGtids:
    case EventType::kTransactionContext:
    case EventType::kViewChange:
    case EventType::kHeartbeatV2:
    case EventType::kMariadbAnnotateRows:
    case EventType::kMariadbCheckpoint:
    case EventType::kMariadbGtidList:
    case EventType::kMariadbStartEncryption:
    case EventType::kAppendBlock:
    case EventType::kBeginLoadQuery:
    case EventType::kDeleteFile:
      return {};
    default:
      break;
  }
  if ((event.header.flags & kIgnorableFlag) != 0) return {};
  return Stop(fmt::format("the log holds an event of the unknown type {}",
                          static_cast<int>(event.header.type)),
              "this server's log needs a newer Starlift");
}

Status LogFollower::FeedQuery(const Event& event, ChangeSink& sink) {
  Result<QueryEvent> query =
      ReadQuery(event.body, event.header.type == EventType::kMariadbQueryCompressed, scratch_);
  if (!query.ok()) return std::move(query).error().At(Place());
  return FeedStatement(event, *query, sink);
}

Status LogFollower::FeedStatement(const Event& event, const QueryEvent& query, ChangeSink& sink) {
  const StatementMeaning meaning = ReadMeaning(query.statement);
  switch (meaning.kind) {
    case StatementKind::kBegin:
    case StatementKind::kXaStart:
      if (!open_) BeginGroup();
      standalone_ = false;
      return {};
    case StatementKind::kXaEnd:
      return {};
    case StatementKind::kCommit:
      return CommitGroup(sink);
    case StatementKind::kRollback:
      return RollBackGroup(sink);
    case StatementKind::kXaCommit:
    case StatementKind::kXaRollback:
      return Decide(meaning.name, meaning.kind == StatementKind::kXaCommit, sink);
    case StatementKind::kSavepoint:
      savepoints_.emplace_back(meaning.name, group_.events.count());
      return {};
    case StatementKind::kRollbackTo:
      for (size_t i = savepoints_.size(); i-- > 0;) {
        if (savepoints_[i].first != meaning.name) continue;
        group_.taken_back.push_back({savepoints_[i].second, group_.events.count()});
        savepoints_.resize(i + 1);
        return {};
      }
      return Stop(fmt::format("a transaction goes back to the unknown savepoint {}", meaning.name),
                  "start again from a position before the transaction");
    case StatementKind::kCreateWithSelect:
      if (!open_) BeginGroup();
      return KeepEvent(event);
    case StatementKind::kRowChange:
      if (Status fine = teller_.ExpectNoRows(query); !fine.ok() && !WasTold())
        return std::move(fine).error().At(Place());
      break;
    case StatementKind::kOther:
      if (!unfinished_alter_) SL_TRY(KeepEvent(event));
      break;
    case StatementKind::kNothing:
      break;
  }
  if (open_ && !standalone_) return {};
  return CommitGroup(sink);
}

Status LogFollower::FeedTableMap(const Event& event) {
  Result<TableMapHead> head = ReadTableMapHead(event.body, short_table_ids_);
  if (!head.ok()) return std::move(head).error().At(Place());
  Result<bool> wanted = teller_.IsWanted(event.body, short_table_ids_);
  if (!wanted.ok()) return std::move(wanted).error().At(Place());
  wanted_tables_[head->table_id] = *wanted;
  return *wanted ? KeepEvent(event) : Status();
}

Status LogFollower::FeedRows(const Event& event) {
  Result<uint64_t> id = ReadRowsTableId(event.body, short_table_ids_);
  if (!id.ok()) return std::move(id).error().At(Place());
  if (*id == kDummyTableId) return {};
  const auto found = wanted_tables_.find(*id);
  if (found == wanted_tables_.end() || !open_) {
    return Error{.kind = ErrorKind::kData,
                 .message = fmt::format("rows of the table id {} came {}", *id,
                                        open_ ? "without its map" : "outside of a transaction"),
                 .where = Place()};
  }
  return found->second ? KeepEvent(event) : Status();
}

Status LogFollower::FeedXaPrepare(const Event& event, ChangeSink& sink) {
  Result<XaPrepare> prepare = ReadXaPrepare(event.body);
  if (!prepare.ok()) return std::move(prepare).error().At(Place());
  if (prepare->one_phase) return CommitGroup(sink);
  // Held whatever it has of wanted rows: its decision must find it.
  Group held{.events = TransactionBuffer(options_.spill_directory, options_.spill_after_bytes)};
  std::swap(held, group_);
  held.before = reconnect_position();
  held.mysql_gtid = mysql_gtid_;
  if (prepared_.find(prepare->xid) == prepared_.end()) prepared_order_.push_back(prepare->xid);
  prepared_.insert_or_assign(prepare->xid, std::move(held));
  open_ = false;
  MoveOn();
  Forget();
  return {};
}

Status LogFollower::Decide(const std::string& xid, bool commit, ChangeSink& sink) {
  const auto found = prepared_.find(xid);
  if (found == prepared_.end()) {
    if (commit && !WasTold()) {
      return Error{
          .kind = ErrorKind::kPolicy,
          .message = fmt::format("the XA transaction {} is committed here and was prepared before "
                                 "the place where the stream began: its rows are not known",
                                 xid),
          .where = Place(),
          .mend =
              "start again from a position before its XA PREPARE, or redo the full load of the "
              "tables that it changed"};
    }
    return CommitGroup(sink);
  }
  Group held = std::move(found->second);
  prepared_.erase(found);
  std::erase(prepared_order_, xid);
  if (!commit) held.taken_back.push_back({0, held.events.count()});
  group_ = std::move(held);
  return CommitGroup(sink);
}

void LogFollower::BeginGroup() { open_ = true; }

void LogFollower::DropGroup() {
  if (open_ && !group_.events.empty()) {
    LogInfo("{}: a transaction was not finished and is dropped; the log goes on without it",
            Place());
  }
  open_ = false;
  group_.events.Clear();
  group_.taken_back.clear();
}

void LogFollower::Forget() {
  standalone_ = false;
  unfinished_alter_ = false;
  mysql_gtid_.reset();
  mariadb_gtid_.reset();
  commit_unix_us_ = 0;
  wanted_tables_.clear();
  savepoints_.clear();
}

Status LogFollower::KeepEvent(const Event& event) {
  return group_.events.Append(static_cast<uint8_t>(event.header.type), place_.offset, event.body);
}

Status LogFollower::RollBackGroup(ChangeSink& sink) {
  group_.taken_back.push_back({0, group_.events.count()});
  return CommitGroup(sink);
}

Status LogFollower::CommitGroup(ChangeSink& sink) {
  open_ = false;
  ++transactions_;
  const int64_t committed = commit_unix_us_ > 0 ? commit_unix_us_ : last_event_unix_us_;
  bool told = false;
  if (WasTold()) {
    group_.events.Clear();
    group_.taken_back.clear();
  } else if (!group_.events.empty()) {
    SL_ASSIGN(told,
              teller_.Tell(group_.events, group_.taken_back, short_table_ids_, place_.file, sink));
    group_.events.Clear();
    group_.taken_back.clear();
  }
  MoveOn();
  Forget();
  if (!told) return {};
  return sink.Commit({.resume = PrintPosition(resume_position()), .commit_unix_us = committed});
}

// The position behind the group that has just ended.
void LogFollower::MoveOn() {
  const auto move = [this](LogPosition& position) {
    if (auto* file = std::get_if<FilePosition>(&position)) {
      *file = place_;
    } else if (auto* set = std::get_if<GtidSet>(&position)) {
      if (mysql_gtid_) set->Add(*mysql_gtid_);
    } else if (mariadb_gtid_) {
      std::get<GtidList>(position).Set(*mariadb_gtid_);
    }
  };
  if (!WasTold()) move(reached_);
  if (!reread_) return;
  move(reread_->reached);
  if (PositionCovers(reread_->reached, reached_).value()) reread_.reset();
}

std::string LogFollower::Place() const { return fmt::format("{}:{}", place_.file, place_.offset); }

Error LogFollower::Stop(std::string message, std::string mend) const {
  return Error{.kind = ErrorKind::kPolicy,
               .message = std::move(message),
               .where = Place(),
               .mend = std::move(mend)};
}

}  // namespace starlift::mysql
