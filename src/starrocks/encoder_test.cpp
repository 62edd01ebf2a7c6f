#include "starrocks/encoder.h"

#include <gtest/gtest.h>

namespace starlift::starrocks {
namespace {

using Cells = std::vector<std::optional<std::string>>;

ColumnPlan Column(std::string name, TargetTypeKind kind, CellRule rule, uint32_t limit = 1000) {
  return ColumnPlan{.name = std::move(name),
                    .type = TargetType{.kind = kind, .length = limit},
                    .rule = rule,
                    .limit_bytes = limit,
                    .null_impossible = true};
}

ColumnPlan Text(std::string name, uint32_t limit = 1000) {
  return Column(std::move(name), TargetTypeKind::kVarchar, CellRule::kText, limit);
}

ColumnPlan Number(std::string name, TargetTypeKind kind = TargetTypeKind::kInt) {
  return Column(std::move(name), kind, CellRule::kNumber);
}

EncodePlan Plan(std::vector<ColumnPlan> columns) {
  EncodePlan plan;
  plan.columns = std::move(columns);
  for (uint32_t i = 0; i < plan.columns.size(); ++i) plan.columns[i].source_index = i;
  FinishEncodePlan(plan, true);
  return plan;
}

RowBatch Batch(const std::vector<Cells>& rows) {
  RowBatch batch(rows.front().size());
  for (const Cells& row : rows) {
    for (const auto& cell : row) {
      cell ? batch.AppendCopy(*cell) : batch.AppendNull();
    }
  }
  return batch;
}

struct Encoded {
  EncodeEnd end;
  std::string body;
  std::vector<RowReject> rejects;
  EncodeCounts counts;
};

Encoded Encode(const EncodePlan& plan, LoadFormat format, const std::vector<Cells>& rows) {
  RowEncoder encoder(plan);
  ByteArena body;
  Encoded encoded{};
  encoded.end = encoder.Encode(format, Batch(rows), body, encoded.rejects, encoded.counts);
  encoded.body.assign(body.data() == nullptr ? "" : body.data(), body.size());
  return encoded;
}

// Readable separators: "|" and newline.
std::string Csv(const EncodePlan& plan, const std::vector<Cells>& rows) {
  Encoded encoded = Encode(plan, LoadFormat::kCsv, rows);
  EXPECT_EQ(encoded.end, EncodeEnd::kDone);
  EXPECT_TRUE(encoded.rejects.empty());
  EXPECT_EQ(encoded.counts.rows, rows.size());
  for (char& c : encoded.body) c = c == kColumnSeparator ? '|' : c == kRowDelimiter ? '\n' : c;
  return encoded.body;
}

std::string Json(const EncodePlan& plan, const std::vector<Cells>& rows) {
  const Encoded encoded = Encode(plan, LoadFormat::kJson, rows);
  EXPECT_EQ(encoded.end, EncodeEnd::kDone);
  EXPECT_TRUE(encoded.rejects.empty());
  return encoded.body;
}

RejectReason Rejected(const EncodePlan& plan, LoadFormat format, const Cells& row) {
  const Encoded encoded = Encode(plan, format, {row});
  EXPECT_EQ(encoded.body, "");
  EXPECT_EQ(encoded.counts.rows, 0u);
  if (encoded.rejects.size() != 1) {
    ADD_FAILURE() << "the row was taken";
    return RejectReason::kNull;
  }
  return encoded.rejects[0].reason;
}

TEST(CsvEncoder, WritesFieldsNullsAndEmptyTexts) {
  EXPECT_EQ(Csv(Plan({Number("a"), Text("b"), Text("c")}),
                {{"1", "x", std::nullopt}, {"-2", "", "déjà\tvu\n"}}),
            "1|x|\\N\n-2||déjà\tvu\n\n");
}

TEST(CsvEncoder, FollowsThePlansOrderNotTheBatchs) {
  EncodePlan plan = Plan({Text("a"), Text("b")});
  plan.columns[0].source_index = 1;
  plan.columns[1].source_index = 0;
  EXPECT_EQ(Csv(plan, {{"first", "second"}}), "second|first\n");
}

TEST(CsvEncoder, CopiesTextsOfEveryLength) {
  const EncodePlan plan = Plan({Text("a")});
  for (size_t length = 1; length < 100; ++length) {
    std::string text;
    for (size_t i = 0; i < length; ++i) text += static_cast<char>('a' + i % 26);
    EXPECT_EQ(Csv(plan, {{text}}), text + "\n");
  }
}

TEST(CsvEncoder, AsksForJsonWhereCsvCantSayIt) {
  const EncodePlan two = Plan({Number("a"), Text("b")});
  const EncodePlan one = Plan({Text("a")});
  const auto needs_json = [](const EncodePlan& plan, const Cells& row) {
    const Encoded encoded = Encode(plan, LoadFormat::kCsv, {row});
    const bool json = encoded.end == EncodeEnd::kNeedsJson;
    EXPECT_EQ(encoded.body.empty(), json);
    return json;
  };
  EXPECT_TRUE(needs_json(two, {"1", "\\N"}));
  EXPECT_TRUE(needs_json(one, {""}));
  EXPECT_TRUE(needs_json(Plan({Column("h", TargetTypeKind::kVarchar, CellRule::kHex)}), {""}));
  EXPECT_TRUE(needs_json(one, {"\xEF\xBB\xBFtext"}));
  EXPECT_FALSE(needs_json(one, {"\\N "}));
  EXPECT_FALSE(needs_json(two, {"1", ""}));
  EXPECT_FALSE(needs_json(two, {"1", "\xEF\xBB\xBFtext"})) << "only the body's first bytes matter";
  // A separator at every place of a long text.
  for (size_t at = 0; at < 70; ++at) {
    for (const char separator : {kColumnSeparator, kRowDelimiter}) {
      std::string text(70, 'x');
      text[at] = separator;
      EXPECT_TRUE(needs_json(two, {"1", text})) << at;
    }
  }
}

TEST(CsvEncoder, LeavesTheBodyAsItWasWhenAskingForJson) {
  const EncodePlan plan = Plan({Text("a"), Text("b")});
  RowEncoder encoder(plan);
  ByteArena body;
  std::vector<RowReject> rejects;
  EncodeCounts counts;
  ASSERT_EQ(encoder.Encode(LoadFormat::kCsv, Batch({{"1", "x"}}), body, rejects, counts),
            EncodeEnd::kDone);
  const size_t before = body.size();
  const std::string large(200'000, 'y');
  ASSERT_EQ(encoder.Encode(LoadFormat::kCsv, Batch({{"2", large}, {"\xFF", "z"}, {"3", "\x01"}}),
                           body, rejects, counts),
            EncodeEnd::kNeedsJson);
  EXPECT_EQ(body.size(), before);
  EXPECT_EQ(counts.rows, 1u);
  EXPECT_TRUE(rejects.empty());
}

TEST(Encoder, RejectsTextThatIsNotUtf8) {
  const EncodePlan plan = Plan({Text("a"), Text("b")});
  for (const std::string& text :
       {std::string("\xFF"), std::string("abc\xC3"), std::string("\xED\xA0\x80"),
        std::string("\xC0\x80"), std::string(40, 'a') + "\x80"}) {
    EXPECT_EQ(Rejected(plan, LoadFormat::kCsv, {"x", text}), RejectReason::kIllFormedText);
    EXPECT_EQ(Rejected(plan, LoadFormat::kJson, {"x", text}), RejectReason::kIllFormedText);
  }
}

TEST(Encoder, LeavesOutOnlyTheBadRow) {
  const EncodePlan plan = Plan({Text("a", 3), Text("b")});
  const Encoded encoded =
      Encode(plan, LoadFormat::kCsv, {{"abc", "1"}, {"abcd", "2"}, {"é", "3"}, {"x", "\xFF"}});
  EXPECT_EQ(encoded.counts.rows, 2u);
  EXPECT_EQ(encoded.body,
            "abc\x01"
            "1\x02"
            "é\x01"
            "3\x02");
  ASSERT_EQ(encoded.rejects.size(), 2u);
  EXPECT_EQ(encoded.rejects[0].row, 1u);
  EXPECT_EQ(encoded.rejects[0].column, 0u);
  EXPECT_EQ(encoded.rejects[0].reason, RejectReason::kTooLong);
  EXPECT_EQ(encoded.rejects[1].row, 3u);
  EXPECT_EQ(encoded.rejects[1].column, 1u);
  EXPECT_EQ(RowEncoder(plan).Describe(encoded.rejects[0]), "column `a`: longer than 3 bytes");
}

TEST(Encoder, CutsLongTextAtACharacter) {
  EncodePlan plan = Plan({Text("a", 4), Text("b")});
  plan.columns[0].truncate = true;
  EXPECT_EQ(Csv(plan, {{"abééé", "x"}, {"abcdef", "x"}, {"abc\xF0\x9F\x98\x80", "x"}}),
            "abé|x\nabcd|x\nabc|x\n");
  EXPECT_EQ(Encode(plan, LoadFormat::kJson, {{"abcdef", "x"}}).counts.truncated_cells, 1u);
}

TEST(Encoder, RejectsNullWhereTheTargetHasNone) {
  EncodePlan plan = Plan({Number("a"), Column("d", TargetTypeKind::kDate, CellRule::kDate)});
  plan.columns[0].nullable = plan.columns[1].nullable = false;
  EXPECT_EQ(Rejected(plan, LoadFormat::kCsv, {std::nullopt, "2024-01-01"}), RejectReason::kNull);
  EXPECT_EQ(Rejected(plan, LoadFormat::kCsv, {"1", "0000-00-00"}), RejectReason::kNull);
  EXPECT_EQ(Rejected(plan, LoadFormat::kJson, {"1", "0000-00-00"}), RejectReason::kNull);
}

TEST(Encoder, MakesImpossibleDatesNull) {
  EncodePlan plan = Plan({Column("d", TargetTypeKind::kDate, CellRule::kDate),
                          Column("t", TargetTypeKind::kDateTime, CellRule::kDateTime)});
  const std::vector<Cells> rows = {{"2024-02-29", "2024-02-29 23:59:59.999999"},
                                   {"2023-02-29", "0000-00-00 00:00:00"},
                                   {"0000-01-01", "2020-00-05 10:00:00"}};
  EXPECT_EQ(Csv(plan, rows), "2024-02-29|2024-02-29 23:59:59.999999\n\\N|\\N\n0000-01-01|\\N\n");
  EXPECT_EQ(Json(plan, {rows[1]}), "{\"d\":null,\"t\":null}\n");
  EXPECT_EQ(Encode(plan, LoadFormat::kCsv, rows).counts.nulled_dates, 3u);
  plan.columns[0].null_impossible = false;
  EXPECT_EQ(Rejected(plan, LoadFormat::kCsv, {"2023-02-29", std::nullopt}),
            RejectReason::kIllFormedValue);
}

TEST(Encoder, MovesTimestampsToTheTargetsZone) {
  EncodePlan plan = Plan({Column("t", TargetTypeKind::kDateTime, CellRule::kTimestamp), Text("x")});
  plan.columns[0].utc_offset_seconds = 8 * 3600;
  EXPECT_EQ(Csv(plan, {{"2024-02-28 20:00:01.5", ""}, {"1999-12-31 16:00:00", ""}}),
            "2024-02-29 04:00:01.5|\n2000-01-01 00:00:00|\n");
}

TEST(Encoder, RejectsWhatIsNotFinite) {
  EncodePlan plan = Plan({Column("f", TargetTypeKind::kDouble, CellRule::kFloat), Text("x")});
  EXPECT_EQ(Csv(plan, {{"-1.5e-300", "x"}, {"NaN", "x"}, {"-Infinity", "x"}}),
            "-1.5e-300|x\n\\N|x\n\\N|x\n");
  plan.columns[0].null_impossible = false;
  EXPECT_EQ(Rejected(plan, LoadFormat::kJson, {"nan", "x"}), RejectReason::kNotFinite);
}

TEST(Encoder, SendsBinaryAsHexThroughAnExpression) {
  EncodePlan plan =
      Plan({Number("id"), Column("b`in", TargetTypeKind::kVarbinary, CellRule::kBinary, 4),
            Column("SL_1", TargetTypeKind::kVarchar, CellRule::kHex, 8)});
  const std::string bytes("\x00\x01\xFE\xFF", 4);
  EXPECT_EQ(plan.csv_columns_header, "`id`,`sl_1_`,`SL_1`,`b``in`=to_binary(`sl_1_`,'hex')");
  EXPECT_EQ(Csv(plan, {{"1", bytes, bytes}, {"2", "", ""}}), "1|0001feff|0001feff\n2||\n");
  EXPECT_EQ(Json(plan, {{"1", bytes, std::nullopt}}),
            "{\"id\":1,\"sl_1_\":\"0001feff\",\"SL_1\":null}\n");
  EXPECT_EQ(Rejected(plan, LoadFormat::kCsv, {"1", bytes + "x", ""}), RejectReason::kTooLong);
  EXPECT_EQ(Rejected(plan, LoadFormat::kCsv, {"1", "", bytes + "x"}), RejectReason::kTooLong);
}

TEST(Encoder, KeepsJsonNullApartFromSqlNull) {
  const EncodePlan plan = Plan({Number("id"), Column("j", TargetTypeKind::kJson, CellRule::kJson)});
  EXPECT_EQ(plan.csv_columns_header, "");
  EXPECT_EQ(plan.json_columns_header, "`id`,`sl_1`,`j`=parse_json(`sl_1`)");
  EXPECT_EQ(Csv(plan, {{"1", "null"}, {"2", std::nullopt}, {"3", "{\"a\": [1, \"x\"]}"}}),
            "1|null\n2|\\N\n3|{\"a\": [1, \"x\"]}\n");
  EXPECT_EQ(Json(plan, {{"1", "null"}, {"2", std::nullopt}, {"3", "{\"a\": \"\\n\"}"}}),
            "{\"id\":1,\"sl_1\":\"null\"}\n{\"id\":2,\"sl_1\":null}\n"
            "{\"id\":3,\"sl_1\":\"{\\\"a\\\": \\\"\\\\n\\\"}\"}\n");
  EXPECT_EQ(Rejected(plan, LoadFormat::kCsv, {"1", "{a:1}"}), RejectReason::kIllFormedValue);
  EXPECT_EQ(Rejected(plan, LoadFormat::kCsv, {"1", ""}), RejectReason::kIllFormedValue);
}

TEST(JsonEncoder, QuotesWhatParsersWouldRound) {
  const EncodePlan plan =
      Plan({Number("i", TargetTypeKind::kBigInt), Number("l", TargetTypeKind::kLargeInt),
            Number("d", TargetTypeKind::kDecimal),
            Column("f", TargetTypeKind::kFloat, CellRule::kFloat), Text("t\"\n")});
  EXPECT_EQ(Json(plan, {{"-9223372036854775808", "18446744073709551615", "1.50", "1e+20",
                         std::string("q\"b\\n\n\x01\x02\x1f\0z", 11)}}),
            "{\"i\":-9223372036854775808,\"l\":\"18446744073709551615\",\"d\":\"1.50\",\"f\":1e+20,"
            "\"t\\\"\\n\":\"q\\\"b\\\\n\\n\\u0001\\u0002\\u001f\\u0000z\"}\n");
}

TEST(JsonEncoder, EscapesTextsOfEveryLength) {
  const EncodePlan plan = Plan({Text("a")});
  for (size_t length = 0; length < 40; ++length) {
    for (size_t at = 0; at < length; ++at) {
      std::string text(length, 'x');
      text[at] = '"';
      std::string escaped = text;
      escaped.insert(at, "\\");
      EXPECT_EQ(Json(plan, {{text}}), "{\"a\":\"" + escaped + "\"}\n");
    }
  }
}

TEST(Encoder, RefusesPrimaryKeysThatAreTooLong) {
  EncodePlan plan = Plan({Text("k1", 400), Number("k2"), Text("k3", 400), Text("v")});
  for (int i = 0; i < 3; ++i) {
    plan.columns[static_cast<size_t>(i)].key = true;
    plan.columns[static_cast<size_t>(i)].nullable = false;
  }
  plan.limit_primary_key = true;
  // 4 for the INT, 2 that end the first text.
  const auto row = [](size_t first, size_t last) {
    return Cells{std::string(first, 'a'), "1", std::string(last, 'b'), "v"};
  };
  EXPECT_EQ(Encode(plan, LoadFormat::kCsv, {row(61, 61)}).counts.rows, 1u);
  EXPECT_EQ(Rejected(plan, LoadFormat::kCsv, row(61, 62)), RejectReason::kKeyTooLong);
  EXPECT_EQ(Rejected(plan, LoadFormat::kJson, row(62, 61)), RejectReason::kKeyTooLong);
  // A zero byte inside the first text is escaped.
  Cells zero = row(61, 61);
  (*zero[0])[3] = '\0';
  EXPECT_EQ(Rejected(plan, LoadFormat::kCsv, zero), RejectReason::kKeyTooLong);
}

TEST(EncodePlan, NamesColumnsOnlyWhereItHasTo) {
  EncodePlan plan = Plan({Number("a"), Text("order")});
  EXPECT_EQ(plan.csv_columns_header, "");
  EXPECT_EQ(plan.json_columns_header, "");
  FinishEncodePlan(plan, false);
  EXPECT_EQ(plan.csv_columns_header, "`a`,`order`");
}

}  // namespace
}  // namespace starlift::starrocks
