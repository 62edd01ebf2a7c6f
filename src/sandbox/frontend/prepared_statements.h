#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sandbox/query/typed.h"

namespace starlift::sandbox::frontend {

struct PreparedStatement {
  uint32_t id = 0;
  std::string text;
  int parameters = 0;
  size_t columns = 0;
  std::vector<uint16_t> types;  // of the last execution that stated them
};

// Statements that a session prepared, by COM_STMT_PREPARE or PREPARE … FROM. Single-threaded.
class PreparedStatements {
 public:
  PreparedStatement& Add(std::string text, int parameters, size_t columns);
  PreparedStatement* Find(uint32_t id);
  void Remove(uint32_t id) { statements_.erase(id); }
  void Clear() { statements_.clear(); }

 private:
  uint32_t last_id_ = 0;
  std::map<uint32_t, PreparedStatement> statements_;
};

// The values of a COM_STMT_EXECUTE payload (after its command byte). Error 1064 for types that the
// frontend doesn't take, such as unsigned ones.
Result<query::Parameters> ParseExecuteParameters(std::string_view payload,
                                                 PreparedStatement* statement);

}  // namespace starlift::sandbox::frontend
