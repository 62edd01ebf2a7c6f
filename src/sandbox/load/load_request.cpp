#include "sandbox/load/load_request.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

namespace starlift::sandbox::load {
namespace {

constexpr size_t kMaxMarkBytes = 50;
constexpr int64_t kMebibyte = 1 << 20;

Error Refuse(std::string message) { return Error{ErrorKind::kData, std::move(message)}; }

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower;
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// "\x01", "0x0D0A", "\t", or the text itself.
Result<std::string> ParseMark(std::string_view text, const char* what) {
  std::string mark;
  if (text.size() > 2 && (text.starts_with("\\x") || text.starts_with("0x"))) {
    const std::string_view digits = text.substr(2);
    for (size_t i = 0; i + 1 < digits.size() || digits.size() % 2 != 0; i += 2) {
      const int high = i + 1 < digits.size() ? HexDigit(digits[i]) : -1;
      const int low = i + 1 < digits.size() ? HexDigit(digits[i + 1]) : -1;
      if (high < 0 || low < 0) return Refuse(fmt::format("Invalid {}: {}", what, text));
      mark.push_back(static_cast<char>(high * 16 + low));
    }
  } else {
    for (size_t i = 0; i < text.size(); ++i) {
      const bool escaped = text[i] == '\\' && i + 1 < text.size();
      if (escaped && text[i + 1] == 't') {
        mark.push_back('\t');
        ++i;
      } else if (escaped && text[i + 1] == 'n') {
        mark.push_back('\n');
        ++i;
      } else {
        mark.push_back(text[i]);
      }
    }
  }
  if (mark.empty() || mark.size() > kMaxMarkBytes) {
    return Refuse(
        fmt::format("Delimiter cannot be empty or longer than {} bytes: {}", kMaxMarkBytes, what));
  }
  return mark;
}

Result<Compression> ParseCompression(std::string_view text) {
  const std::string name = Lower(text);
  if (name.empty() || name == "identity") return Compression::kNone;
  if (name == "gzip") return Compression::kGzip;
  if (name == "deflate" || name == "zlib") return Compression::kDeflate;
  if (name == "zstd") return Compression::kZstd;
  if (name == "lz4_frame" || name == "lz4") return Compression::kLz4Frame;
  if (name == "bzip2") return Compression::kBzip2;
  return Refuse(fmt::format("Unsupported compression type: {}", text));
}

// "+08:00", "-3:30" as StarRocks takes them, or a name, which DuckDB looks up.
Result<std::string> ParseTimeZone(std::string_view text) {
  if (text[0] != '+' && text[0] != '-') {
    const bool name = std::all_of(text.begin(), text.end(), [](unsigned char c) {
      return std::isalnum(c) != 0 || c == '/' || c == '_' || c == '-' || c == '+';
    });
    if (name) return std::string(text == "CST" ? "Asia/Shanghai" : text);
    return Refuse(fmt::format("Unknown or incorrect time zone: '{}'", text));
  }
  int hours = 0;
  int minutes = 0;
  int end = 0;
  const std::string copy(text.substr(1));
  const bool fits = std::sscanf(copy.c_str(), "%2d:%2d%n", &hours, &minutes, &end) == 2 &&
                    end == static_cast<int>(copy.size()) && hours <= 14 && minutes <= 59;
  if (!fits) return Refuse(fmt::format("Unknown or incorrect time zone: '{}'", text));
  return fmt::format("{}{:02}:{:02}", text[0], hours, minutes);
}

std::vector<std::string> SplitNames(std::string_view text) {
  std::vector<std::string> names;
  while (!text.empty()) {
    const size_t comma = std::min(text.find(','), text.size());
    std::string_view name = text.substr(0, comma);
    text.remove_prefix(std::min(comma + 1, text.size()));
    while (!name.empty() && (name.front() == ' ' || name.front() == '`')) name.remove_prefix(1);
    while (!name.empty() && (name.back() == ' ' || name.back() == '`')) name.remove_suffix(1);
    if (!name.empty()) names.emplace_back(name);
  }
  return names;
}

class HeaderReader {
 public:
  HeaderReader(const HeaderLookup& header, const LoadSettings& settings)
      : header_(header), settings_(settings) {}

  Status Read(LoadRequest& request, bool in_transaction) {
    SL_TRY(ReadFormat(request));
    SL_TRY(ReadCsv(request, in_transaction));
    SL_TRY(ReadNumbers(request, in_transaction));
    SL_TRY(ReadFlags(request, in_transaction));
    SL_TRY(ReadPartitions(request));
    if (const auto zone = header_("timezone"); zone && !zone->empty()) {
      SL_ASSIGN(request.time_zone, ParseTimeZone(*zone));
    }
    request.label = Text("label");
    if (const auto columns = header_("columns")) request.columns = std::string(*columns);
    request.where = Text("where");
    request.jsonpaths = Text("jsonpaths");
    request.json_root = Text("json_root");
    request.merge_condition = Text("merge_condition");
    return {};
  }

 private:
  std::string Text(std::string_view name) const {
    return std::string(header_(name).value_or(std::string_view()));
  }

  Status ReadFormat(LoadRequest& request) {
    const std::string format = Lower(Text("format"));
    if (format == "json") {
      request.format = BodyFormat::kJson;
    } else if (!format.empty() && format != "csv") {
      Result<Compression> compression = ParseCompression(format);
      if (!compression.ok()) return Refuse("unknown data format, format=" + Text("format"));
      request.compression = *compression;
    }
    const auto encoding = header_("content-encoding");
    const auto compression = header_("compression");
    if (encoding && compression) {
      return Refuse("Only one of http header content-encoding and compression can be set");
    }
    if (encoding || compression) {
      SL_ASSIGN(request.compression, ParseCompression(encoding ? *encoding : *compression));
    }
    return {};
  }

  Status ReadCsv(LoadRequest& request, bool in_transaction) {
    if (const auto text = header_("column_separator")) {
      SL_ASSIGN(request.csv.column_separator, ParseMark(*text, "column_separator"));
    }
    if (const auto text = header_("row_delimiter")) {
      SL_ASSIGN(request.csv.row_delimiter, ParseMark(*text, "row_delimiter"));
    }
    // The transaction's load call passes over these.
    if (in_transaction) return {};
    if (const auto text = header_("enclose"); text && !text->empty()) {
      request.csv.enclose = text->front();
    }
    if (const auto text = header_("escape"); text && !text->empty()) {
      request.csv.escape = text->front();
    }
    SL_TRY(
        Flag("trim_space", request.csv.trim_space, "Invalid trim space format. Must be bool type"));
    SL_TRY(
        Number("skip_header", request.csv.skip_header, "Invalid csv load cmd skip header format"));
    if (request.csv.skip_header < 0) {
      return Refuse("skip_header must be equal or greater than 0");
    }
    return {};
  }

  Status ReadNumbers(LoadRequest& request, bool in_transaction) {
    request.timeout_second = settings_.stream_load_default_timeout_second;
    SL_TRY(Number("timeout", request.timeout_second, "Invalid timeout format"));
    if (request.timeout_second < 1 ||
        request.timeout_second > settings_.max_stream_load_timeout_second) {
      return Refuse(fmt::format("Invalid timeout. The timeout should between 1 and {} seconds",
                                settings_.max_stream_load_timeout_second));
    }
    int64_t memory = 0;
    SL_TRY(Number("load_mem_limit", memory, "Invalid load mem limit format"));
    if (memory < 0) return Refuse("load_mem_limit must be equal or greater than 0");
    if (!in_transaction) {
      SL_TRY(Number("log_rejected_record_num", request.log_rejected_record_num,
                    "Invalid log_rejected_record_num format"));
      if (request.log_rejected_record_num < -1) {
        return Refuse("log_rejected_record_num must be equal or greater than -1");
      }
    }
    if (const auto text = header_("max_filter_ratio")) {
      const auto [end, error] =
          std::from_chars(text->data(), text->data() + text->size(), request.max_filter_ratio);
      if (error != std::errc() || end != text->data() + text->size() ||
          request.max_filter_ratio < 0 || request.max_filter_ratio > 1) {
        return Refuse("Invalid max_filter_ratio: " + std::string(*text));
      }
    }
    return {};
  }

  Status ReadFlags(LoadRequest& request, bool in_transaction) {
    SL_TRY(
        Flag("strict_mode", request.strict_mode, "Invalid strict mode format. Must be bool type"));
    SL_TRY(Flag("negative", request.negative, "Invalid negative format. Must be bool type"));
    // Other words than row, column and auto are passed over; auto is row for Stream Load.
    request.column_mode = Text("partial_update_mode") == "column";
    request.strip_outer_array = Lower(Text("strip_outer_array")) == "true";
    request.ignore_json_size = Lower(Text("ignore_json_size")) == "true";
    if (in_transaction) {
      request.partial_update = Text("partial_update") == "true";
      return {};
    }
    return Flag("partial_update", request.partial_update,
                "Invalid partial update flag format. Must be bool type");
  }

  Status ReadPartitions(LoadRequest& request) {
    const auto named = header_("partitions");
    const auto temporary = header_("temporary_partitions");
    if (named && temporary) {
      return Refuse("Can not specify both partitions and temporary partitions");
    }
    request.temporary_partitions = temporary.has_value();
    if (named || temporary) request.partitions = SplitNames(named ? *named : *temporary);
    return {};
  }

  Status Flag(std::string_view name, bool& flag, const char* complaint) const {
    const auto text = header_(name);
    if (!text) return {};
    const std::string value = Lower(*text);
    if (value != "true" && value != "false") return Refuse(complaint);
    flag = value == "true";
    return {};
  }

  Status Number(std::string_view name, int64_t& number, const char* complaint) const {
    const auto text = header_(name);
    if (!text) return {};
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
    if (error != std::errc() || end != text->data() + text->size()) return Refuse(complaint);
    return {};
  }

  const HeaderLookup& header_;
  const LoadSettings& settings_;
};

}  // namespace

Result<LoadRequest> ParseLoadRequest(const HeaderLookup& header, const LoadSettings& settings,
                                     bool in_transaction) {
  LoadRequest request;
  SL_TRY(HeaderReader(header, settings).Read(request, in_transaction));
  return request;
}

Status CheckBodySize(const LoadRequest& request, const LoadSettings& settings,
                     uint64_t earlier_bytes) {
  if (!request.content_length) return {};
  const uint64_t bytes = *request.content_length + earlier_bytes;
  const auto limit = static_cast<uint64_t>(settings.streaming_load_max_mb * kMebibyte);
  if (bytes > limit) {
    return Refuse(
        fmt::format("body size {} exceed limit: {}, current task: {}. You can increase "
                    "the limit by setting streaming_load_max_mb in be.conf.",
                    bytes, limit, request.label));
  }
  const auto json_limit =
      static_cast<uint64_t>(settings.streaming_load_max_batch_size_mb * kMebibyte);
  if (request.format == BodyFormat::kJson && !request.ignore_json_size && bytes > json_limit) {
    return Refuse(
        fmt::format("The size of this batch exceed the max size [{}]  of json type data  "
                    "data [ {} ]. Set ignore_json_size to skip the check, although it may "
                    "lead huge memory consuming.",
                    json_limit, bytes));
  }
  return {};
}

}  // namespace starlift::sandbox::load
