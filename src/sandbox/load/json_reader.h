#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sandbox/load/field.h"

namespace starlift::sandbox::load {

struct JsonDialect {
  // Keys in the order of ParsedRow::fields; compared exactly, case counts.
  std::vector<std::string> keys;
  // Per field: give the value as JSON text (JSON, ARRAY, MAP, STRUCT columns) rather than its
  // content.
  std::vector<bool> as_json;
  // Not empty: path i gives field i, `keys` are not looked at.
  std::vector<std::string> paths;
  std::string root;  // json_root; empty: none
  bool strip_outer_array = false;
};

// Takes a JSON body apart that is whole in memory. One object, several one after another, or with
// strip_outer_array (or a root) an array of objects. The first of several equal keys wins; a key
// that is not there makes a kMissing field. A syntax error ends the load (kData, with the backend's
// words); rows before it have been given out.
class JsonReader {
 public:
  // `body` gets padding behind it, so it is taken over.
  JsonReader(std::string body, JsonDialect dialect);
  ~JsonReader();

  // False at the end. Views live until the next call.
  Result<bool> Next(ParsedRow& row);

  // "$.a.b[0]", `["$.a", "$.b"]`: the jsonpaths header. kData with the backend's words if it is
  // bad.
  static Result<std::vector<std::string>> ParsePaths(std::string_view json);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace starlift::sandbox::load
