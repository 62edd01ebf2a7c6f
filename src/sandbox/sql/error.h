#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "base/result.h"

// Errors that go to a MySQL client. They travel as starlift::Error: `native_code` is the MySQL or
// StarRocks error number, `message` the exact text of the error packet. The SQLSTATE is a function
// of the number, so it is not carried along.
namespace starlift::sandbox::sql {

namespace code {
inline constexpr int kCantCreateDatabase = 1007;
inline constexpr int kCantDropDatabase = 1008;
inline constexpr int kAccessDeniedLogin = 1045;
inline constexpr int kNoDatabaseSelected = 1046;
inline constexpr int kUnknownCommand = 1047;
inline constexpr int kTableExists = 1050;
inline constexpr int kUnknownFunction = 1055;
inline constexpr int kDuplicateColumn = 1060;
inline constexpr int kGeneric = 1064;
inline constexpr int kUnknownThread = 1094;
inline constexpr int kWrongDatabaseName = 1102;
inline constexpr int kUnknownCharset = 1115;
inline constexpr int kWrongColumnName = 1166;
inline constexpr int kUnknownVariable = 1193;
inline constexpr int kWrongValueForVariable = 1231;
inline constexpr int kUnsupportedPrepared = 1295;
inline constexpr int kUnknownTimeZone = 1298;
inline constexpr int kWrongObject = 1347;
inline constexpr int kDuplicatePartition = 1517;
inline constexpr int kColocate = 5063;
inline constexpr int kCommon = 5064;
inline constexpr int kDynamicPartitionUnit = 5065;
inline constexpr int kDynamicPartitionEnd = 5066;
inline constexpr int kUnknownCatalog = 5078;
inline constexpr int kRoutineLoad = 5089;
inline constexpr int kAccessDenied = 5203;
inline constexpr int kExplicitTransaction = 5305;
inline constexpr int kUnknownDatabase = 5501;
inline constexpr int kUnknownTable = 5502;
inline constexpr int kUnknownColumn = 5509;
inline constexpr int kInsertColumnCount = 5604;
inline constexpr int kInvalidParameter = 6013;
}  // namespace code

// The SQLSTATE that goes with an error number; HY000 where the number has none of its own.
std::string_view SqlStateFor(int error_code);

// An error with the given number and text.
Error SqlError(int error_code, std::string message);

// 1064 "Getting analyzing error. Detail message: <detail>." The full stop is added here.
Error AnalyzeError(std::string_view detail);
// The same frame with another number.
Error AnalyzeError(int error_code, std::string_view detail);

// A place in a statement: lines from 1, columns from 0, in characters (not bytes).
struct Position {
  int line = 1;
  int column = 0;
};
// "Getting analyzing error at line L, column C. …" or "… from line L, column C to line L2, column
// C2. …".
Error AnalyzeErrorAt(Position at, std::string_view detail);
Error AnalyzeErrorAt(Position from, Position to, std::string_view detail);

// "Getting syntax error at line L, column C. Detail message: <detail>."
Error SyntaxErrorAt(Position at, std::string_view detail);
// The same without a place, for what the real parser finds while it builds its tree.
Error SyntaxError(std::string_view detail);

}  // namespace starlift::sandbox::sql
