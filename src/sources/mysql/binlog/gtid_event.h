#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "sources/mysql/binlog/event.h"
#include "sources/mysql/binlog/gtid.h"

namespace starlift::mysql {

// What GTID, ANONYMOUS_GTID and GTID_TAGGED say of the group that they begin.
struct MysqlGroupBegin {
  std::optional<MysqlGtid> gtid;  // none: anonymous
  int64_t commit_unix_us = 0;     // 0: not told (before 8.0.1)
};
Result<MysqlGroupBegin> ReadMysqlGtid(EventType type, std::string_view body);

// What MariaDB's GTID event says.
struct MariadbGroupBegin {
  MariadbGtid gtid;
  bool standalone = false;  // one statement, which commits by itself
  // The statement is an ALTER that has only begun or was given up (binlog_alter_two_phase): it is
  // logged again when it is done.
  bool unfinished_alter = false;
};
Result<MariadbGroupBegin> ReadMariadbGtid(const Event& event);

// XA_PREPARE: the end of a group that is committed at once (ONE PHASE) or waits for its decision.
struct XaPrepare {
  bool one_phase = false;
  std::string xid;  // as XidKey has it
};
Result<XaPrepare> ReadXaPrepare(std::string_view body);

// `X'6162',X'',1`: as XA statements of the log name a transaction.
std::string XidKey(std::string_view gtrid, std::string_view bqual, int64_t format);

}  // namespace starlift::mysql
