#include "sandbox/load/json_reader.h"

#include <algorithm>
#include <deque>
#include <optional>

#include <fmt/format.h>
#include <simdjson.h>

namespace starlift::sandbox::load {
namespace {

namespace od = simdjson::ondemand;
using simdjson::error_code;

// A batch of several documents must hold the longest one; a JSON column takes at most 16 MB.
constexpr size_t kBatchBytes = size_t{64} << 20;

std::string_view TrimRight(std::string_view text) {
  while (!text.empty() && (text.back() == ' ' || (text.back() >= '\t' && text.back() <= '\r'))) {
    text.remove_suffix(1);
  }
  return text;
}

Error Malformed(error_code code) {
  return Error{ErrorKind::kData,
               fmt::format("Unrecognized json format, error: {}", simdjson::error_message(code))};
}

// One step of a path: a key or, with empty key, an index.
struct PathStep {
  std::string key;
  std::optional<size_t> index;
};

// "$.a.b[0]", also "$.\"a.b\"".
std::vector<PathStep> ParsePath(std::string_view path) {
  std::vector<PathStep> steps;
  if (!path.empty() && path[0] == '$') path.remove_prefix(1);
  while (!path.empty()) {
    if (path[0] == '[') {
      const size_t close = std::min(path.find(']'), path.size() - 1);
      steps.push_back({"", static_cast<size_t>(std::atoll(std::string(path.substr(1)).c_str()))});
      path.remove_prefix(close + 1);
      continue;
    }
    if (path[0] == '.') path.remove_prefix(1);
    std::string key;
    if (!path.empty() && path[0] == '"') {
      const size_t close = std::min(path.find('"', 1), path.size());
      key = path.substr(1, close - 1);
      path.remove_prefix(std::min(close + 1, path.size()));
    } else {
      const size_t end = std::min(path.find_first_of(".["), path.size());
      key = path.substr(0, end);
      path.remove_prefix(end);
    }
    steps.push_back({std::move(key), std::nullopt});
  }
  return steps;
}

}  // namespace

struct JsonReader::State {
  std::string body;
  size_t body_size = 0;
  JsonDialect dialect;
  od::parser parser;

  // Either a stream of documents …
  std::optional<od::document_stream> stream;
  std::optional<od::document_stream::iterator> at;
  // … or one document, whose rows lie in an array (or are the one object at the root).
  od::document document;
  od::array array;
  std::optional<od::array_iterator> element;
  std::optional<od::array_iterator> last;
  std::optional<od::object> single;

  bool started = false;
  bool done = false;
  std::vector<std::vector<PathStep>> paths;
  std::vector<size_t> order_guess;   // the field that the n-th key of the last row was
  std::deque<std::string> minified;  // views into it are in the current row
  std::string defect;

  Status Start();
  Status StartDocument();
  Result<bool> NextObject(od::object& object, std::string_view& text, bool& is_object);
  error_code ReadKeys(od::object object, ParsedRow& row);
  error_code ReadPaths(od::object object, ParsedRow& row);
  error_code Put(od::value value, size_t index, ParsedRow& row);
  std::optional<size_t> FieldOf(std::string_view key, size_t position);
  std::string_view Minify(std::string_view raw);
};

std::string_view JsonReader::State::Minify(std::string_view raw) {
  std::string& copy = minified.emplace_back(raw.size(), '\0');
  size_t length = 0;
  if (simdjson::minify(raw.data(), raw.size(), copy.data(), length) != simdjson::SUCCESS) {
    return raw;
  }
  copy.resize(length);
  return copy;
}

std::optional<size_t> JsonReader::State::FieldOf(std::string_view key, size_t position) {
  if (position < order_guess.size()) {
    const size_t guess = order_guess[position];
    if (guess < dialect.keys.size() && dialect.keys[guess] == key) return guess;
  } else {
    order_guess.resize(position + 1, dialect.keys.size());
  }
  const auto found = std::find(dialect.keys.begin(), dialect.keys.end(), key);
  if (found == dialect.keys.end()) return std::nullopt;
  order_guess[position] = static_cast<size_t>(found - dialect.keys.begin());
  return order_guess[position];
}

// Text of a value; numbers by their token, so that nothing is rounded on the way.
error_code JsonReader::State::Put(od::value value, size_t index, ParsedRow& row) {
  Field& field = row.fields[index];
  od::json_type type;
  if (error_code code = value.type().get(type)) return code;
  if (type == od::json_type::null) {
    field = {"", Field::Kind::kNull};
    return simdjson::SUCCESS;
  }
  if (type == od::json_type::object || type == od::json_type::array) {
    std::string_view raw;
    if (error_code code = simdjson::to_json_string(value).get(raw)) return code;
    field = {Minify(raw), Field::Kind::kJson};
    return simdjson::SUCCESS;
  }
  if (dialect.as_json[index]) {
    field = {TrimRight(value.raw_json_token()), Field::Kind::kJson};
    if (type == od::json_type::string) {
      // The token of a string runs on to the next one; its end is where parsing it ends.
      std::string_view content;
      if (error_code code = value.get_string().get(content)) return code;
      const std::string_view token = field.text;
      size_t end = 1;
      while (end < token.size() && token[end] != '"') end += token[end] == '\\' ? 2 : 1;
      field.text = token.substr(0, std::min(end + 1, token.size()));
    }
    return simdjson::SUCCESS;
  }
  if (type == od::json_type::string) {
    std::string_view content;
    if (error_code code = value.get_string().get(content)) return code;
    field = {content, Field::Kind::kText};
    return simdjson::SUCCESS;
  }
  if (type == od::json_type::boolean) {
    bool truth = false;
    if (error_code code = value.get_bool().get(truth)) return code;
    field = {truth ? "1" : "0", Field::Kind::kText};
    return simdjson::SUCCESS;
  }
  field = {TrimRight(value.raw_json_token()), Field::Kind::kText};
  double ignored = 0;
  const error_code code = value.get_double().get(ignored);
  return code == simdjson::NUMBER_ERROR ? code : simdjson::SUCCESS;
}

error_code JsonReader::State::ReadKeys(od::object object, ParsedRow& row) {
  row.fields.assign(dialect.keys.size(), {"", Field::Kind::kMissing});
  size_t position = 0;
  for (auto item : object) {
    od::field pair;
    if (error_code code = std::move(item).get(pair)) return code;
    std::string_view key;
    if (error_code code = pair.unescaped_key().get(key)) return code;
    const std::optional<size_t> index = FieldOf(key, position++);
    if (!index || row.fields[*index].kind != Field::Kind::kMissing) continue;
    if (error_code code = Put(pair.value(), *index, row)) return code;
  }
  return simdjson::SUCCESS;
}

error_code JsonReader::State::ReadPaths(od::object object, ParsedRow& row) {
  row.fields.assign(dialect.as_json.size(), {"", Field::Kind::kMissing});
  for (size_t i = 0; i < paths.size() && i < row.fields.size(); ++i) {
    if (error_code code = object.reset().error()) return code;
    if (paths[i].empty()) {
      std::string_view raw;
      if (error_code code = object.raw_json().get(raw)) return code;
      row.fields[i] = {Minify(TrimRight(raw)), Field::Kind::kJson};
      continue;
    }
    simdjson::simdjson_result<od::value> value = object.find_field_unordered(paths[i][0].key);
    for (size_t step = 1; step < paths[i].size() && value.error() == simdjson::SUCCESS; ++step) {
      od::value here = value.value_unsafe();
      value = paths[i][step].index ? here.at(*paths[i][step].index)
                                   : here.find_field_unordered(paths[i][step].key);
    }
    const error_code code = value.error();
    if (code == simdjson::NO_SUCH_FIELD || code == simdjson::INDEX_OUT_OF_BOUNDS) continue;
    if (code == simdjson::INCORRECT_TYPE) {
      defect = "the json path goes through a value that is no object or array";
      continue;
    }
    if (code != simdjson::SUCCESS) return code;
    od::value found = value.value_unsafe();
    if (error_code failed = Put(found, i, row)) return failed;
  }
  return simdjson::SUCCESS;
}

// One document that holds all rows: an array, or what lies at json_root.
Status JsonReader::State::StartDocument() {
  if (error_code code = parser.iterate(body.data(), body_size, body.capacity()).get(document)) {
    return Malformed(code);
  }
  od::value root;
  if (dialect.root.empty()) {
    if (error_code code = document.get_array().get(array)) return Malformed(code);
  } else {
    simdjson::simdjson_result<od::value> value = document.get_value();
    for (const PathStep& step : ParsePath(dialect.root)) {
      if (error_code code = value.error()) return Malformed(code);
      od::value here = value.value_unsafe();
      value = step.index ? here.at(*step.index) : here.find_field_unordered(step.key);
    }
    if (error_code code = value.error()) return Malformed(code);
    root = value.value_unsafe();
    od::json_type type;
    if (error_code code = root.type().get(type)) return Malformed(code);
    if (type == od::json_type::object) {
      od::object object;
      if (error_code code = root.get_object().get(object)) return Malformed(code);
      single = object;
      return {};
    }
    if (error_code code = root.get_array().get(array)) return Malformed(code);
  }
  od::array_iterator first;
  od::array_iterator past;
  if (error_code code = array.begin().get(first)) return Malformed(code);
  if (error_code code = array.end().get(past)) return Malformed(code);
  element = first;
  last = past;
  return {};
}

Status JsonReader::State::Start() {
  started = true;
  const size_t first = body.find_first_not_of(" \t\r\n");
  if (first == std::string::npos || first >= body_size) {
    done = true;
    return {};
  }
  const char opening = body[first];
  if (opening != '[' && opening != '{') {
    return Error{ErrorKind::kData, fmt::format("illegal json started with [{}]", opening)};
  }
  if (!dialect.root.empty()) return StartDocument();
  if (dialect.strip_outer_array) {
    if (opening == '[') return StartDocument();
    return Error{
        ErrorKind::kData,
        fmt::format("the value should be array type with strip_outer_array=true, value: {}",
                    body.substr(first, std::min<size_t>(body_size - first, 100)))};
  }
  if (opening == '[') {
    return Error{ErrorKind::kData,
                 "The value is array type in json document stream, you can set "
                 "strip_outer_array=true to parse each element of the array as individual rows"};
  }
  od::document_stream documents;
  if (error_code code =
          parser.iterate_many(body.data(), body_size, std::min(body_size + 1, kBatchBytes))
              .get(documents)) {
    return Malformed(code);
  }
  stream = std::move(documents);
  at = stream->begin();
  return {};
}

Result<bool> JsonReader::State::NextObject(od::object& object, std::string_view& text,
                                           bool& is_object) {
  is_object = true;
  if (single) {
    object = *single;
    single.reset();
    done = true;
    text = {};
    return true;
  }
  if (stream) {
    if (!(*at != stream->end())) {
      // simdjson passes over an unfinished document at the end without a word.
      if (stream->truncated_bytes() > 0) return Malformed(simdjson::TAPE_ERROR);
      return false;
    }
    auto reference = **at;
    if (reference.error() != simdjson::SUCCESS) return Malformed(reference.error());
    text = TrimRight(at->source());
    od::object found;
    if (error_code code = reference.get_object().get(found)) return Malformed(code);
    object = found;
    return true;
  }
  if (!element || !(*element != *last)) return false;
  od::value value;
  if (error_code code = (**element).get(value)) return Malformed(code);
  od::json_type type;
  if (error_code code = value.type().get(type)) return Malformed(code);
  is_object = type == od::json_type::object;
  if (is_object) {
    od::object found;
    if (error_code code = value.get_object().get(found)) return Malformed(code);
    object = found;
  }
  text = {};
  return true;
}

JsonReader::JsonReader(std::string body, JsonDialect dialect) : state_(std::make_unique<State>()) {
  state_->body = std::move(body);
  state_->body_size = state_->body.size();
  state_->body.reserve(state_->body_size + simdjson::SIMDJSON_PADDING);
  state_->dialect = std::move(dialect);
  for (const std::string& path : state_->dialect.paths) state_->paths.push_back(ParsePath(path));
}

JsonReader::~JsonReader() = default;

Result<bool> JsonReader::Next(ParsedRow& row) {
  State& state = *state_;
  if (!state.started) {
    SL_TRY(state.Start());
  } else if (!state.done && state.stream) {
    ++*state.at;
  } else if (!state.done && state.element) {
    ++*state.element;
  }
  if (state.done && !state.single) return false;
  state.minified.clear();
  state.defect.clear();
  row.defect = {};
  od::object object;
  bool is_object = false;
  SL_ASSIGN(const bool there, state.NextObject(object, row.text, is_object));
  if (!there) {
    state.done = true;
    return false;
  }
  if (!is_object) {
    state.defect = "the value should be object type";
    row.defect = state.defect;
    return true;
  }
  const error_code code =
      state.paths.empty() ? state.ReadKeys(object, row) : state.ReadPaths(object, row);
  if (code != simdjson::SUCCESS) return Malformed(code);
  row.defect = state.defect;
  return true;
}

Result<std::vector<std::string>> JsonReader::ParsePaths(std::string_view json) {
  simdjson::dom::parser parser;
  simdjson::dom::array array;
  if (parser.parse(json.data(), json.size()).get_array().get(array) != simdjson::SUCCESS) {
    return Error{ErrorKind::kData, fmt::format("Invalid json path: {}", json)};
  }
  std::vector<std::string> paths;
  for (simdjson::dom::element element : array) {
    std::string_view path;
    if (element.get_string().get(path) != simdjson::SUCCESS) {
      return Error{ErrorKind::kData, fmt::format("Invalid json path: {}", json)};
    }
    paths.emplace_back(path);
  }
  return paths;
}

}  // namespace starlift::sandbox::load
