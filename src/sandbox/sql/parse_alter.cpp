#include "sandbox/sql/parser.h"

// ALTER TABLE and its clauses.
namespace starlift::sandbox::sql {
namespace {

using Kind = AlterClause::Kind;

Status ParseColumnPosition(TokenReader& reader, AlterClause& clause) {
  if (reader.Accept("FIRST")) {
    clause.position.first = true;
  } else if (reader.Accept("AFTER")) {
    SL_ASSIGN(clause.position.after, reader.Name());
  }
  return {};
}

// TO, IN or FROM a rollup; PROPERTIES.
Status ParseColumnTail(TokenReader& reader, AlterClause& clause) {
  if (reader.Accept("TO") || reader.Accept("IN") || reader.Accept("FROM")) {
    SL_ASSIGN(clause.rollup, reader.Name());
  }
  if (reader.Accept("PROPERTIES")) {
    SL_ASSIGN(clause.properties, reader.PropertyList());
  }
  return {};
}

Status ParseAddColumn(TokenReader& reader, const Token& begin, AlterClause& clause) {
  if (reader.Accept("(")) {
    clause.kind = Kind::kAddColumns;
    do {
      SL_ASSIGN(ColumnSpec column, ParseColumn(reader));
      clause.columns.push_back(std::move(column));
    } while (reader.Accept(","));
    if (!reader.Accept(")")) return reader.Unexpected("',', ')'");
    return ParseColumnTail(reader, clause);
  }
  if (!reader.Peek().IsName()) return reader.NoViable(begin);
  clause.kind = Kind::kAddColumn;
  SL_ASSIGN(ColumnSpec column, ParseColumn(reader));
  clause.columns.push_back(std::move(column));
  SL_TRY(ParseColumnPosition(reader, clause));
  return ParseColumnTail(reader, clause);
}

Status ParseAddPartitions(TokenReader& reader, AlterClause& clause) {
  clause.kind = Kind::kAddPartition;
  SL_ASSIGN(PartitionSpec partition, ParsePartition(reader));
  clause.partitions.push_back(std::move(partition));
  if (reader.Peek().Is("DISTRIBUTED")) {
    SL_ASSIGN(clause.distribution, ParseDistribution(reader));
  }
  if (reader.Peek().Is("(")) {
    SL_ASSIGN(clause.properties, reader.PropertyList());
  }
  return {};
}

Status ParseAdd(TokenReader& reader, const Token& begin, AlterClause& clause) {
  if (reader.Accept("COLUMN")) return ParseAddColumn(reader, begin, clause);
  if (reader.Accept("INDEX")) {
    clause.kind = Kind::kAddIndex;
    SL_ASSIGN(IndexSpec index, ParseIndex(reader, begin));
    clause.indexes.push_back(std::move(index));
    return {};
  }
  if (reader.Accept("ROLLUP")) {
    clause.kind = Kind::kAddRollup;
    do {
      SL_ASSIGN(RollupSpec rollup, ParseRollup(reader));
      clause.rollups.push_back(std::move(rollup));
    } while (reader.Accept(","));
    return {};
  }
  clause.temporary = reader.Accept("TEMPORARY");
  if (reader.Peek().Is("PARTITION")) return ParseAddPartitions(reader, clause);
  if (reader.Accept("PARTITIONS")) {
    if (reader.Peek().Is("START")) return ParseAddPartitions(reader, clause);
    return reader.Unexpected("'START'");
  }
  return reader.NoViable();
}

Status ParseDropPartition(TokenReader& reader, AlterClause& clause) {
  clause.kind = Kind::kDropPartition;
  const bool several = reader.Previous().Is("PARTITIONS");
  SL_ASSIGN(clause.if_exists, reader.IfExists());
  if (reader.Peek().Is("(")) {
    SL_ASSIGN(clause.names, reader.NameList());
  } else if (several && reader.Accept("WHERE")) {
    clause.text = std::string(reader.ExpressionText({"FORCE"}).text);
  } else if (several && reader.Peek().Is("START") && reader.Peek(1).Is("(")) {
    SL_ASSIGN(PartitionSpec steps, ParsePartition(reader));
    clause.partitions.push_back(std::move(steps));
  } else {
    SL_ASSIGN(std::string name, reader.Name());
    clause.names.push_back(std::move(name));
  }
  clause.force = reader.Accept("FORCE");
  return {};
}

Status ParseDrop(TokenReader& reader, AlterClause& clause) {
  if (reader.Accept("COLUMN")) {
    clause.kind = Kind::kDropColumn;
    SL_ASSIGN(clause.name, reader.Name());
    return ParseColumnTail(reader, clause);
  }
  if (reader.Accept("INDEX")) {
    clause.kind = Kind::kDropIndex;
    SL_ASSIGN(clause.name, reader.Name());
    return {};
  }
  if (reader.Accept("ROLLUP")) {
    clause.kind = Kind::kDropRollup;
    do {
      SL_ASSIGN(std::string name, reader.Name());
      clause.names.push_back(std::move(name));
    } while (reader.Accept(","));
    if (reader.Accept("PROPERTIES")) SL_TRY(reader.PropertyList());
    return {};
  }
  clause.temporary = reader.Accept("TEMPORARY");
  if (reader.Accept("PARTITION") || reader.Accept("PARTITIONS")) {
    return ParseDropPartition(reader, clause);
  }
  return reader.NoViable();
}

Status ParseModify(TokenReader& reader, const Token& begin, AlterClause& clause) {
  if (reader.Accept("PARTITION")) {
    clause.kind = Kind::kModifyPartition;
    if (reader.Accept({"(", "*", ")"})) {
      clause.names.push_back("*");
    } else if (reader.Peek().Is("(")) {
      SL_ASSIGN(clause.names, reader.NameList());
    } else {
      SL_ASSIGN(std::string name, reader.Name());
      clause.names.push_back(std::move(name));
    }
    SL_TRY(reader.Expect("SET"));
    SL_ASSIGN(clause.properties, reader.PropertyList());
    return {};
  }
  if (!reader.Accept("COLUMN")) return reader.NoViable(begin);
  if (reader.Peek().IsName() && reader.Peek(1).Is("COMMENT") &&
      reader.Peek(2).kind == TokenKind::kString) {
    clause.kind = Kind::kModifyColumnComment;
    clause.name = reader.Take().Name();
    reader.Take();
    clause.text = reader.Take().value;
    return {};
  }
  clause.kind = Kind::kModifyColumn;
  SL_ASSIGN(ColumnSpec column, ParseColumn(reader));
  clause.columns.push_back(std::move(column));
  SL_TRY(ParseColumnPosition(reader, clause));
  return ParseColumnTail(reader, clause);
}

Status ParseRename(TokenReader& reader, const Token& begin, AlterClause& clause) {
  const auto names = [&](Kind kind, bool with_to) -> Status {
    clause.kind = kind;
    SL_ASSIGN(clause.name, reader.Name());
    if (with_to) SL_TRY(reader.Expect("TO"));
    SL_ASSIGN(clause.new_name, reader.Name());
    return {};
  };
  if (reader.Accept("COLUMN")) return names(Kind::kRenameColumn, true);
  if (reader.Accept("PARTITION")) return names(Kind::kRenamePartition, false);
  if (reader.Sees({"ROLLUP"}) && reader.Peek(1).IsName()) {
    reader.Take();
    return names(Kind::kRenameRollup, false);
  }
  if (!reader.Peek().IsName()) return reader.NoViable(begin);
  clause.kind = Kind::kRename;
  SL_ASSIGN(clause.new_name, reader.Name());
  return {};
}

Status ParseReplacePartition(TokenReader& reader, AlterClause& clause) {
  clause.kind = Kind::kReplacePartition;
  SL_ASSIGN(clause.names, reader.NameList());
  SL_TRY(reader.Expect({"WITH", "TEMPORARY"}));
  if (!reader.Accept("PARTITION") && !reader.Accept("PARTITIONS")) {
    return reader.Unexpected("'PARTITION', 'PARTITIONS'");
  }
  SL_ASSIGN(clause.other_names, reader.NameList());
  if (reader.Accept("PROPERTIES")) {
    SL_ASSIGN(clause.properties, reader.PropertyList());
  }
  return {};
}

Status ParseTruncatePartition(TokenReader& reader, AlterClause& clause) {
  clause.kind = Kind::kTruncatePartition;
  if (reader.Peek().Is("(")) {
    SL_ASSIGN(clause.names, reader.NameList());
    return {};
  }
  SL_ASSIGN(std::string name, reader.Name());
  clause.names.push_back(std::move(name));
  return {};
}

// A new key, partitioning, distribution or order of the whole table.
Result<bool> ParseOptimize(TokenReader& reader, AlterClause& clause) {
  SL_ASSIGN(clause.key, ParseKey(reader));
  if (reader.Accept({"PARTITION", "BY"})) {
    SL_ASSIGN(clause.partition_by, ParsePartitionBy(reader));
  }
  if (reader.Peek().Is("DISTRIBUTED")) {
    SL_ASSIGN(clause.distribution, ParseDistribution(reader));
  }
  const bool optimize = clause.key || clause.partition_by || clause.distribution;
  if (reader.Accept({"ORDER", "BY"})) {
    SL_ASSIGN(clause.names, reader.NameList());
    if (optimize) {
      clause.kind = Kind::kOptimize;
    } else {
      clause.kind = Kind::kOrderBy;
      SL_TRY(ParseColumnTail(reader, clause));
    }
    return true;
  }
  clause.kind = Kind::kOptimize;
  return optimize;
}

Result<bool> ParseOtherClause(TokenReader& reader, AlterClause& clause) {
  if (reader.Accept({"SWAP", "WITH"})) {
    clause.kind = Kind::kSwap;
    SL_ASSIGN(clause.new_name, reader.Name());
    return true;
  }
  if (reader.Accept("COMMENT")) {
    clause.kind = Kind::kComment;
    SL_TRY(reader.Expect("="));
    SL_ASSIGN(clause.text, reader.Text());
    return true;
  }
  if (reader.Accept("SET")) {
    clause.kind = Kind::kSetProperties;
    SL_ASSIGN(clause.properties, reader.PropertyList());
    return true;
  }
  if (reader.Accept({"REPLACE", "PARTITION"}) || reader.Accept({"REPLACE", "PARTITIONS"})) {
    SL_TRY(ParseReplacePartition(reader, clause));
    return true;
  }
  if (reader.Accept({"TRUNCATE", "PARTITION"}) || reader.Accept({"TRUNCATE", "PARTITIONS"})) {
    SL_TRY(ParseTruncatePartition(reader, clause));
    return true;
  }
  if (reader.Sees({"BASE", "COMPACT"}) || reader.Sees({"CUMULATIVE", "COMPACT"})) reader.Take();
  if (reader.Accept("COMPACT")) {
    clause.kind = Kind::kCompact;
    if (reader.Peek().Is("(")) {
      SL_ASSIGN(clause.names, reader.NameList());
    } else if (reader.Peek().IsName()) {
      clause.names.push_back(reader.Take().Name());
    }
    return true;
  }
  return ParseOptimize(reader, clause);
}

// False: no clause begins here.
Result<bool> ParseClause(TokenReader& reader, AlterClause& clause) {
  const Token begin = reader.Peek();
  clause.begin = begin.position;
  bool found = true;
  if (reader.Accept("ADD")) {
    SL_TRY(ParseAdd(reader, begin, clause));
  } else if (reader.Accept("DROP")) {
    SL_TRY(ParseDrop(reader, clause));
  } else if (reader.Accept("MODIFY")) {
    SL_TRY(ParseModify(reader, begin, clause));
  } else if (reader.Accept("RENAME")) {
    SL_TRY(ParseRename(reader, begin, clause));
  } else {
    SL_ASSIGN(found, ParseOtherClause(reader, clause));
  }
  clause.end = reader.Previous().position;
  return found;
}

}  // namespace

Result<Statement> ParseAlterTable(TokenReader& reader) {
  AlterTable alter;
  SL_TRY(reader.Expect({"ALTER", "TABLE"}));
  if (!reader.Peek().IsName()) return reader.NoViable();
  SL_ASSIGN(alter.name, reader.ObjectName());
  do {
    AlterClause clause;
    SL_ASSIGN(const bool found, ParseClause(reader, clause));
    if (!found) {
      if (!alter.clauses.empty()) return reader.NoViable();
      break;
    }
    alter.clauses.push_back(std::move(clause));
  } while (reader.Accept(","));
  SL_TRY(reader.ExpectEnd());
  return Statement(std::move(alter));
}

}  // namespace starlift::sandbox::sql
