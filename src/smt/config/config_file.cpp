#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <system_error>

#include <fmt/format.h>

#include "mapping/target_names.h"
#include "smt/config/config_reader.h"

namespace starlift::smt {
namespace {

constexpr size_t kMaxConfigBytes = 16 * 1024 * 1024;

void Line(std::string& out, std::string_view key, std::string_view value) {
  out += fmt::format("{} = {}\n", key, value);
}

// Passwords hide under many names: password, jdbc.properties.password, …
std::string_view Masked(std::string_view key, std::string_view value) {
  const std::string folded = mapping::FoldCase(key);
  const bool secret = folded.find("password") != std::string::npos ||
                      folded.find("secret") != std::string::npos ||
                      folded.find("token") != std::string::npos;
  return secret && !value.empty() ? "***" : value;
}

void Lines(std::string& out, std::string_view prefix, const Pairs& pairs) {
  for (const auto& [key, value] : pairs) {
    Line(out, fmt::format("{}{}", prefix, key), Masked(key, value));
  }
}

void OptionalLine(std::string& out, std::string_view key, std::string_view value) {
  if (!value.empty()) Line(out, key, value);
}

}  // namespace

Result<std::string> ReadConfigFile(const std::string& path) {
  const auto unreadable = [&](std::string_view why) {
    return Error{.kind = ErrorKind::kUsage,
                 .message = fmt::format("the configuration {} can't be read: {}", path, why),
                 .mend = "name it with -c FILE"};
  };
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) return unreadable("it is a folder");
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) return unreadable(std::generic_category().message(errno));
  std::string text(kMaxConfigBytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(file.gcount()));
  if (file.bad()) {
    return unreadable("the disk refuses");
  }
  if (text.size() > kMaxConfigBytes) {
    return Error{.kind = ErrorKind::kUsage,
                 .message = fmt::format("{} is larger than {} MiB: it can't be a configuration",
                                        path, kMaxConfigBytes >> 20)};
  }
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) {
    return Error{.kind = ErrorKind::kUsage,
                 .message = fmt::format("{} is in UTF-16", path),
                 .mend = "save it as UTF-8"};
  }
  return text;
}

std::string PrintConfig(const Config& config) {
  std::string out = fmt::format("# {}, as it is understood\n[db]\n", config.path);
  const DbConfig& db = config.db;
  Line(out, "host", db.host);
  Line(out, "port", std::to_string(db.port));
  Line(out, "user", db.user);
  Line(out, "password", Masked("password", db.password));
  Line(out, "type", db.type);
  OptionalLine(out, "authentication", db.authentication);
  OptionalLine(out, "sslmode", db.sslmode);
  out += "\n[other]\n";
  Line(out, "be_num", std::to_string(config.other.be_num));
  Line(out, "use_decimal_v3", config.other.use_decimal_v3 ? "true" : "false");
  Line(out, "output_dir", config.other.output_dir);
  for (const RuleConfig& rule : config.rules) {
    out += fmt::format("\n[table-rule.{}]\n", rule.name);
    Line(out, "database", rule.database.text());
    Line(out, "schema", rule.schema.text());
    Line(out, "table", rule.table.text());
    OptionalLine(out, "partition_key", rule.partition_key);
    OptionalLine(out, "partitions", rule.partitions);
    OptionalLine(out, "duplicate_keys", rule.duplicate_keys);
    OptionalLine(out, "distributed_by", rule.distributed_by);
    if (rule.bucket_num > 0) Line(out, "bucket_num", std::to_string(rule.bucket_num));
    Lines(out, "properties.", rule.properties);
    Lines(out, "external.properties.", rule.external_properties);
    Lines(out, "flink.starrocks.", rule.flink_starrocks);
    Lines(out, "flink.cdc.", rule.flink_cdc);
  }
  return out;
}

}  // namespace starlift::smt
