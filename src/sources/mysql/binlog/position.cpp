#include "sources/mysql/binlog/position.h"

#include <charconv>
#include <optional>

#include <fmt/format.h>

namespace starlift::mysql {
namespace {

constexpr std::string_view kFilePrefix = "file:";
constexpr std::string_view kMysqlPrefix = "mysql-gtid:";
constexpr std::string_view kMariadbPrefix = "mariadb-gtid:";
constexpr std::string_view kReadFrom = ";read-from=";

Error NoPosition(std::string_view text) {
  return Error{
      .kind = ErrorKind::kUsage,
      .message = fmt::format("\"{}\" is no position of a MySQL or MariaDB log", text),
      .mend = "write file:mysql-bin.000007:1234, mysql-gtid:<set>, or mariadb-gtid:0-1-42"};
}

// "mysql-bin.000007" → 7.
std::optional<uint64_t> FileNumber(std::string_view file) {
  const std::string_view digits = file.substr(std::min(file.rfind('.') + 1, file.size()));
  uint64_t number = 0;
  const auto [stop, code] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (digits.empty() || code != std::errc() || stop != digits.data() + digits.size())
    return std::nullopt;
  return number;
}

}  // namespace

Result<LogPosition> ParsePosition(std::string_view text) {
  text = text.substr(0, text.find(kReadFrom));
  if (text.starts_with(kMysqlPrefix)) {
    SL_ASSIGN(GtidSet set, GtidSet::Parse(text.substr(kMysqlPrefix.size())));
    return LogPosition(std::move(set));
  }
  if (text.starts_with(kMariadbPrefix)) {
    SL_ASSIGN(GtidList list, GtidList::Parse(text.substr(kMariadbPrefix.size())));
    return LogPosition(std::move(list));
  }
  if (!text.starts_with(kFilePrefix)) return NoPosition(text);
  const std::string_view rest = text.substr(kFilePrefix.size());
  const size_t colon = rest.rfind(':');
  if (colon == std::string_view::npos) return NoPosition(text);
  FilePosition file{.file = std::string(rest.substr(0, colon))};
  const std::string_view digits = rest.substr(colon + 1);
  const auto [stop, code] =
      std::from_chars(digits.data(), digits.data() + digits.size(), file.offset);
  const bool whole = code == std::errc() && stop == digits.data() + digits.size();
  if (!whole || !FileNumber(file.file)) return NoPosition(text);
  return LogPosition(std::move(file));
}

Position PrintPosition(const LogPosition& position) {
  if (const auto* file = std::get_if<FilePosition>(&position))
    return fmt::format("{}{}:{}", kFilePrefix, file->file, file->offset);
  if (const auto* set = std::get_if<GtidSet>(&position))
    return std::string(kMysqlPrefix) + set->ToString();
  return std::string(kMariadbPrefix) + std::get<GtidList>(position).ToString();
}

Result<ResumePosition> ParseResumePosition(std::string_view text) {
  SL_ASSIGN(LogPosition told, ParsePosition(text));
  ResumePosition position{std::move(told), std::nullopt};
  const size_t suffix = text.find(kReadFrom);
  if (suffix == std::string_view::npos) return position;
  const std::string prefix(text.substr(0, text.find(':') + 1));
  Result<LogPosition> from =
      ParsePosition(prefix + std::string(text.substr(suffix + kReadFrom.size())));
  if (!from.ok()) return NoPosition(text);
  position.read_from = *std::move(from);
  return position;
}

Position PrintPosition(const ResumePosition& position) {
  Position text = PrintPosition(position.told);
  if (!position.read_from) return text;
  const Position from = PrintPosition(*position.read_from);
  return text.append(kReadFrom).append(from.substr(from.find(':') + 1));
}

Result<bool> PositionCovers(const LogPosition& later, const LogPosition& earlier) {
  if (later.index() != earlier.index()) {
    return Error{.kind = ErrorKind::kUsage,
                 .message = fmt::format("the positions {} and {} are counted differently",
                                        PrintPosition(later), PrintPosition(earlier)),
                 .mend =
                     "the server's GTID mode was changed: start again from a position of the "
                     "kind that it has now"};
  }
  if (const auto* set = std::get_if<GtidSet>(&later))
    return set->Contains(std::get<GtidSet>(earlier));
  if (const auto* list = std::get_if<GtidList>(&later))
    return list->Covers(std::get<GtidList>(earlier));
  const auto& left = std::get<FilePosition>(later);
  const auto& right = std::get<FilePosition>(earlier);
  const uint64_t left_number = FileNumber(left.file).value_or(0);
  const uint64_t right_number = FileNumber(right.file).value_or(0);
  if (left_number != right_number) return left_number > right_number;
  return left.offset >= right.offset;
}

}  // namespace starlift::mysql
