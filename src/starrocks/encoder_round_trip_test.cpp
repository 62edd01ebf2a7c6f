#include <random>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "starrocks/encoder.h"

// Random batches, written by the encoder and read back by parsers that share nothing with it: CSV
// as StarRocks' plain parser splits it, JSON by nlohmann.
namespace starlift::starrocks {
namespace {

using Row = std::vector<std::optional<std::string>>;

std::vector<Row> SplitCsv(std::string_view body, size_t columns) {
  std::vector<Row> rows;
  while (!body.empty()) {
    const size_t end = body.find(kRowDelimiter);
    std::string_view line = body.substr(0, end);
    body.remove_prefix(end == std::string_view::npos ? body.size() : end + 1);
    if (line.empty()) continue;  // skipped without a word by the server
    Row row;
    while (true) {
      const size_t separator = line.find(kColumnSeparator);
      const std::string_view field = line.substr(0, separator);
      row.push_back(field == "\\N" ? std::nullopt : std::optional<std::string>(field));
      if (separator == std::string_view::npos) break;
      line.remove_prefix(separator + 1);
    }
    EXPECT_EQ(row.size(), columns);
    rows.push_back(std::move(row));
  }
  return rows;
}

std::vector<Row> SplitJson(std::string_view body, size_t columns) {
  std::vector<Row> rows;
  while (!body.empty()) {
    const size_t end = body.find('\n');
    const auto object = nlohmann::ordered_json::parse(body.substr(0, end));
    body.remove_prefix(end + 1);
    Row row;
    for (const auto& [name, value] : object.items()) {
      EXPECT_EQ(name, "c" + std::to_string(row.size()));
      row.push_back(value.is_null() ? std::nullopt : std::optional(value.get<std::string>()));
    }
    EXPECT_EQ(row.size(), columns);
    rows.push_back(std::move(row));
  }
  return rows;
}

class RandomText {
 public:
  explicit RandomText(uint32_t seed) : random_(seed) {}

  size_t Below(size_t bound) { return random_() % bound; }

  // Mostly plain text of any length, with everything mixed in that an encoder could stumble over.
  std::optional<std::string> Cell(bool with_separators) {
    static const std::vector<std::string> kPieces = {"\"",
                                                     "\\",
                                                     "\\N",
                                                     "\n",
                                                     "\r",
                                                     "\t",
                                                     std::string("\0", 1),
                                                     "\x7F",
                                                     "é",
                                                     "漢字",
                                                     "\xF0\x9F\x98\x80",
                                                     "'",
                                                     "{",
                                                     "}",
                                                     ",",
                                                     "\x1F",
                                                     " ",
                                                     "\xEF\xBB\xBF",
                                                     "/"};
    if (Below(8) == 0) return std::nullopt;
    std::string text;
    for (size_t pieces = Below(12); pieces > 0; --pieces) {
      if (Below(3) == 0) {
        text += kPieces[Below(kPieces.size())];
      } else {
        text += std::string(Below(40), static_cast<char>('a' + Below(26)));
      }
      if (with_separators && Below(20) == 0) text += Below(2) == 0 ? '\x01' : '\x02';
    }
    return text;
  }

 private:
  std::mt19937 random_;
};

TEST(EncoderRoundTrip, ArrivesAsItWas) {
  size_t as_csv = 0;
  size_t as_json = 0;
  for (uint32_t seed = 0; seed < 400; ++seed) {
    RandomText text(seed);
    const size_t columns = 1 + text.Below(6);
    EncodePlan plan;
    for (uint32_t i = 0; i < columns; ++i) {
      plan.columns.push_back(
          ColumnPlan{.name = "c" + std::to_string(i),
                     .source_index = static_cast<uint32_t>(columns - 1 - i),
                     .type = TargetType{.kind = TargetTypeKind::kVarchar, .length = 65533},
                     .rule = CellRule::kText,
                     .limit_bytes = 65533});
    }
    FinishEncodePlan(plan, true);
    RowEncoder encoder(plan);
    ByteArena bodies[2];
    std::vector<Row> expected[2];
    std::vector<RowReject> rejects;
    EncodeCounts counts;
    for (int batches = 0; batches < 3; ++batches) {
      const bool with_separators = text.Below(2) == 0;
      RowBatch batch(columns);
      std::vector<Row> rows(1 + text.Below(20));
      for (Row& row : rows) {
        row.resize(columns);
        for (size_t i = 0; i < columns; ++i) {
          const auto cell = text.Cell(with_separators);
          cell ? batch.AppendCopy(*cell) : batch.AppendNull();
          row[columns - 1 - i] = cell;
        }
      }
      bool json = encoder.Encode(LoadFormat::kCsv, batch, bodies[0], rejects, counts) ==
                  EncodeEnd::kNeedsJson;
      if (json) {
        ASSERT_EQ(encoder.Encode(LoadFormat::kJson, batch, bodies[1], rejects, counts),
                  EncodeEnd::kDone);
      }
      expected[json].insert(expected[json].end(), rows.begin(), rows.end());
      ++(json ? as_json : as_csv);
    }
    ASSERT_TRUE(rejects.empty());
    const auto view = [](const ByteArena& body) {
      return body.size() == 0 ? std::string_view() : std::string_view(body.data(), body.size());
    };
    ASSERT_EQ(SplitCsv(view(bodies[0]), columns), expected[0]) << seed;
    ASSERT_EQ(SplitJson(view(bodies[1]), columns), expected[1]) << seed;
  }
  EXPECT_GT(as_csv, 100u);
  EXPECT_GT(as_json, 100u);
}

}  // namespace
}  // namespace starlift::starrocks
