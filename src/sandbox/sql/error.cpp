#include "sandbox/sql/error.h"

#include <utility>

namespace starlift::sandbox::sql {
namespace {

struct CodeState {
  int code;
  std::string_view state;
};

constexpr std::string_view kDefaultState = "HY000";

constexpr CodeState kStates[] = {
    {code::kAccessDeniedLogin, "28000"},
    {code::kNoDatabaseSelected, "3D000"},
    {code::kUnknownCommand, "08S01"},
    {code::kTableExists, "42S01"},
    {code::kUnknownFunction, "42000"},
    {code::kDuplicateColumn, "42S21"},
    {code::kWrongDatabaseName, "42000"},
    {code::kUnknownCharset, "42000"},
    {code::kWrongColumnName, "42000"},
    {code::kWrongValueForVariable, "42000"},
    {code::kColocate, "42000"},
    {code::kCommon, "42000"},
    {code::kDynamicPartitionUnit, "42000"},
    {code::kDynamicPartitionEnd, "42000"},
    {code::kUnknownCatalog, "42000"},
    {code::kRoutineLoad, "42000"},
    {code::kAccessDenied, "42000"},
    {code::kExplicitTransaction, "25P01"},
    {code::kUnknownDatabase, "3F000"},
    {code::kUnknownTable, "42602"},
    {code::kUnknownColumn, "42S22"},
    {code::kInsertColumnCount, "42601"},
    {code::kInvalidParameter, "42000"},
};

std::string Place(Position at) {
  return "line " + std::to_string(at.line) + ", column " + std::to_string(at.column);
}

}  // namespace

std::string_view SqlStateFor(int error_code) {
  for (const CodeState& entry : kStates) {
    if (entry.code == error_code) return entry.state;
  }
  return kDefaultState;
}

Error SqlError(int error_code, std::string message) {
  Error error;
  error.kind = ErrorKind::kRefused;
  error.message = std::move(message);
  error.native_code = error_code;
  return error;
}

Error AnalyzeError(int error_code, std::string_view detail) {
  return SqlError(error_code,
                  "Getting analyzing error. Detail message: " + std::string(detail) + ".");
}

Error AnalyzeError(std::string_view detail) { return AnalyzeError(code::kGeneric, detail); }

Error AnalyzeErrorAt(Position at, std::string_view detail) {
  return SqlError(code::kGeneric, "Getting analyzing error at " + Place(at) +
                                      ". Detail message: " + std::string(detail) + ".");
}

Error AnalyzeErrorAt(Position from, Position to, std::string_view detail) {
  return SqlError(code::kGeneric, "Getting analyzing error from " + Place(from) + " to " +
                                      Place(to) + ". Detail message: " + std::string(detail) + ".");
}

Error SyntaxErrorAt(Position at, std::string_view detail) {
  return SqlError(code::kGeneric, "Getting syntax error at " + Place(at) +
                                      ". Detail message: " + std::string(detail) + ".");
}

Error SyntaxError(std::string_view detail) {
  return SqlError(code::kGeneric,
                  "Getting syntax error. Detail message: " + std::string(detail) + ".");
}

}  // namespace starlift::sandbox::sql
