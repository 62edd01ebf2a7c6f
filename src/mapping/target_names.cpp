#include "mapping/target_names.h"

#include <algorithm>
#include <cctype>

namespace starlift::mapping {
namespace {

constexpr size_t kMaxDatabaseName = 256;
constexpr size_t kMaxObjectName = 1024;
constexpr std::string_view kDatabaseSigns = "_-~!@#$%^&<>=+";
// Refused in column names by clusters without shared storage.
constexpr std::string_view kColumnSigns = "=<>!*";

// A name is sent in backticks and in HTTP headers, neither of which knows an escape for these.
std::string RefuseCharacters(std::string_view name) {
  if (name.empty()) return "the name is empty";
  if (name.size() > kMaxObjectName) return "the name has more than 1024 bytes";
  for (const unsigned char c : name) {
    if (c < 0x20 || c == 0x7F) return "the name has a control character";
    // The server drops even doubled ones (seen on 3.5.0: `tick``s` becomes ticks).
    if (c == '`') return "StarRocks drops backticks from names";
  }
  return "";
}

}  // namespace

std::string RefuseDatabaseName(std::string_view name) {
  if (name.empty()) return "the name is empty";
  if (name.size() > kMaxDatabaseName) return "the name has more than 256 bytes";
  const auto letter = [](unsigned char c) { return std::isalpha(c) || c == '_'; };
  if (!letter(static_cast<unsigned char>(name.front()))) {
    return "a database's name begins with a letter or _";
  }
  for (const unsigned char c : name) {
    if (!letter(c) && !std::isdigit(c) &&
        kDatabaseSigns.find(static_cast<char>(c)) == std::string_view::npos) {
      return "a database's name has only letters, digits and -~!@#$%^&<>=+_";
    }
  }
  return "";
}

std::string RefuseTableName(std::string_view name) {
  if (std::string why = RefuseCharacters(name); !why.empty()) return why;
  // Frontends take the percent-encoding off before they route a load by its path.
  if (name.find('/') != std::string_view::npos) return "a load's address can't carry a /";
  return "";
}

std::string RefuseColumnName(std::string_view name) {
  if (std::string why = RefuseCharacters(name); !why.empty()) return why;
  const std::string folded = FoldCase(name);
  if (folded == "__op" || folded == "__row") return "StarRocks keeps this name for itself";
  for (const std::string_view prefix : {"__starrocks_shadow_", "__generated_partition_column_"}) {
    if (folded.starts_with(prefix)) return "StarRocks keeps names with this beginning for itself";
  }
  if (name.find_first_of(kColumnSigns) != std::string_view::npos) {
    return "a column's name can't have any of = < > ! *";
  }
  return "";
}

std::string FoldCase(std::string_view name) {
  std::string folded(name);
  std::transform(folded.begin(), folded.end(), folded.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return folded;
}

std::string_view CutCharacters(std::string_view text, size_t most) {
  size_t characters = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool begins = (static_cast<unsigned char>(text[i]) & 0xC0) != 0x80;
    if (begins && characters++ == most) return text.substr(0, i);
  }
  return text;
}

}  // namespace starlift::mapping
