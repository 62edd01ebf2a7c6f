#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace starlift::sandbox::load {

// The file of one load's rejected rows, made with the first of them: "Error: <reason>. Row: <row>".
// Keeps the first 50 rows, as the backends do. Single-threaded.
class ErrorLog {
 public:
  ErrorLog(std::string folder, int64_t transaction_id);

  void Add(std::string_view reason, std::string_view row);
  bool exists() const { return file_ != nullptr; }
  // Flushes. Empty where no row was rejected.
  std::string Finish();

 private:
  struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  std::string folder_;
  std::string name_;
  std::unique_ptr<std::FILE, CloseFile> file_;
  int kept_ = 0;
};

// The text of a log by its name. kNotFound for unknown ones and for names with path separators.
Result<std::string> ReadErrorLog(const std::string& folder, std::string_view name);
// Removes logs older than that.
void RemoveOldErrorLogs(const std::string& folder, int64_t older_than_hours);

}  // namespace starlift::sandbox::load
