#include "sources/structure_only.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace starlift {
namespace {

constexpr std::string_view kMend =
    "`starlift smt` makes the tables and the Flink jobs that fill them; `starlift sync` reads rows "
    "of mysql:// and mariadb:// sources";

}  // namespace

Error RowsNotReadYet(std::string_view title) {
  return Error{ErrorKind::kRefused,
               fmt::format("rows of {} can't be read yet, only its structure", title), "source",
               std::string(kMend)};
}

Finding RowsNotReadYetFinding(std::string_view title) {
  return {Severity::kError, std::string(kRowsNotReadYet), "source",
          fmt::format("rows of {} can't be read yet, only its structure", title),
          std::string(kMend)};
}

bool IsRemoteHost(std::string_view host) {
  return host != "localhost" && host != "::1" && !host.starts_with("127.");
}

void AddFindings(std::vector<Finding> more, std::vector<Finding>& all) {
  for (Finding& finding : more) {
    const bool said = std::any_of(all.begin(), all.end(), [&](const Finding& each) {
      return each.code == finding.code && each.subject == finding.subject &&
             each.subject == "source";
    });
    if (!said) all.push_back(std::move(finding));
  }
}

void SortFindings(std::vector<Finding>& findings) {
  std::stable_sort(findings.begin(), findings.end(),
                   [](const Finding& a, const Finding& b) { return a.severity > b.severity; });
}

}  // namespace starlift
