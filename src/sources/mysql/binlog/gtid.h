#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace starlift::mysql {

// Whose transactions a MySQL GTID counts: a server, and from 8.3 on optionally a tag.
struct GtidSource {
  std::array<uint8_t, 16> uuid{};
  std::string tag;  // lower case

  auto operator<=>(const GtidSource&) const = default;
};

struct MysqlGtid {
  GtidSource source;
  uint64_t number = 0;
};

// A set of MySQL's GTIDs: "3e11fa47-…:1-5:7, 3e11fa47-…:tag:1-3".
class GtidSet {
 public:
  // kUsage for what is no such set.
  static Result<GtidSet> Parse(std::string_view text);

  void Add(const MysqlGtid& gtid) { Add(gtid.source, gtid.number, gtid.number + 1); }
  void Add(const GtidSource& source, uint64_t begin, uint64_t end);
  void Remove(const MysqlGtid& gtid);
  bool Contains(const MysqlGtid& gtid) const;
  bool Contains(const GtidSet& other) const;
  bool HasTags() const;

  // Without white space, sources in order.
  std::string ToString() const;
  // As COM_BINLOG_DUMP_GTID and PREVIOUS_GTIDS have it.
  std::string Encode() const;
  static Result<GtidSet> Decode(std::string_view bytes);

  bool operator==(const GtidSet&) const = default;

 private:
  struct Interval {
    uint64_t begin = 0;
    uint64_t end = 0;  // exclusive
    bool operator==(const Interval&) const = default;
  };

  std::map<GtidSource, std::vector<Interval>> intervals_;  // in order, not touching
};

std::string PrintGtid(const MysqlGtid& gtid);

struct MariadbGtid {
  uint32_t domain = 0;
  uint32_t server = 0;
  uint64_t sequence = 0;
};

// MariaDB's position: the last GTID of each domain, "0-1-42,7-3-12".
class GtidList {
 public:
  static Result<GtidList> Parse(std::string_view text);

  void Set(const MariadbGtid& gtid) { last_[gtid.domain] = {gtid.server, gtid.sequence}; }
  // By sequence numbers, which within a domain grow along the log (gtid_strict_mode).
  bool Covers(const GtidList& other) const;
  bool Contains(const MariadbGtid& gtid) const;
  std::string ToString() const;

 private:
  struct Last {
    uint32_t server = 0;
    uint64_t sequence = 0;
  };
  std::map<uint32_t, Last> last_;
};

std::string PrintGtid(const MariadbGtid& gtid);

}  // namespace starlift::mysql
