#include "sandbox/load/csv_reader.h"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>
#include <simdjson.h>

namespace starlift::sandbox::load {
namespace {

constexpr size_t kInitialBytes = 1 << 20;
constexpr size_t kMaxRowBytes = size_t{512} << 20;
constexpr std::string_view kNull = "\\N";
constexpr std::string_view kInvalidUtf8 = "Invalid UTF-8 row";

std::string_view TrimSpaces(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

const char* Find(const char* from, const char* to, const std::string& mark) {
  if (mark.size() == 1) {
    return static_cast<const char*>(std::memchr(from, mark[0], static_cast<size_t>(to - from)));
  }
  return static_cast<const char*>(
      memmem(from, static_cast<size_t>(to - from), mark.data(), mark.size()));
}

}  // namespace

CsvReader::CsvReader(ByteSource& source, CsvDialect dialect)
    : source_(&source), dialect_(std::move(dialect)), buffer_(kInitialBytes) {}

// Reads more behind what is there; false at the body's end.
Result<bool> CsvReader::Fill() {
  if (at_end_) return false;
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    checked_until_ -= std::min(checked_until_, begin_);
    begin_ = 0;
  }
  if (end_ == buffer_.size()) {
    if (buffer_.size() >= kMaxRowBytes) {
      return Error{ErrorKind::kData, fmt::format("CSV line length exceed limit {}", kMaxRowBytes)};
    }
    buffer_.resize(buffer_.size() * 2);
  }
  SL_ASSIGN(const size_t bytes, source_->Read(std::span(buffer_).subspan(end_)));
  end_ += bytes;
  at_end_ = bytes == 0 && last_piece_;
  return bytes > 0;
}

void CsvReader::ContinueWith(ByteSource& source, bool last) {
  source_ = &source;
  last_piece_ = last;
  at_end_ = false;
}

size_t CsvReader::FindDelimiter(size_t from) const {
  const char* found = Find(buffer_.data() + from, buffer_.data() + end_, dialect_.row_delimiter);
  return found == nullptr ? std::string::npos : static_cast<size_t>(found - buffer_.data());
}

// The next line of the body, which may be empty, without its delimiter.
Result<bool> CsvReader::NextLine(std::string_view& line) {
  size_t searched = begin_;
  while (true) {
    const size_t found = FindDelimiter(searched);
    if (found != std::string::npos) {
      line = {buffer_.data() + begin_, found - begin_};
      begin_ = found + dialect_.row_delimiter.size();
      return true;
    }
    // A delimiter of several bytes may lie across the border of what has been read.
    const size_t overlap = std::min(end_ - begin_, dialect_.row_delimiter.size() - 1);
    const size_t kept = end_ - begin_ - overlap;
    SL_ASSIGN(const bool more, Fill());
    if (more) {
      searched = begin_ + kept;
      continue;
    }
    if (begin_ == end_ || !last_piece_) return false;
    line = {buffer_.data() + begin_, end_ - begin_};
    begin_ = end_;
    return true;
  }
}

Status CsvReader::SkipHeader() {
  header_skipped_ = true;
  for (int64_t i = 0; i < dialect_.skip_header; ++i) {
    std::string_view line;
    SL_ASSIGN(const bool there, NextLine(line));
    if (!there) {
      return Error{ErrorKind::kData,
                   fmt::format("The parameter skip_header is set to {}, but there are only {} "
                               "lines in the csv file",
                               dialect_.skip_header, i)};
    }
  }
  return {};
}

Result<bool> CsvReader::Next(ParsedRow& row) {
  if (!header_skipped_) SL_TRY(SkipHeader());
  row.defect = {};
  while (true) {
    if (dialect_.knows_quotes()) {
      while (!ParseQuoted(row)) {
        SL_ASSIGN(const bool more, Fill());
        if (!more && (begin_ == end_ || !last_piece_)) return false;
      }
    } else {
      SL_ASSIGN(const bool there, NextLine(row.text));
      if (!there) return false;
    }
    if (row.text.empty()) continue;
    CheckUtf8(row);
    if (row.defect.empty() && !dialect_.knows_quotes()) SplitPlain(row.text, row);
    return true;
  }
}

// One check for all that is in the buffer; only where that fails, one per row.
void CsvReader::CheckUtf8(ParsedRow& row) {
  const size_t row_end = static_cast<size_t>(row.text.data() - buffer_.data()) + row.text.size();
  if (row_end > checked_until_) {
    const char* start = row.text.data();
    const char* stop = buffer_.data() + end_;
    const char* last = static_cast<const char*>(
        memrchr(start, dialect_.row_delimiter.back(), static_cast<size_t>(stop - start)));
    checked_until_ = last == nullptr ? row_end : static_cast<size_t>(last + 1 - buffer_.data());
    checked_until_ = std::max(checked_until_, row_end);
    checked_valid_ = simdjson::validate_utf8(
        start, checked_until_ - static_cast<size_t>(start - buffer_.data()));
  }
  if (!checked_valid_ && !simdjson::validate_utf8(row.text.data(), row.text.size())) {
    row.defect = kInvalidUtf8;
  }
}

void CsvReader::SplitPlain(std::string_view line, ParsedRow& row) const {
  row.fields.clear();
  const char* from = line.data();
  const char* const stop = line.data() + line.size();
  while (true) {
    const char* separator = Find(from, stop, dialect_.column_separator);
    const char* field_end = separator == nullptr ? stop : separator;
    std::string_view text(from, static_cast<size_t>(field_end - from));
    if (dialect_.trim_space) text = TrimSpaces(text);
    row.fields.push_back({text, text == kNull ? Field::Kind::kNull : Field::Kind::kText});
    if (separator == nullptr) return;
    from = separator + dialect_.column_separator.size();
  }
}

bool CsvReader::At(size_t position, const std::string& mark) const {
  return end_ - position >= mark.size() &&
         std::memcmp(buffer_.data() + position, mark.data(), mark.size()) == 0;
}

// Parses one row at begin_ and moves past it. False if its end isn't in the buffer yet.
bool CsvReader::ParseQuoted(ParsedRow& row) {
  const size_t longest_mark =
      std::max(dialect_.column_separator.size(), dialect_.row_delimiter.size());
  unquoted_.clear();
  pieces_.clear();
  size_t at = begin_;
  size_t piece_begin = 0;
  bool quoted = false;      // inside the quotes of the current field
  bool was_quoted = false;  // the current field had quotes: spaces inside them stay
  bool field_start = true;
  const auto end_field = [&] {
    std::string_view text = std::string_view(unquoted_).substr(piece_begin);
    if (dialect_.trim_space && !was_quoted) {
      while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
      unquoted_.resize(piece_begin + text.size());
    }
    pieces_.push_back({piece_begin, text.size(), text == kNull});
    piece_begin = unquoted_.size();
    field_start = true;
    was_quoted = false;
  };
  const auto end_row = [&](size_t row_end, size_t next) {
    if (row_end > begin_) end_field();
    row.text = {buffer_.data() + begin_, row_end - begin_};
    row.fields.clear();
    for (const Piece& piece : pieces_) {
      row.fields.push_back({std::string_view(unquoted_).substr(piece.offset, piece.length),
                            piece.null ? Field::Kind::kNull : Field::Kind::kText});
    }
    begin_ = next;
  };
  while (true) {
    if (at == end_) {
      if (!at_end_ || begin_ == end_) return false;
      end_row(end_, end_);
      return true;
    }
    // Marks and the character after a quote must be seen whole before anything is decided.
    if (!at_end_ && end_ - at < longest_mark + 1) return false;
    const char c = buffer_[at];
    if (quoted) {
      if (c == dialect_.enclose) {
        if (at + 1 < end_ && buffer_[at + 1] == dialect_.enclose) {
          unquoted_.push_back(c);
          at += 2;
        } else {
          quoted = false;
          ++at;
        }
      } else if (dialect_.escape != 0 && c == dialect_.escape && at + 1 < end_) {
        unquoted_.push_back(buffer_[at + 1]);
        at += 2;
      } else {
        unquoted_.push_back(c);
        ++at;
      }
      continue;
    }
    if (At(at, dialect_.row_delimiter)) {
      end_row(at, at + dialect_.row_delimiter.size());
      return true;
    }
    if (At(at, dialect_.column_separator)) {
      end_field();
      at += dialect_.column_separator.size();
      continue;
    }
    if (dialect_.trim_space && c == ' ' && (field_start || was_quoted)) {
      ++at;
      continue;
    }
    if (dialect_.enclose != 0 && c == dialect_.enclose && field_start) {
      quoted = true;
      was_quoted = true;
      field_start = false;
      ++at;
      continue;
    }
    field_start = false;
    const bool escapes = (dialect_.escape != 0 && c == dialect_.escape) ||
                         (dialect_.enclose != 0 && c == dialect_.enclose);
    if (escapes && at + 1 < end_) {
      unquoted_.push_back(buffer_[at + 1]);
      at += 2;
    } else {
      if (!escapes) unquoted_.push_back(c);
      ++at;
    }
  }
}

Result<int64_t> CsvReader::CountRows() {
  int64_t rows = 0;
  if (dialect_.knows_quotes()) {
    ParsedRow row;
    while (true) {
      SL_ASSIGN(const bool there, Next(row));
      if (!there) return rows;
      ++rows;
    }
  }
  if (!header_skipped_) SL_TRY(SkipHeader());
  std::string_view line;
  while (true) {
    SL_ASSIGN(const bool there, NextLine(line));
    if (!there) return rows;
    if (!line.empty()) ++rows;
  }
}

}  // namespace starlift::sandbox::load
