#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "data/table.h"

namespace starlift::smt {

// kRight: what keeps every value. kCompat: what the original tool writes for the same column, save
// where that is no SQL at all.
enum class Form { kRight, kCompat };

struct TypeRequest {
  Form form = Form::kRight;
  // Digits of the widest DECIMAL: 38, or 27 where the config says use_decimal_v3 = false.
  uint8_t decimal_digits = 38;
  // The column stands in the key of the table that is made: of a PRIMARY KEY, or a sort key.
  bool in_key = false;
  // Of a PRIMARY KEY, which takes fewer types than a sort key does.
  bool in_primary_key = false;
};

// How a column stands in the DDL. Plain data.
struct ColumnType {
  // As in CREATE TABLE of StarRocks: "DECIMAL(10, 2)". Empty: the table can't be made with it.
  std::string starrocks;
  // As in CREATE TABLE of Flink, of source and sink alike. Empty where the source has no Flink
  // connector.
  std::string flink;
  // The type in Flink's source table where it is another one, and the expression that turns it into
  // the sink's, with {0} for the column: "TIME(3)", "CAST({0} AS STRING)". Mostly empty.
  std::string flink_source;
  std::string flink_expression;
  // Options that Flink's source table needs for it: name, value.
  std::vector<std::pair<std::string, std::string>> flink_options;
  // Where the load makes the value of what Flink sends: the expression of StarRocks, with {0} for
  // what is sent: "to_binary({0},\"hex\")". Mostly empty.
  std::string load_expression;
  // What is lost or looks different in the target, as half a sentence: "fraction digits after the
  // sixth". Empty: nothing.
  std::string lossy;
  // kRight only: why this isn't the original's type, as half a sentence. Empty: it is, or the
  // difference needs no reason.
  std::string reason;
  // A value that the source says is NOT NULL may have to land as NULL.
  bool forces_nullable = false;
};

// The rule of one source database, a pure function: docs/reference/smt.md, table of its types. Goes
// by `column.native_type`, spelled as the source prints it, and by `column.type` where that is
// handier.
using TypeRule = ColumnType (*)(const Column& column, const TypeRequest& request);

}  // namespace starlift::smt
