#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "sync/verify/table_result.h"

namespace starlift::sync {

// One verification, as it is reported. Plain data; no secrets.
struct VerificationReport {
  std::string source;  // "mysql://root@db:3306/shop (MariaDB 10.11.6)"
  std::string target;
  int64_t began_unix_ms = 0;
  std::chrono::milliseconds took{0};
  bool counts_only = false;
  double sample = 1.0;
  uint64_t shown = 0;           // differences per table that are shown
  uint64_t corrected_rows = 0;  // before this verification, by --fix
  std::string record;           // file of the corrections; empty: none
  std::vector<TableResult> tables;

  bool equal() const;
};

// For a terminal: a table of results, the differences, a closing line.
std::string RenderReportText(const VerificationReport& report);
// docs/guide/verify.md has the members.
std::string RenderReportJson(const VerificationReport& report);
// One page that needs no other file.
std::string RenderReportHtml(const VerificationReport& report);

// Of one row: which values differ, at most so many characters each.
std::string ShowValue(const StoredValue& value, size_t most_characters);

// "2026-11-21 12:34:56 UTC".
std::string ShowMoment(int64_t unix_ms);

}  // namespace starlift::sync
