#include "sources/hive/describe.h"

#include <algorithm>
#include <charconv>
#include <ctime>
#include <string_view>
#include <utility>

namespace starlift::hive {
namespace {

std::string Trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return std::string(text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1));
}

enum class Section { kColumns, kPartitions, kDetails, kPrimaryKey, kNotNull, kOther };

Section SectionOf(std::string_view head) {
  if (head.starts_with("# Partition Information")) return Section::kPartitions;
  if (head.starts_with("# Detailed Table Information")) return Section::kDetails;
  if (head.starts_with("# Storage Information")) return Section::kDetails;
  if (head.starts_with("# Primary Key")) return Section::kPrimaryKey;
  if (head.starts_with("# Not Null Constraints")) return Section::kNotNull;
  return Section::kOther;
}

class DescriptionReader {
 public:
  TableDescription Read(const TextRows& rows) {
    for (size_t row = 0; row < rows.size(); ++row) {
      Take(Trimmed(rows.Text(row, 0)), Trimmed(rows.Text(row, 1)), Trimmed(rows.Text(row, 2)));
    }
    // Spark tells partition columns among the others, too.
    std::erase_if(result_.columns, [&](const TableDescription::ColumnLine& column) {
      return std::any_of(result_.partition_columns.begin(), result_.partition_columns.end(),
                         [&](const auto& other) { return other.name == column.name; });
    });
    return std::move(result_);
  }

 private:
  void Take(const std::string& name, const std::string& type, const std::string& comment) {
    if (name.starts_with("# col_name")) return;
    if (name.starts_with("#")) {
      section_ = SectionOf(name);
      in_parameters_ = false;
      return;
    }
    switch (section_) {
      case Section::kColumns:
        if (!name.empty()) result_.columns.push_back({name, type, comment});
        return;
      case Section::kPartitions:
        if (!name.empty()) result_.partition_columns.push_back({name, type, comment});
        return;
      case Section::kDetails:
        return TakeDetail(name, type, comment);
      case Section::kPrimaryKey:
        return TakeConstraintColumn(name, type, result_.primary_key);
      case Section::kNotNull:
        return TakeConstraintColumn(name, type, result_.not_null);
      case Section::kOther:
        return;
    }
  }

  // "Owner:" | "ann", then after "Table Parameters:" rows of "" | name | value.
  void TakeDetail(const std::string& name, const std::string& value, const std::string& more) {
    if (name == "Table Parameters:" || name == "Storage Desc Params:") {
      in_parameters_ = name == "Table Parameters:";
      return;
    }
    if (name.empty()) {
      if (in_parameters_ && !value.empty()) result_.parameters.emplace(value, more);
      return;
    }
    in_parameters_ = false;
    std::string key = name;
    if (key.ends_with(':')) key.pop_back();
    result_.details.emplace(std::move(key), value);
  }

  // "Column Name:" | "id" in Hive 4, "Column Names:" | "id" before.
  static void TakeConstraintColumn(const std::string& name, const std::string& value,
                                   std::vector<std::string>& columns) {
    if (name.starts_with("Column Name") && !value.empty()) columns.push_back(value);
  }

  TableDescription result_;
  Section section_ = Section::kColumns;
  bool in_parameters_ = false;
};

}  // namespace

uint64_t TableDescription::Number(const std::string& parameter) const {
  const auto found = parameters.find(parameter);
  uint64_t number = 0;
  if (found != parameters.end()) {
    std::from_chars(found->second.data(), found->second.data() + found->second.size(), number);
  }
  return number;
}

std::optional<std::chrono::sys_seconds> TableDescription::Created() const {
  const auto found = details.find("CreateTime");
  if (found == details.end()) return std::nullopt;
  // "Sat Nov 21 12:04:31 UTC 2026"; the zone's name is the server's, and the hours don't matter to
  // what a table's age is asked for.
  std::string text = found->second;
  const size_t year = text.rfind(' ');
  const size_t zone = year == std::string::npos ? year : text.rfind(' ', year - 1);
  if (zone == std::string::npos) return std::nullopt;
  text.erase(zone, year - zone);
  std::tm time{};
  if (strptime(text.c_str(), "%a %b %d %H:%M:%S %Y", &time) == nullptr) return std::nullopt;
  return std::chrono::sys_seconds(std::chrono::seconds(timegm(&time)));
}

// "[id, code]"; a name can hold neither comma nor bracket.
std::vector<std::string> TableDescription::BucketColumns() const {
  const auto found = details.find("Bucket Columns");
  std::vector<std::string> names;
  if (found == details.end()) return names;
  std::string_view text = found->second;
  if (!text.starts_with('[') || !text.ends_with(']')) return names;
  text = text.substr(1, text.size() - 2);
  while (!text.empty()) {
    const std::string_view part = text.substr(0, text.find(','));
    text.remove_prefix(std::min(part.size() + 1, text.size()));
    if (std::string name = Trimmed(part); !name.empty()) names.push_back(std::move(name));
  }
  return names;
}

TableDescription ReadDescription(const TextRows& rows) { return DescriptionReader().Read(rows); }

}  // namespace starlift::hive
