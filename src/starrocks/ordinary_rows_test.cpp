#include <random>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "starrocks/calendar.h"
#include "starrocks/encoder.h"
#include "starrocks/ordinary_dates.h"
#include "starrocks/text_scan.h"

// What goes quickly must give what goes carefully gives.
namespace starlift::starrocks {
namespace {

constexpr size_t kSpareBytes = 64;

using Row = std::vector<std::optional<std::string>>;

ColumnPlan Column(CellRule rule, TargetTypeKind kind, uint32_t limit = 1000) {
  return ColumnPlan{.type = TargetType{.kind = kind, .length = limit},
                    .rule = rule,
                    .limit_bytes = limit,
                    .null_impossible = true};
}

EncodePlan PlanOf(std::vector<ColumnPlan> columns) {
  EncodePlan plan;
  plan.columns = std::move(columns);
  for (uint32_t i = 0; i < plan.columns.size(); ++i) {
    plan.columns[i].name = fmt::format("c{}", i);
    plan.columns[i].source_index = i;
  }
  FinishEncodePlan(plan, true);
  return plan;
}

struct Encoded {
  EncodeEnd end = EncodeEnd::kDone;
  std::string body;
  std::vector<RowReject> rejects;
  EncodeCounts counts;
};

// `spare`: bytes that may be read beyond the cells; without them nothing goes quickly.
Encoded Encode(const EncodePlan& plan, const std::vector<Row>& rows, size_t spare) {
  size_t bytes = 0;
  for (const Row& row : rows) {
    for (const auto& cell : row) bytes += cell ? cell->size() : 0;
  }
  RowBatch batch(plan.columns.size());
  // The arena's sizes are powers of two: filled up from the front, so that exactly `spare` is left.
  ByteArena& arena = batch.arena();
  arena.Reserve(bytes + spare);
  arena.Append(std::string(arena.capacity() - bytes - spare, '#'));
  for (const Row& row : rows) {
    for (const auto& cell : row) cell ? batch.AppendCopy(*cell) : batch.AppendNull();
  }
  ByteArena body;
  Encoded encoded;
  RowEncoder encoder(plan);
  encoded.end = encoder.Encode(LoadFormat::kCsv, batch, body, encoded.rejects, encoded.counts);
  encoded.body.assign(body.data() == nullptr ? "" : body.data(), body.size());
  return encoded;
}

void ExpectSame(const EncodePlan& plan, const std::vector<Row>& rows) {
  const Encoded quick = Encode(plan, rows, kSpareBytes);
  const Encoded careful = Encode(plan, rows, 0);
  EXPECT_EQ(quick.end, careful.end);
  EXPECT_EQ(quick.body, careful.body);
  EXPECT_EQ(quick.counts.rows, careful.counts.rows);
  EXPECT_EQ(quick.counts.nulled_dates, careful.counts.nulled_dates);
  EXPECT_EQ(quick.counts.truncated_cells, careful.counts.truncated_cells);
  ASSERT_EQ(quick.rejects.size(), careful.rejects.size());
  for (size_t i = 0; i < quick.rejects.size(); ++i) {
    EXPECT_EQ(quick.rejects[i].row, careful.rejects[i].row);
    EXPECT_EQ(quick.rejects[i].column, careful.rejects[i].column);
    EXPECT_EQ(quick.rejects[i].reason, careful.rejects[i].reason);
  }
}

EncodePlan EveryRule() {
  using enum TargetTypeKind;
  std::vector<ColumnPlan> columns = {
      Column(CellRule::kText, kVarchar, 300),    Column(CellRule::kNumber, kBigInt),
      Column(CellRule::kText, kVarchar, 40),     Column(CellRule::kDate, kDate),
      Column(CellRule::kDateTime, kDateTime),    Column(CellRule::kTimestamp, kDateTime),
      Column(CellRule::kTimestamp, kDateTime),   Column(CellRule::kFloat, kDouble),
      Column(CellRule::kBinary, kVarbinary, 64), Column(CellRule::kJson, kJson, 200),
      Column(CellRule::kText, kVarchar, 20)};
  columns[6].utc_offset_seconds = 3600;
  columns[10].truncate = true;
  columns[1].nullable = false;
  return PlanOf(std::move(columns));
}

class RandomRows {
 public:
  explicit RandomRows(uint32_t seed) : random_(seed) {}

  // `oddity`: one cell in so many is odd.
  std::vector<Row> Make(size_t count, size_t oddity) {
    oddity_ = oddity;
    std::vector<Row> rows;
    for (size_t i = 0; i < count; ++i) {
      rows.push_back(
          {Text(), std::to_string(random_()), Text(), Date(), DateTime(), DateTime(), DateTime(),
           Pick({"1.5", "-2e300", "0"}, {"NaN", "-inf", "-", ""}), std::string(Below(20), '\xAB'),
           Pick({"{\"a\": [1, 2]}", "null", "\"x\""}, {"{", "\"\xFF\"", "\"a\\nb\""}), Text()});
      for (auto& cell : rows.back()) {
        if (Odd()) cell.reset();
      }
    }
    return rows;
  }

 private:
  size_t Below(size_t bound) { return random_() % bound; }
  bool Odd() { return Below(oddity_) == 0; }

  std::string Pick(const std::vector<std::string>& usual, const std::vector<std::string>& odd) {
    const auto& from = Odd() ? odd : usual;
    return from[Below(from.size())];
  }

  std::string Text() {
    if (Odd()) {
      static const std::vector<std::string> kOdd = {"\\N",
                                                    "\\",
                                                    "\\Nx",
                                                    "x\\N",
                                                    "\x01",
                                                    "a\x02",
                                                    "\xFF",
                                                    "\xC3",
                                                    "é",
                                                    "日本語",
                                                    "\xEF\xBB\xBFx",
                                                    "",
                                                    std::string(500, 'y'),
                                                    std::string(35, '\\')};
      return kOdd[Below(kOdd.size())];
    }
    return std::string(Below(12) * Below(6), static_cast<char>('a' + Below(26)));
  }

  std::string Date() {
    if (Odd()) return Pick({"0000-00-00", "2023-02-29", "2024-02-29", "2024-12-31"}, {"x", ""});
    return fmt::format("{:04}-{:02}-{:02}", Below(10000), 1 + Below(12), 1 + Below(28));
  }

  std::string DateTime() {
    std::string text = fmt::format("{} {:02}:{:02}:{:02}", Date(), Below(Odd() ? 30 : 24),
                                   Below(Odd() ? 70 : 60), Below(Odd() ? 70 : 60));
    if (const size_t digits = Below(8); digits > 0 && (digits < 7 || Odd())) {
      text += "." + std::string(digits, static_cast<char>('0' + Below(10)));
    }
    return text;
  }

  std::mt19937 random_;
  size_t oddity_ = 1;
};

TEST(OrdinaryRows, GiveWhatCareGives) {
  const EncodePlan plan = EveryRule();
  for (uint32_t seed = 0; seed < 400; ++seed) {
    SCOPED_TRACE(seed);
    for (const size_t oddity : {5, 50, 400, 100'000}) {
      ExpectSame(plan, RandomRows(seed).Make(1 + seed % 40, oddity));
    }
  }
}

TEST(OrdinaryRows, LimitPrimaryKeys) {
  EncodePlan plan = PlanOf({Column(CellRule::kText, TargetTypeKind::kVarchar),
                            Column(CellRule::kAscii, TargetTypeKind::kVarchar),
                            Column(CellRule::kText, TargetTypeKind::kVarchar)});
  plan.columns[0].key = plan.columns[1].key = true;
  plan.limit_primary_key = true;
  for (size_t length = 60; length < 70; ++length) {
    ExpectSame(plan, {{std::string(length, 'a'), std::string(62, 'b'), "x"},
                      {std::string(length, '\0'), "b", "x"}});
  }
}

TEST(OrdinaryRows, OfManyNullsMakeRoom) {
  EncodePlan plan =
      PlanOf(std::vector<ColumnPlan>(1000, Column(CellRule::kText, TargetTypeKind::kVarchar)));
  std::vector<Row> rows(10, Row(1000));
  for (Row& row : rows) row[7] = "x";
  ExpectSame(plan, rows);
}

TEST(OrdinaryDates, AreAllDatesButTheLastOfMonths) {
  size_t ordinary = 0;
  for (int month = 0; month < 20; ++month) {
    for (int day = 0; day < 40; ++day) {
      std::string text = fmt::format("2023-{:02}-{:02}", month, day);
      const bool valid = CheckDate(text) == DateCheck::kValid;
      text.resize(kSpareBytes, '\xFF');
      const bool told = IsOrdinaryDate(text.data(), 10);
      EXPECT_TRUE(valid || !told) << text;
      EXPECT_EQ(IsOrdinaryDate(text.data(), 11), false);
      ordinary += told ? 1 : 0;
    }
  }
  EXPECT_EQ(ordinary, 365u - 7u);  // the 31sts are for care
}

TEST(OrdinaryDates, HaveNothingButDigitsInTheirPlaces) {
  const std::string right = "2023-11-23 13:45:56.123456";
  for (const size_t size : {19, 20, 21, 22, 25, 26, 27}) {
    for (size_t at = 0; at < right.size(); ++at) {
      for (int byte = 0; byte < 256; ++byte) {
        std::string text = right;
        text[at] = static_cast<char>(byte);
        text.resize(kSpareBytes, '7');
        const std::string_view cell(text.data(), size);
        if (IsOrdinaryDateTime(text.data(), size)) {
          EXPECT_EQ(CheckDateTime(cell), DateCheck::kValid) << cell;
        } else if (CheckDateTime(cell) == DateCheck::kValid) {
          EXPECT_EQ(cell.substr(5, 5), "11-31") << cell;
        }
        if (IsOrdinaryDate(text.data(), 10)) {
          EXPECT_EQ(CheckDate(cell.substr(0, 10)), DateCheck::kValid) << cell;
        }
      }
    }
  }
}

TEST(BodyScan, CountsEveryByteOfEveryLength) {
  std::mt19937 random(1);
  for (size_t size = 0; size < 20'000; size = size < 200 ? size + 1 : size * 2) {
    std::string body(size, 'x');
    size_t separators = 0;
    size_t backslashes = 0;
    for (char& c : body) {
      const size_t kind = random() % 4;
      c = "\x01\x02\\x"[kind];
      separators += kind < 2 ? 1 : 0;
      backslashes += kind == 2 ? 1 : 0;
    }
    const BodySeen seen = ScanBody(body);
    EXPECT_EQ(seen.separators, separators);
    EXPECT_EQ(seen.backslashes, backslashes);
    EXPECT_FALSE(seen.non_ascii);
    if (size == 0) continue;
    body[random() % size] = '\x80';
    EXPECT_TRUE(ScanBody(body).non_ascii);
  }
}

}  // namespace
}  // namespace starlift::starrocks
