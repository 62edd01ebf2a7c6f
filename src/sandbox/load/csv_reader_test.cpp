#include "sandbox/load/csv_reader.h"

#include <gtest/gtest.h>

namespace starlift::sandbox::load {
namespace {

// Gives the body in pieces of `step` bytes, so that every mark lies across a border once.
class SteppedSource : public ByteSource {
 public:
  SteppedSource(std::string_view bytes, size_t step) : rest_(bytes), step_(step) {}
  Result<size_t> Read(std::span<char> into) override {
    const size_t bytes = rest_.copy(into.data(), std::min(into.size(), step_));
    rest_.remove_prefix(bytes);
    return bytes;
  }

 private:
  std::string_view rest_;
  size_t step_;
};

// Rows as "[a|b][NULL|c]"; the same whatever the pieces.
std::string Read(std::string_view body, const CsvDialect& dialect) {
  std::string first;
  for (size_t step : {size_t{1 << 20}, size_t{1}, size_t{3}}) {
    SteppedSource source(body, step);
    CsvReader reader(source, dialect);
    std::string text;
    ParsedRow row;
    while (true) {
      auto more = reader.Next(row);
      if (!more.ok()) {
        text += "error: " + more.error().message;
        break;
      }
      if (!*more) break;
      if (!row.defect.empty()) {
        text += "[!" + std::string(row.defect) + "]";
        continue;
      }
      text += "[";
      for (size_t i = 0; i < row.fields.size(); ++i) {
        if (i > 0) text += "|";
        text += row.fields[i].is_null() ? "NULL" : std::string(row.fields[i].text);
      }
      text += "]";
    }
    if (first.empty()) first = text;
    EXPECT_EQ(text, first) << "in pieces of " << step;
  }
  return first;
}

CsvDialect Plain(std::string separator = ",", std::string delimiter = "\n") {
  CsvDialect dialect;
  dialect.column_separator = std::move(separator);
  dialect.row_delimiter = std::move(delimiter);
  return dialect;
}

CsvDialect Quoted(char enclose = '"', char escape = 0) {
  CsvDialect dialect = Plain();
  dialect.enclose = enclose;
  dialect.escape = escape;
  return dialect;
}

TEST(CsvPlain, SplitsAndNeverUnescapes) {
  EXPECT_EQ(Read("1,a\n2,b\n", Plain()), "[1|a][2|b]");
  EXPECT_EQ(Read("1,a\n2,b", Plain()), "[1|a][2|b]");
  EXPECT_EQ(Read("\"1\",\\,a\n", Plain()), "[\"1\"|\\|a]");
  EXPECT_EQ(Read("1,\n,2\n,\n", Plain()), "[1|][|2][|]");
}

TEST(CsvPlain, NullIsTheWholeFieldOnly) {
  EXPECT_EQ(Read("\\N,\\n,x\\N,\\N \n", Plain()), "[NULL|\\n|x\\N|\\N ]");
}

TEST(CsvPlain, EmptyLinesAreSkippedAndCarriageReturnsStay) {
  EXPECT_EQ(Read("\n\n1\n\n2\r\n\r\n\n", Plain()), "[1][2\r][\r]");
  EXPECT_EQ(Read("", Plain()), "");
  EXPECT_EQ(Read("\n", Plain()), "");
}

TEST(CsvPlain, MarksOfSeveralBytes) {
  EXPECT_EQ(Read("a||b##c|d||e##", Plain("||", "##")), "[a|b][c|d|e]");
  EXPECT_EQ(Read("a\x01"
                 "b\x02"
                 "c\x01",
                 Plain("\x01", "\x02")),
            "[a|b][c|]");
  EXPECT_EQ(Read("a,b\r\nc,d\r\n", Plain(",", "\r\n")), "[a|b][c|d]");
}

TEST(CsvPlain, TrimsSpacesOnlyWhereAsked) {
  CsvDialect dialect = Plain();
  EXPECT_EQ(Read(" a , b\t\n", dialect), "[ a | b\t]");
  dialect.trim_space = true;
  EXPECT_EQ(Read(" a , b\t\n  ,\\N \n", dialect), "[a|b\t][|NULL]");
}

TEST(CsvPlain, SkipsHeaderLines) {
  CsvDialect dialect = Plain();
  dialect.skip_header = 2;
  EXPECT_EQ(Read("h1\n\n1\n", dialect), "[1]");
  dialect.skip_header = 5;
  EXPECT_EQ(Read("h1\n", dialect).substr(0, 6), "error:");
}

TEST(CsvPlain, RowsOfInvalidUtf8AreFlaggedAloneAmongGoodOnes) {
  EXPECT_EQ(Read("gr\xc3\xbc\xc3\x9f\n\xff\nok\n", Plain()),
            "[gr\xc3\xbc\xc3\x9f][!Invalid UTF-8 row][ok]");
}

TEST(CsvQuoted, QuotesKeepSeparatorsAndDelimiters) {
  EXPECT_EQ(Read("\"a,b\",\"c\nd\"\n1,2\n", Quoted()), "[a,b|c\nd][1|2]");
  EXPECT_EQ(Read("\"say \"\"hi\"\"\",x\n", Quoted()), "[say \"hi\"|x]");
  EXPECT_EQ(Read("\"\",\"\"\n", Quoted()), "[|]");
  EXPECT_EQ(Read("\n\n\"\"\n", Quoted()), "[]");
}

TEST(CsvQuoted, QuotedNullIsNull) {
  EXPECT_EQ(Read("\"\\N\",\\N,\"x\"\n", Quoted()), "[NULL|NULL|x]");
}

TEST(CsvQuoted, EscapeTakesTheNextCharacterAndLosesNull) {
  EXPECT_EQ(Read("\"a\\\"b\",c\\,d,\\N\n", Quoted('"', '\\')), "[a\"b|c,d|N]");
  EXPECT_EQ(Read("a\\\\b\n", Quoted(0, '\\')), "[a\\b]");
}

TEST(CsvQuoted, EncloseInsideAFieldActsAsEscape) {
  EXPECT_EQ(Read("ab\"c,d\n", Quoted()), "[abc|d]");
}

TEST(CsvQuoted, TrimKeepsSpacesInsideQuotes) {
  CsvDialect dialect = Quoted();
  dialect.trim_space = true;
  EXPECT_EQ(Read("  \" a \"  , b \n", dialect), "[ a |b]");
}

TEST(CsvPieces, ARowMayLieAcrossTwoPieces) {
  for (const CsvDialect& dialect : {Plain(), Quoted()}) {
    MemorySource first("1,a\n2,");
    MemorySource second("b\n3,c");
    MemorySource nothing("");
    CsvReader reader(first, dialect);
    reader.ContinueWith(first, false);
    ParsedRow row;
    EXPECT_TRUE(*reader.Next(row));
    EXPECT_FALSE(*reader.Next(row));
    reader.ContinueWith(second, false);
    EXPECT_TRUE(*reader.Next(row));
    EXPECT_EQ(row.text, "2,b");
    EXPECT_FALSE(*reader.Next(row));
    reader.ContinueWith(nothing, true);
    EXPECT_TRUE(*reader.Next(row));
    EXPECT_EQ(row.text, "3,c");
    EXPECT_FALSE(*reader.Next(row));
  }
}

TEST(CsvCount, CountsWhatNextWouldGive) {
  for (const CsvDialect& dialect : {Plain(), Plain(",", "\r\n"), Quoted()}) {
    MemorySource source("a,b\r\n\r\nc,d\r\n\"e\",f");
    MemorySource same("a,b\r\n\r\nc,d\r\n\"e\",f");
    CsvReader counting(source, dialect);
    CsvReader reading(same, dialect);
    int64_t rows = 0;
    ParsedRow row;
    while (*reading.Next(row)) ++rows;
    EXPECT_EQ(*counting.CountRows(), rows);
  }
}

}  // namespace
}  // namespace starlift::sandbox::load
