#include "sandbox/sql/parser.h"

// PARTITION BY, single partitions, DISTRIBUTED BY, key clauses, rollups.
namespace starlift::sandbox::sql {
namespace {

constexpr std::string_view kIntervalUnits = "'MONTH', 'HOUR', 'SECOND', 'QUARTER', 'MINUTE'";

Result<PartitionValueSpec> ParseValue(TokenReader& reader) {
  PartitionValueSpec value;
  if (reader.Accept("MAXVALUE")) {
    value.kind = PartitionValueSpec::Kind::kMaximum;
  } else if (reader.Accept("NULL")) {
    value.kind = PartitionValueSpec::Kind::kNull;
  } else {
    SL_ASSIGN(value.text, reader.Text());
  }
  return value;
}

// (v1, v2), the parenthesis not yet taken.
Result<PartitionTupleSpec> ParseTuple(TokenReader& reader) {
  PartitionTupleSpec tuple;
  SL_TRY(reader.Expect("("));
  do {
    SL_ASSIGN(PartitionValueSpec value, ParseValue(reader));
    tuple.push_back(std::move(value));
  } while (reader.Accept(","));
  if (!reader.Accept(")")) return reader.Unexpected("',', ')'");
  return tuple;
}

// VALUES IN ("a", "b") gives two tuples of one; VALUES IN (("a", 1), …) tuples as they are.
Status ParseListValues(TokenReader& reader, PartitionSpec& partition) {
  partition.kind = PartitionSpec::Kind::kList;
  if (!reader.Sees({"(", "("})) {
    SL_ASSIGN(const PartitionTupleSpec items, ParseTuple(reader));
    for (const PartitionValueSpec& item : items) partition.values.push_back({item});
    return {};
  }
  partition.multi_item = true;
  SL_TRY(reader.Expect("("));
  do {
    SL_ASSIGN(PartitionTupleSpec tuple, ParseTuple(reader));
    partition.values.push_back(std::move(tuple));
  } while (reader.Accept(","));
  if (!reader.Accept(")")) return reader.Unexpected("',', ')'");
  return {};
}

Status ParseRangeValues(TokenReader& reader, PartitionSpec& partition) {
  if (reader.Accept("[")) {
    partition.kind = PartitionSpec::Kind::kBetween;
    SL_ASSIGN(partition.lower, ParseTuple(reader));
    SL_TRY(reader.Expect(","));
    SL_ASSIGN(partition.upper, ParseTuple(reader));
    return reader.Expect(")");
  }
  if (!reader.Accept("LESS")) return reader.Unexpected("'LESS', 'IN', '['");
  SL_TRY(reader.Expect("THAN"));
  partition.kind = PartitionSpec::Kind::kLessThan;
  if (reader.Accept("MAXVALUE")) {
    partition.less_than_maximum = true;
    return {};
  }
  SL_ASSIGN(partition.upper, ParseTuple(reader));
  return {};
}

Result<PartitionSpec> ParseMultiRange(TokenReader& reader, PartitionSpec partition) {
  partition.kind = PartitionSpec::Kind::kMultiRange;
  SL_TRY(reader.Expect("("));
  SL_ASSIGN(partition.start, reader.Text());
  SL_TRY(reader.Expect({")", "END", "("}));
  SL_ASSIGN(partition.stop, reader.Text());
  SL_TRY(reader.Expect({")", "EVERY", "("}));
  if (reader.Accept("INTERVAL")) {
    SL_ASSIGN(const auto interval, ParseInterval(reader));
    partition.every = interval.first;
    partition.every_unit = interval.second;
  } else {
    SL_ASSIGN(partition.every, reader.Integer());
  }
  SL_TRY(reader.Expect(")"));
  return partition;
}

Status ParsePartitionsInParentheses(TokenReader& reader, PartitionBySpec& by) {
  if (!reader.Accept("(")) return {};
  by.has_partition_list = true;
  if (reader.Accept(")")) return {};
  do {
    if (!reader.Peek().Is("PARTITION") && !reader.Peek().Is("START")) {
      return reader.Unexpected("'PARTITION', 'START', ')'");
    }
    SL_ASSIGN(PartitionSpec partition, ParsePartition(reader));
    by.partitions.push_back(std::move(partition));
  } while (reader.Accept(","));
  if (!reader.Accept(")")) return reader.Unexpected("',', ')'");
  return {};
}

// A list of plain names, or expressions such as date_trunc('day', dt).
Status ParseExpressions(TokenReader& reader, PartitionBySpec& by) {
  by.kind = PartitionBySpec::Kind::kExpressions;
  const size_t before = reader.position();
  if (reader.Accept("(")) {
    by.parenthesised = true;
    do {
      if (reader.Peek().Is(")")) return reader.Unexpected("a legal identifier");
      by.expressions.push_back(reader.ExpressionText({}));
    } while (reader.Accept(","));
    if (!reader.Accept(")")) return reader.Unexpected("',', ')'");
    return {};
  }
  reader.Rewind(before);
  do {
    if (!reader.Peek().IsWord() && reader.Peek().kind != TokenKind::kQuotedIdentifier) {
      return reader.Unexpected("a legal identifier");
    }
    // One name or one call: what follows (DISTRIBUTED BY, a partition list, …) is not part of it.
    TextRange range;
    const Token first = reader.Take();
    range.begin = first.position;
    if (reader.Accept("(")) {
      int depth = 1;
      while (depth > 0) {
        if (reader.AtEnd()) return reader.Unexpected("')'");
        const Token token = reader.Take();
        if (token.Is("(")) ++depth;
        if (token.Is(")")) --depth;
      }
    }
    const Token last = reader.Previous();
    range.end = last.position;
    range.text = reader.text().substr(first.offset, last.end_offset() - first.offset);
    by.expressions.push_back(range);
  } while (reader.Accept(","));
  return {};
}

}  // namespace

Result<std::pair<int64_t, std::string>> ParseInterval(TokenReader& reader) {
  SL_ASSIGN(const int64_t count, reader.Integer());
  static constexpr std::string_view kUnits[] = {"YEAR",        "QUARTER",    "MONTH",  "WEEK",
                                                "DAY",         "HOUR",       "MINUTE", "SECOND",
                                                "MICROSECOND", "MILLISECOND"};
  for (const std::string_view unit : kUnits) {
    if (reader.Accept(unit)) return std::pair(count, std::string(unit));
  }
  return reader.Unexpected(kIntervalUnits);
}

Result<PartitionSpec> ParsePartition(TokenReader& reader) {
  PartitionSpec partition;
  partition.begin = reader.Peek().position;
  if (reader.Accept("START")) return ParseMultiRange(reader, std::move(partition));
  SL_TRY(reader.Expect("PARTITION"));
  SL_ASSIGN(partition.if_not_exists, reader.IfNotExists());
  SL_ASSIGN(partition.name, reader.Name());
  SL_TRY(reader.Expect("VALUES"));
  if (reader.Accept("IN")) {
    SL_TRY(ParseListValues(reader, partition));
  } else {
    SL_TRY(ParseRangeValues(reader, partition));
  }
  if (reader.Peek().Is("(") && reader.Peek(1).kind == TokenKind::kString) {
    SL_ASSIGN(partition.properties, reader.PropertyList());
  }
  return partition;
}

Result<PartitionBySpec> ParsePartitionBy(TokenReader& reader) {
  PartitionBySpec by;
  if (reader.Accept("RANGE")) {
    by.kind = PartitionBySpec::Kind::kRange;
    SL_TRY(reader.Expect("("));
    if (reader.Peek().IsName() && !reader.Peek(1).Is("(")) {
      do {
        SL_ASSIGN(std::string column, reader.Name());
        by.columns.push_back(std::move(column));
      } while (reader.Accept(","));
    } else if (!reader.Peek().Is(")")) {
      by.expressions.push_back(reader.ExpressionText({}));
    } else {
      return reader.Unexpected("a legal identifier");
    }
    if (!reader.Accept(")")) return reader.Unexpected("',', ')'");
    if (!reader.Peek().Is("(")) return reader.Unexpected("'('");
    SL_TRY(ParsePartitionsInParentheses(reader, by));
    return by;
  }
  if (reader.Accept("LIST")) {
    by.kind = PartitionBySpec::Kind::kList;
    SL_ASSIGN(by.columns, reader.NameList());
    SL_TRY(ParsePartitionsInParentheses(reader, by));
    return by;
  }
  SL_TRY(ParseExpressions(reader, by));
  SL_TRY(ParsePartitionsInParentheses(reader, by));
  return by;
}

Result<DistributionSpec> ParseDistribution(TokenReader& reader) {
  DistributionSpec distribution;
  const Token begin = reader.Peek();
  distribution.begin = begin.position;
  SL_TRY(reader.Expect({"DISTRIBUTED", "BY"}));
  if (reader.Accept("RANDOM")) {
    distribution.random = true;
  } else if (reader.Accept("HASH")) {
    if (!reader.Peek().Is("(")) return reader.NoViable(begin);
    if (!reader.Peek(1).IsName()) {
      reader.Take();
      return reader.NoViable(begin);
    }
    SL_ASSIGN(distribution.columns, reader.NameList());
  } else {
    return reader.NoViable(begin);
  }
  if (reader.Accept("BUCKETS")) {
    SL_ASSIGN(distribution.buckets, reader.Integer());
  }
  distribution.end = reader.Previous().position;
  return distribution;
}

Result<std::optional<KeySpec>> ParseKey(TokenReader& reader) {
  KeySpec key;
  key.begin = reader.Peek().position;
  if (reader.Accept({"DUPLICATE"})) {
    key.word = KeyWord::kDuplicate;
  } else if (reader.Accept("AGGREGATE")) {
    key.word = KeyWord::kAggregate;
  } else if (reader.Accept("UNIQUE")) {
    key.word = KeyWord::kUnique;
  } else if (reader.Accept("PRIMARY")) {
    key.word = KeyWord::kPrimary;
  } else {
    return std::optional<KeySpec>();
  }
  SL_TRY(reader.Expect("KEY"));
  SL_ASSIGN(key.columns, reader.NameList());
  key.end = reader.Previous().position;
  return std::optional(std::move(key));
}

Result<RollupSpec> ParseRollup(TokenReader& reader) {
  RollupSpec rollup;
  SL_ASSIGN(rollup.name, reader.Name());
  SL_ASSIGN(rollup.columns, reader.NameList());
  if (reader.Accept({"DUPLICATE", "KEY"})) {
    SL_ASSIGN(rollup.duplicate_key, reader.NameList());
  }
  if (reader.Accept("FROM")) {
    SL_ASSIGN(rollup.from, reader.Name());
  }
  if (reader.Accept("PROPERTIES")) {
    SL_ASSIGN(rollup.properties, reader.PropertyList());
  }
  return rollup;
}

}  // namespace starlift::sandbox::sql
