#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "sandbox/load/byte_source.h"
#include "sandbox/load/field.h"

namespace starlift::sandbox::load {

struct CsvDialect {
  std::string column_separator = "\t";
  std::string row_delimiter = "\n";
  // Either one switches to the parser that knows quotes; 0: none.
  char enclose = 0;
  char escape = 0;
  bool trim_space = false;
  int64_t skip_header = 0;

  bool knows_quotes() const { return enclose != 0 || escape != 0; }
};

// Takes a CSV body apart, in memory bounded by the longest row, by the two dialects that StarRocks'
// backends have:
//  plain   split at the separators, nothing is ever unescaped;
//  quoted  `enclose` counts at the start of a field, doubled inside it is one; `escape` takes the
//          next character as it is; an enclose character inside an unquoted field acts as escape.
// In both a field that is exactly \N (after unquoting) is NULL, empty lines are skipped, the last
// row may lack its delimiter, and a \r before \n belongs to the last field.
class CsvReader {
 public:
  CsvReader(ByteSource& source, CsvDialect dialect);

  // False at the end. The row's views live until the next call. kData if a row is longer than the
  // backend's limit, or if there are fewer lines than `skip_header`.
  Result<bool> Next(ParsedRow& row);

  // For a body that comes in several pieces, each a source of its own: what follows a piece's last
  // delimiter waits for the next piece, and is a row only if the piece is the `last` one.
  void ContinueWith(ByteSource& source, bool last);

  // Reads to the end and counts rows only, as fast as delimiters can be found.
  Result<int64_t> CountRows();

 private:
  Result<bool> Fill();
  Result<bool> NextLine(std::string_view& line);
  Status SkipHeader();
  void SplitPlain(std::string_view line, ParsedRow& row) const;
  bool ParseQuoted(ParsedRow& row);
  bool At(size_t position, const std::string& mark) const;
  bool AtRowEnd(size_t position, bool& at_delimiter) const;
  size_t FindDelimiter(size_t from) const;
  void CheckUtf8(ParsedRow& row);

  ByteSource* source_;
  const CsvDialect dialect_;
  std::vector<char> buffer_;
  size_t begin_ = 0;  // first byte not yet given out
  size_t end_ = 0;    // past the last byte read
  // Bytes before it are known to be valid UTF-8 or not, as `checked_valid_` says.
  size_t checked_until_ = 0;
  bool checked_valid_ = false;
  bool at_end_ = false;  // of the last piece
  bool last_piece_ = true;
  bool header_skipped_ = false;
  std::string unquoted_;  // fields of the current row that had quotes or escapes
  struct Piece {
    size_t offset, length;
    bool null;
  };
  std::vector<Piece> pieces_;
};

}  // namespace starlift::sandbox::load
