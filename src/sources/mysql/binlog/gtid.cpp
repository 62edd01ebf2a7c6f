#include "sources/mysql/binlog/gtid.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "sources/mysql/binlog/byte_reader.h"

namespace starlift::mysql {
namespace {

constexpr size_t kUuidText = 36;
constexpr size_t kLongestTag = 32;
constexpr size_t kMostSources = 1 << 20;
constexpr size_t kMostIntervals = 1 << 24;
constexpr uint64_t kTaggedForm = 1;

Error NotGtids(std::string_view text, std::string_view what) {
  return Error{.kind = ErrorKind::kUsage,
               .message = fmt::format("\"{}\" is no set of GTIDs: {}", text, what)};
}

std::string_view Trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\n' || text.front() == '\r'))
    text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\n' || text.back() == '\r'))
    text.remove_suffix(1);
  return text;
}

// The part before the separator; `text` goes on behind it.
std::string_view TakeUntil(std::string_view& text, char separator) {
  const size_t end = std::min(text.find(separator), text.size());
  const std::string_view part = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return Trim(part);
}

template <typename Number>
bool ReadNumber(std::string_view text, Number& number) {
  const auto [stop, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  return code == std::errc() && stop == text.data() + text.size() && !text.empty();
}

std::optional<std::array<uint8_t, 16>> ReadUuid(std::string_view text) {
  if (text.size() != kUuidText) return std::nullopt;
  std::array<uint8_t, 16> uuid{};
  size_t digits = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash != (text[i] == '-')) return std::nullopt;
    if (dash) continue;
    uint8_t digit = 0;
    if (std::from_chars(&text[i], &text[i] + 1, digit, 16).ptr != &text[i] + 1) return std::nullopt;
    uuid[digits / 2] = static_cast<uint8_t>(uuid[digits / 2] << 4 | digit);
    ++digits;
  }
  return uuid;
}

void AppendSource(const GtidSource& source, std::string& text) {
  for (size_t i = 0; i < source.uuid.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text.push_back('-');
    constexpr char kDigits[] = "0123456789abcdef";
    text.push_back(kDigits[source.uuid[i] >> 4]);
    text.push_back(kDigits[source.uuid[i] & 0xF]);
  }
  if (!source.tag.empty()) text.append(":").append(source.tag);
}

void AppendLittle(std::string& bytes, uint64_t value) {
  for (int i = 0; i < 8; ++i) bytes.push_back(static_cast<char>(value >> (8 * i)));
}

bool IsTag(std::string_view text) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; };
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  return !text.empty() && text.size() <= kLongestTag && letter(text[0]) &&
         std::all_of(text.begin(), text.end(), [&](char c) { return letter(c) || digit(c); });
}

}  // namespace

void GtidSet::Add(const GtidSource& source, uint64_t begin, uint64_t end) {
  if (begin >= end) return;
  std::vector<Interval>& intervals = intervals_[source];
  // Nearly always the next number.
  if (!intervals.empty() && intervals.back().end == begin) {
    intervals.back().end = end;
    return;
  }
  auto at = std::lower_bound(intervals.begin(), intervals.end(), begin,
                             [](const Interval& left, uint64_t value) { return left.end < value; });
  auto last = at;
  while (last != intervals.end() && last->begin <= end) {
    begin = std::min(begin, last->begin);
    end = std::max(end, last->end);
    ++last;
  }
  at = intervals.erase(at, last);
  intervals.insert(at, {begin, end});
}

void GtidSet::Remove(const MysqlGtid& gtid) {
  const auto found = intervals_.find(gtid.source);
  if (found == intervals_.end()) return;
  std::vector<Interval>& intervals = found->second;
  for (size_t i = 0; i < intervals.size(); ++i) {
    const Interval whole = intervals[i];
    if (gtid.number < whole.begin || gtid.number >= whole.end) continue;
    intervals.erase(intervals.begin() + static_cast<std::ptrdiff_t>(i));
    auto at = intervals.begin() + static_cast<std::ptrdiff_t>(i);
    if (gtid.number + 1 < whole.end) at = intervals.insert(at, {gtid.number + 1, whole.end});
    if (whole.begin < gtid.number) intervals.insert(at, {whole.begin, gtid.number});
    break;
  }
  if (intervals.empty()) intervals_.erase(found);
}

bool GtidSet::Contains(const MysqlGtid& gtid) const {
  const auto found = intervals_.find(gtid.source);
  return found != intervals_.end() &&
         std::any_of(found->second.begin(), found->second.end(), [&](const Interval& interval) {
           return interval.begin <= gtid.number && gtid.number < interval.end;
         });
}

bool GtidSet::Contains(const GtidSet& other) const {
  for (const auto& [source, wanted] : other.intervals_) {
    const auto found = intervals_.find(source);
    if (found == intervals_.end()) return false;
    for (const Interval& interval : wanted) {
      const bool inside =
          std::any_of(found->second.begin(), found->second.end(), [&](const Interval& mine) {
            return mine.begin <= interval.begin && interval.end <= mine.end;
          });
      if (!inside) return false;
    }
  }
  return true;
}

bool GtidSet::HasTags() const {
  return std::any_of(intervals_.begin(), intervals_.end(),
                     [](const auto& entry) { return !entry.first.tag.empty(); });
}

Result<GtidSet> GtidSet::Parse(std::string_view text) {
  GtidSet set;
  std::string_view rest = text;
  while (!Trim(rest).empty()) {
    std::string_view part = TakeUntil(rest, ',');
    if (part.empty()) continue;
    GtidSource source;
    const auto uuid = ReadUuid(TakeUntil(part, ':'));
    if (!uuid) return NotGtids(text, "each part begins with a server's UUID");
    source.uuid = *uuid;
    if (part.empty()) return NotGtids(text, "transaction numbers are missing");
    while (!part.empty()) {
      std::string_view interval = TakeUntil(part, ':');
      if (IsTag(interval)) {
        source.tag = interval;
        continue;
      }
      uint64_t begin = 0;
      uint64_t end = 0;
      const bool range = interval.find('-') != std::string_view::npos;
      if (!ReadNumber(TakeUntil(interval, '-'), begin) || begin == 0)
        return NotGtids(text, "transaction numbers are 1, 2, … or ranges of them");
      end = begin;
      if ((range && !ReadNumber(interval, end)) || end < begin || end == UINT64_MAX)
        return NotGtids(text, "a range of transaction numbers has no end");
      set.Add(source, begin, end + 1);
    }
  }
  return set;
}

std::string GtidSet::ToString() const {
  std::string text;
  for (const auto& [source, intervals] : intervals_) {
    if (!text.empty()) text.push_back(',');
    AppendSource(source, text);
    for (const Interval& interval : intervals) {
      text.push_back(':');
      text.append(std::to_string(interval.begin));
      if (interval.end - interval.begin > 1)
        text.append("-").append(std::to_string(interval.end - 1));
    }
  }
  return text;
}

// The count of sources; in the tagged form (8.3) it stands in bytes 1–6 between two marks.
std::string GtidSet::Encode() const {
  const bool tagged = HasTags();
  std::string bytes;
  const uint64_t count = intervals_.size();
  AppendLittle(bytes, tagged ? kTaggedForm << 56 | count << 8 | kTaggedForm : count);
  for (const auto& [source, intervals] : intervals_) {
    bytes.append(reinterpret_cast<const char*>(source.uuid.data()), source.uuid.size());
    if (tagged) {
      bytes.push_back(static_cast<char>(source.tag.size() * 2));
      bytes.append(source.tag);
    }
    AppendLittle(bytes, intervals.size());
    for (const Interval& interval : intervals) {
      AppendLittle(bytes, interval.begin);
      AppendLittle(bytes, interval.end);
    }
  }
  return bytes;
}

Result<GtidSet> GtidSet::Decode(std::string_view bytes) {
  const Error damaged{.kind = ErrorKind::kData, .message = "a list of GTIDs is damaged"};
  ByteReader reader(bytes);
  uint64_t count = reader.U64();
  const bool tagged = count >> 56 == kTaggedForm;
  if (tagged) count = count << 8 >> 16;
  if (!reader.ok() || count > kMostSources) return damaged;
  GtidSet set;
  for (uint64_t i = 0; i < count; ++i) {
    GtidSource source;
    const std::string_view uuid = reader.Bytes(source.uuid.size());
    if (tagged) source.tag = reader.Bytes(reader.U8() / 2);
    const uint64_t intervals = reader.U64();
    if (!reader.ok() || intervals > kMostIntervals) return damaged;
    std::copy(uuid.begin(), uuid.end(), source.uuid.begin());
    for (uint64_t k = 0; k < intervals && reader.ok(); ++k) {
      const uint64_t begin = reader.U64();
      const uint64_t end = reader.U64();
      if (!reader.ok() || begin == 0 || end <= begin) return damaged;
      set.Add(source, begin, end);
    }
  }
  if (!reader.ok()) return damaged;
  return set;
}

std::string PrintGtid(const MysqlGtid& gtid) {
  std::string text;
  AppendSource(gtid.source, text);
  return text + ":" + std::to_string(gtid.number);
}

Result<GtidList> GtidList::Parse(std::string_view text) {
  GtidList list;
  std::string_view rest = text;
  while (!Trim(rest).empty()) {
    std::string_view part = TakeUntil(rest, ',');
    MariadbGtid gtid;
    const bool read = ReadNumber(TakeUntil(part, '-'), gtid.domain) &&
                      ReadNumber(TakeUntil(part, '-'), gtid.server) &&
                      ReadNumber(part, gtid.sequence);
    if (!read) return NotGtids(text, "MariaDB's have the form domain-server-sequence");
    list.Set(gtid);
  }
  return list;
}

bool GtidList::Contains(const MariadbGtid& gtid) const {
  const auto last = last_.find(gtid.domain);
  return last != last_.end() && last->second.sequence >= gtid.sequence;
}

bool GtidList::Covers(const GtidList& other) const {
  return std::all_of(other.last_.begin(), other.last_.end(), [&](const auto& entry) {
    const auto mine = last_.find(entry.first);
    return mine != last_.end() && mine->second.sequence >= entry.second.sequence;
  });
}

std::string GtidList::ToString() const {
  std::string text;
  for (const auto& [domain, last] : last_) {
    if (!text.empty()) text.push_back(',');
    text.append(std::to_string(domain)).push_back('-');
    text.append(std::to_string(last.server)).push_back('-');
    text.append(std::to_string(last.sequence));
  }
  return text;
}

std::string PrintGtid(const MariadbGtid& gtid) {
  return fmt::format("{}-{}-{}", gtid.domain, gtid.server, gtid.sequence);
}

}  // namespace starlift::mysql
