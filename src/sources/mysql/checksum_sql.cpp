#include "sources/mysql/checksum_sql.h"

#include <fmt/format.h>

#include "sources/mysql/select_list.h"
#include "wire/mysql/client.h"

namespace starlift::mysql {
namespace {

std::string Piece(const Column& column, ChecksumForm form) {
  std::string name = wire::mysql::QuoteIdentifier(column.name);
  switch (form) {
    case ChecksumForm::kPlain:
      return SelectExpression(column, ResultCharset::kRaw);
    case ChecksumForm::kDateTime:
      return fmt::format("REPLACE(CAST({} AS DATETIME(6)), '.000000', '')", name);
    case ChecksumForm::kHex:
      return fmt::format("HEX({})", name);
    case ChecksumForm::kLowerHex:
      return fmt::format("LOWER(HEX({}))", name);
    case ChecksumForm::kText:
      // Bytes have no collation to quarrel about with other columns.
      return fmt::format("CONCAT(LENGTH({0}), ':', CAST({0} AS BINARY))", name);
    case ChecksumForm::kLongHex:
      return fmt::format("MD5(HEX({}))", name);
    case ChecksumForm::kLongText:
      return fmt::format("MD5(CAST({} AS BINARY))", name);
  }
  return name;
}

std::string RowText(const Table& table, const std::vector<ChecksumColumn>& columns) {
  std::string pieces;
  for (const ChecksumColumn& each : columns) {
    const Column& column = table.columns[each.column];
    const std::string piece = Piece(column, each.form);
    pieces += column.nullable ? fmt::format(", IFNULL({}, '~')", piece) : ", " + piece;
  }
  return fmt::format("CONCAT_WS('|'{})", pieces);
}

}  // namespace

std::string ChecksumQuery(const Table& table, const std::vector<ChecksumColumn>& columns,
                          ChecksumMethod method, const std::string& from) {
  const bool crc = method == ChecksumMethod::kCrc32;
  const std::string sums = crc ? "SUM(h), SUM(h * h)"
                               : "SUM(CAST(CONV(LEFT(h, 15), 16, 10) AS UNSIGNED)), "
                                 "SUM(CAST(CONV(RIGHT(h, 15), 16, 10) AS UNSIGNED))";
  // The limit keeps the subquery apart: merged, it would be computed once for each use of h.
  return fmt::format(
      "SELECT COUNT(*), COUNT(h), {} FROM (SELECT {}({}) AS h{} LIMIT "
      "18446744073709551615) AS rows_of_chunk",
      sums, crc ? "CRC32" : "MD5", RowText(table, columns), from);
}

}  // namespace starlift::mysql
