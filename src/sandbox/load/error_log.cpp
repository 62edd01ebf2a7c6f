#include "sandbox/load/error_log.h"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <fmt/format.h>

namespace starlift::sandbox::load {
namespace {

constexpr int kMaxRows = 50;
constexpr std::string_view kPrefix = "error_log_";

}  // namespace

ErrorLog::ErrorLog(std::string folder, int64_t transaction_id)
    : folder_(std::move(folder)), name_(fmt::format("{}{:x}", kPrefix, transaction_id)) {}

void ErrorLog::Add(std::string_view reason, std::string_view row) {
  if (kept_ == kMaxRows) return;
  if (file_ == nullptr) {
    std::error_code ignored;
    std::filesystem::create_directories(folder_, ignored);
    file_.reset(std::fopen((folder_ + "/" + name_).c_str(), "w"));
    if (file_ == nullptr) return;
  }
  ++kept_;
  fmt::print(file_.get(), "Error: {}. Row: {}\n", reason, row);
}

std::string ErrorLog::Finish() {
  if (file_ == nullptr) return "";
  std::fflush(file_.get());
  return name_;
}

Result<std::string> ReadErrorLog(const std::string& folder, std::string_view name) {
  const Error missing{ErrorKind::kNotFound, "file not found"};
  if (!name.starts_with(kPrefix) || name.find('/') != std::string_view::npos) return missing;
  std::ifstream file(folder + "/" + std::string(name), std::ios::binary);
  if (!file) return missing;
  std::ostringstream text;
  text << file.rdbuf();
  return std::move(text).str();
}

void RemoveOldErrorLogs(const std::string& folder, int64_t older_than_hours) {
  const auto limit =
      std::filesystem::file_time_type::clock::now() - std::chrono::hours(older_than_hours);
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
    if (entry.last_write_time(ignored) < limit) std::filesystem::remove(entry.path(), ignored);
  }
}

}  // namespace starlift::sandbox::load
