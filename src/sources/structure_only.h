#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "data/finding.h"
#include "sources/source.h"

namespace starlift {

// What a source says whose catalog can be read, but whose rows can't yet.

// For Source::OpenSnapshot: kRefused, in one line.
Error RowsNotReadYet(std::string_view title);

// The code of the finding below; who only makes the tables may pass over it.
inline constexpr std::string_view kRowsNotReadYet = "rows-not-read-yet";

// For Source::Check: an error, as `starlift sync` would stop there.
Finding RowsNotReadYetFinding(std::string_view title);

// Log preparations are asked for by `incremental`; without it they are told all the same, as
// warnings, since Flink CDC with the files of `starlift smt` needs them, too.
inline Severity LogSeverity(bool incremental) {
  return incremental ? Severity::kError : Severity::kWarning;
}

// True for hosts that are not this machine.
bool IsRemoteHost(std::string_view host);

// What is said of the source as a whole is said once, whatever the number of databases it was seen
// in.
void AddFindings(std::vector<Finding> more, std::vector<Finding>& all);

// Gravest first, otherwise as they are.
void SortFindings(std::vector<Finding>& findings);

}  // namespace starlift
