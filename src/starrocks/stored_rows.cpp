#include "starrocks/stored_rows.h"

#include <cstring>
#include <string>
#include <vector>

#include <simdjson.h>

namespace starlift::starrocks {
namespace {

constexpr std::string_view kCsvNull = "\\N";

Error Misread() { return Error{ErrorKind::kInternal, "a load's body can't be read back"}; }

}  // namespace

struct StoredRowReader::State {
  const EncodePlan& plan;
  RowEncoder encoder;
  ByteArena body;
  std::vector<RowReject> rejects;
  std::vector<std::optional<std::string_view>> values;
  simdjson::ondemand::parser json;

  explicit State(const EncodePlan& of) : plan(of), encoder(of), values(of.columns.size()) {}

  // The fields of one CSV row, whose end is at `end`.
  bool SplitCsv(const char* at, const char* end) {
    for (std::optional<std::string_view>& value : values) {
      if (at > end) return false;
      const auto* stop = static_cast<const char*>(
          std::memchr(at, kColumnSeparator, static_cast<size_t>(end - at)));
      if (stop == nullptr) stop = end;
      const std::string_view field(at, static_cast<size_t>(stop - at));
      value = field == kCsvNull ? std::nullopt : std::optional(field);
      at = stop + 1;
    }
    return at == end + 1;
  }

  // The members of one JSON object, which stand in the plan's order.
  bool SplitJson(const simdjson::padded_string& row) {
    size_t i = 0;
    simdjson::ondemand::document document;
    simdjson::ondemand::object object;
    if (json.iterate(row).get(document) || document.get_object().get(object)) return false;
    for (auto member : object) {
      simdjson::ondemand::value value;
      simdjson::ondemand::json_type type{};
      if (i == values.size() || member.value().get(value) || value.type().get(type)) return false;
      if (type == simdjson::ondemand::json_type::string) {
        std::string_view text;
        if (value.get_string().get(text)) return false;
        values[i++] = text;
      } else if (type == simdjson::ondemand::json_type::number) {
        std::string_view token = value.raw_json_token();
        values[i++] = token.substr(0, token.find_last_not_of(" \n") + 1);
      } else if (type == simdjson::ondemand::json_type::null) {
        values[i++] = std::nullopt;
      } else {
        return false;
      }
    }
    return i == values.size();
  }
};

StoredRowReader::StoredRowReader(const EncodePlan& plan) : state_(std::make_unique<State>(plan)) {}
StoredRowReader::~StoredRowReader() = default;

Status StoredRowReader::Read(const RowBatch& batch, const Visitor& visitor) {
  State& state = *state_;
  state.body.Clear();
  state.rejects.clear();
  EncodeCounts counts;
  const bool csv = state.encoder.Encode(LoadFormat::kCsv, batch, state.body, state.rejects,
                                        counts) == EncodeEnd::kDone;
  if (!csv) {
    state.encoder.Encode(LoadFormat::kJson, batch, state.body, state.rejects, counts);
  }
  const char* at = state.body.data();
  const char* const end = at + state.body.size();
  auto reject = state.rejects.begin();
  for (uint32_t row = 0; row < batch.rows(); ++row) {
    if (reject != state.rejects.end() && reject->row == row) {
      SL_TRY(visitor.refuse(row, state.encoder.Describe(*reject++)));
      continue;
    }
    const auto* stop = static_cast<const char*>(
        at == end ? nullptr
                  : std::memchr(at, csv ? kRowDelimiter : '\n', static_cast<size_t>(end - at)));
    if (stop == nullptr) return Misread();
    if (csv) {
      if (!state.SplitCsv(at, stop)) return Misread();
      SL_TRY(visitor.take(row, state.values));
    } else {
      // Lives as long as the views into it.
      const simdjson::padded_string text(at, static_cast<size_t>(stop - at));
      if (!state.SplitJson(text)) return Misread();
      SL_TRY(visitor.take(row, state.values));
    }
    at = stop + 1;
  }
  return {};
}

}  // namespace starlift::starrocks
