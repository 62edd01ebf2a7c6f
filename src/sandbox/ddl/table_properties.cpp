#include "sandbox/ddl/table_properties.h"

#include <algorithm>
#include <charconv>
#include <regex>

#include "sandbox/ddl/statement_context.h"
#include "sandbox/sql/error.h"

namespace starlift::sandbox::ddl {

using catalog::TableDef;
using catalog::TableModel;
using sql::AnalyzeError;
using sql::SqlError;
namespace code = sql::code;

namespace {

using PropertyMap = std::map<std::string, std::string>;

constexpr std::string_view kDefaultBucketSize = "4294967296";
constexpr std::string_view kDynamicPrefix = "dynamic_partition.";

Error Plain(const std::string& message) { return SqlError(code::kGeneric, message); }

bool IsInteger(const std::string& text) {
  int64_t ignored = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), ignored);
  return !text.empty() && parsed.ec == std::errc() && parsed.ptr == text.data() + text.size();
}

Status CheckBoolean(const std::string& key, const std::string& value) {
  const std::string lower = ToLower(value);
  if (lower == "true" || lower == "false") return {};
  return Plain("Property " + key + " must be bool type(false/true)");
}

// Properties that any table takes; the value says how it is printed and checked.
enum class Check : uint8_t { kText, kBoolean, kInteger, kHidden };
struct KnownProperty {
  std::string_view name;
  Check check;
};
constexpr KnownProperty kKnown[] = {
    {"base_compaction_forbidden_time_ranges", Check::kText},
    {"binlog_enable", Check::kBoolean},
    {"binlog_max_size", Check::kInteger},
    {"binlog_ttl_second", Check::kInteger},
    {"bloom_filter_columns", Check::kText},
    {"bloom_filter_fpp", Check::kText},
    {"bucket_size", Check::kInteger},
    {"colocate_with", Check::kText},
    {"compression", Check::kText},
    {"datacache.enable", Check::kHidden},
    {"datacache.partition_duration", Check::kHidden},
    {"enable_load_profile", Check::kBoolean},
    {"enable_persistent_index", Check::kBoolean},
    {"fast_schema_evolution", Check::kBoolean},
    {"foreign_key_constraints", Check::kText},
    {"in_memory", Check::kHidden},
    {"labels.location", Check::kText},
    {"light_schema_change", Check::kHidden},
    {"mutable_bucket_num", Check::kInteger},
    {"partition_live_number", Check::kInteger},
    {"partition_ttl", Check::kText},
    {"partition_ttl_number", Check::kInteger},
    {"primary_index_cache_expire_sec", Check::kInteger},
    {"replicated_storage", Check::kBoolean},
    {"replication_num", Check::kInteger},
    {"storage_cooldown_time", Check::kText},
    {"storage_cooldown_ttl", Check::kText},
    {"storage_format", Check::kHidden},
    {"storage_medium", Check::kText},
    {"storage_type", Check::kHidden},
    {"unique_constraints", Check::kText},
    {"write_quorum", Check::kText},
};

constexpr std::string_view kDynamicNames[] = {
    "enable",
    "time_unit",
    "start",
    "end",
    "prefix",
    "buckets",
    "replication_num",
    "time_zone",
    "start_day_of_week",
    "start_day_of_month",
    "history_partition_num",
};

const KnownProperty* FindKnown(std::string_view name) {
  const auto* found = std::find_if(std::begin(kKnown), std::end(kKnown),
                                   [&](const KnownProperty& p) { return p.name == name; });
  return found == std::end(kKnown) ? nullptr : found;
}

bool IsDynamicName(std::string_view name) {
  if (!name.starts_with(kDynamicPrefix)) return false;
  name.remove_prefix(kDynamicPrefix.size());
  return std::find(std::begin(kDynamicNames), std::end(kDynamicNames), name) !=
         std::end(kDynamicNames);
}

PropertyMap UnknownOf(const PropertyMap& properties) {
  PropertyMap unknown;
  for (const auto& [key, value] : properties) {
    if (FindKnown(key) == nullptr && !IsDynamicName(key)) unknown[key] = value;
  }
  return unknown;
}

// "zstd(3)" -> "ZSTD(3)"
Result<std::string> CompressionName(const std::string& value) {
  static const std::regex kPattern(R"(^(LZ4|LZ4_FRAME|ZSTD|ZLIB|SNAPPY)(\(\d+\))?$)");
  std::string upper = ToUpper(value);
  if (upper == "LZ4_FRAME") upper = "LZ4";
  if (std::regex_match(upper, kPattern)) return upper;
  return Plain("unknown compression type: " + value);
}

Status CheckBloomFilter(const std::string& value, const TableDef& table, std::string& printed) {
  std::vector<std::string> names;
  size_t begin = 0;
  while (begin <= value.size()) {
    const size_t end = std::min(value.find(',', begin), value.size());
    std::string name = value.substr(begin, end - begin);
    name.erase(0, name.find_first_not_of(' '));
    name.erase(name.find_last_not_of(' ') + 1);
    const catalog::ColumnDef* column = table.FindColumn(name);
    if (column == nullptr) {
      return Plain("Bloom filter column does not exist in table. invalid column: " + name);
    }
    using Kind = catalog::TypeKind;
    const Kind kind = column->type.kind;
    const bool unfit = kind == Kind::kTinyInt || kind == Kind::kFloat || kind == Kind::kDouble ||
                       kind == Kind::kBoolean || catalog::IsComplex(kind) || kind == Kind::kJson ||
                       catalog::IsAggregateState(kind);
    if (unfit) {
      return Plain("Invalid bloom filter column '" + name + "': unsupported type " +
                   catalog::ErrorName(column->type));
    }
    names.push_back(column->name);
    begin = end + 1;
  }
  printed = Join(names, ", ");
  return {};
}

// 5065 to 5069 and 1064, in the order that the real one looks at them.
Status CheckDynamicPartition(const PropertyMap& properties, const TableDef& table, bool complete) {
  const auto value = [&](const std::string& name) -> const std::string* {
    const auto found = properties.find(std::string(kDynamicPrefix) + name);
    return found == properties.end() ? nullptr : &found->second;
  };
  if (table.partitioning.kind != catalog::PartitionKind::kRange) {
    return Plain("Only support dynamic partition properties on range partition table");
  }
  if (complete) {
    for (const char* name : {"time_unit", "end", "prefix"}) {
      if (value(name) == nullptr) {
        return Plain("Must assign dynamic_partition." + std::string(name) + " properties");
      }
    }
  }
  if (const std::string* unit = value("time_unit"); unit != nullptr) {
    const std::string upper = ToUpper(*unit);
    if (upper != "HOUR" && upper != "DAY" && upper != "WEEK" && upper != "MONTH" &&
        upper != "YEAR") {
      return SqlError(code::kDynamicPartitionUnit,
                      "Unsupported time unit " + *unit + ". Expect DAY/WEEK/MONTH/YEAR.");
    }
  }
  if (const std::string* start = value("start"); start != nullptr) {
    if (!IsInteger(*start)) {
      return SqlError(code::kDynamicPartitionEnd, "Invalid dynamic partition start " + *start);
    }
    if (std::stoll(*start) >= 0) {
      return SqlError(code::kDynamicPartitionEnd, "Dynamic partition start must less than 0");
    }
  }
  if (const std::string* end = value("end"); end != nullptr) {
    if (!IsInteger(*end)) {
      return SqlError(code::kDynamicPartitionEnd, "Invalid dynamic partition end " + *end);
    }
    if (std::stoll(*end) <= 0) {
      return SqlError(code::kDynamicPartitionEnd, "Dynamic partition end must greater than 0");
    }
  }
  constexpr int kBucketsCode = 5067;
  if (const std::string* buckets = value("buckets"); buckets != nullptr) {
    if (!IsInteger(*buckets)) {
      return SqlError(kBucketsCode, "Invalid dynamic partition buckets " + *buckets);
    }
    if (std::stoll(*buckets) <= 0) {
      return SqlError(kBucketsCode, "Dynamic partition buckets must greater than 0");
    }
  }
  constexpr int kEnableCode = 5068;
  if (const std::string* enable = value("enable"); enable != nullptr) {
    if (!CheckBoolean("", *enable).ok()) {
      return SqlError(kEnableCode,
                      "Invalid dynamic partition enable: " + *enable + ". Expected true or false");
    }
  }
  return {};
}

bool HasDynamic(const PropertyMap& properties) {
  return std::any_of(properties.begin(), properties.end(),
                     [](const auto& entry) { return IsDynamicName(entry.first); });
}

Status ApplyOne(const std::string& key, const std::string& value, TableDef& table) {
  const KnownProperty* known = FindKnown(key);
  std::string printed = value;
  if (known->check == Check::kBoolean) {
    SL_TRY(CheckBoolean(key, value));
    printed = ToLower(value);
  }
  if (known->check == Check::kInteger && !IsInteger(value)) {
    return Plain("Invalid " + key + " value: " + value);
  }
  if (key == "compression") {
    SL_ASSIGN(printed, CompressionName(value));
  } else if (key == "bloom_filter_columns") {
    SL_TRY(CheckBloomFilter(value, table, printed));
  } else if (key == "storage_medium") {
    printed = ToUpper(value);
    if (printed != "SSD" && printed != "HDD") return Plain("Invalid storage medium: " + value);
  } else if (key == "write_quorum") {
    printed = ToUpper(value);
    if (printed != "ONE" && printed != "MAJORITY" && printed != "ALL") {
      return Plain("Property write_quorum must be one of [MAJORITY, ONE, ALL]");
    }
    if (printed == "MAJORITY") return {};  // the default is not printed
  } else if (key == "enable_persistent_index" && table.model == TableModel::kPrimary) {
    if (printed == "false") {
      return Plain("In-Memory index is not supported, please create table with persistent index");
    }
  } else if (key == "bucket_size") {
    if (value.starts_with('-')) return Plain("Illegal bucket size: " + value);
    if (table.distribution.kind == catalog::DistributionKind::kHash) return {};
  }
  if (known->check == Check::kHidden) return {};
  if (key == "enable_persistent_index" && table.model != TableModel::kPrimary) return {};
  if (key == "binlog_enable" && printed == "false") return {};
  if (key == "enable_load_profile" && printed == "false") return {};
  table.properties[key] = printed;
  return {};
}

}  // namespace

std::string MapText(const PropertyMap& properties) {
  std::vector<std::string> entries;
  for (const auto& [key, value] : properties) entries.push_back(key + "=" + value);
  return "{" + Join(entries, ", ") + "}";
}

Result<int> ReplicationNum(const Environment& environment, const sql::Properties& properties) {
  int number = kDefaultReplicationNum;
  for (const auto& [key, value] : properties) {
    if (key != kReplicationNum) continue;
    if (!IsInteger(value)) return AnalyzeError("For input string: \"" + value + "\"");
    number = std::atoi(value.c_str());
  }
  if (number <= 0) {
    return AnalyzeError("Replication num should larger than 0. (suggested 3)");
  }
  const int live = environment.cluster.live_backends;
  if (number > live) {
    std::vector<std::string> ids;
    for (int i = 0; i < live; ++i) ids.push_back(std::to_string(kFirstBackendId + i));
    return AnalyzeError(
        "Table replication num should be less than or equal to the number of available backends. "
        "You can change this default by setting the replication_num table properties. Current "
        "alive backend is [" +
        Join(ids, ",") + "]");
  }
  return number;
}

Status ApplyNewTableProperties(const Environment& environment, const sql::Properties& properties,
                               TableDef& table) {
  SL_ASSIGN(const int replication_num, ReplicationNum(environment, properties));
  PropertyMap stated(properties.begin(), properties.end());
  if (HasDynamic(stated)) SL_TRY(CheckDynamicPartition(stated, table, true));

  table.properties["compression"] = "LZ4";
  table.properties["fast_schema_evolution"] = "true";
  table.properties["replicated_storage"] = "true";
  table.properties[kReplicationNum] = std::to_string(replication_num);
  if (table.model == TableModel::kPrimary) table.properties["enable_persistent_index"] = "true";
  if (table.distribution.kind == catalog::DistributionKind::kRandom &&
      table.distribution.buckets == 0) {
    table.properties["bucket_size"] = kDefaultBucketSize;
  }
  for (const auto& [key, value] : stated) {
    if (FindKnown(key) != nullptr) SL_TRY(ApplyOne(key, value, table));
    if (IsDynamicName(key)) table.properties[key] = value;
  }
  if (const PropertyMap unknown = UnknownOf(stated); !unknown.empty()) {
    return Plain("Unknown properties: " + MapText(unknown));
  }
  return CheckColocation(environment, table);
}

Status ApplyChangedProperties(const Environment& environment, const sql::Properties& properties,
                              TableDef& table) {
  PropertyMap stated(properties.begin(), properties.end());
  if (stated.contains("default.replication_num")) {
    stated[kReplicationNum] = stated["default.replication_num"];
    stated.erase("default.replication_num");
  }
  if (HasDynamic(stated)) SL_TRY(CheckDynamicPartition(stated, table, false));
  if (const PropertyMap unknown = UnknownOf(stated); !unknown.empty()) {
    return AnalyzeError("Unknown properties: " + MapText(unknown));
  }
  for (const auto& [key, value] : stated) {
    if (key == kReplicationNum) {
      SL_TRY(ReplicationNum(environment, {{kReplicationNum, value}}));
    }
    if (IsDynamicName(key)) {
      table.properties[key] = value;
    } else {
      SL_TRY(ApplyOne(key, value, table));
    }
  }
  return CheckColocation(environment, table);
}

Status CheckColocation(const Environment& environment, const TableDef& table) {
  const auto group = table.properties.find("colocate_with");
  if (group == table.properties.end() || group->second.empty()) return {};
  for (const catalog::TablePtr& other : environment.catalog->Tables(table.database_id)) {
    const auto theirs = other->properties.find("colocate_with");
    if (other->id == table.id || theirs == other->properties.end() ||
        theirs->second != group->second) {
      continue;
    }
    const std::string tail = ", current info type: HASH; distribution columns: [" +
                             Join(table.distribution.columns, ",") +
                             ",]; bucket num: " + std::to_string(table.distribution.buckets) + "; ";
    const std::string with = " with group " + std::to_string(other->id);
    if (other->distribution.buckets != table.distribution.buckets) {
      return SqlError(code::kColocate, "Colocate tables must have same bucket num: " +
                                           std::to_string(other->distribution.buckets) + "," +
                                           with + tail);
    }
    if (other->distribution.columns.size() != table.distribution.columns.size()) {
      return SqlError(code::kColocate, "Colocate tables distribution columns size must be same : " +
                                           std::to_string(other->distribution.columns.size()) +
                                           "," + with + tail);
    }
    for (size_t i = 0; i < table.distribution.columns.size(); ++i) {
      const auto& mine = table.FindColumn(table.distribution.columns[i])->type;
      const auto& first = other->FindColumn(other->distribution.columns[i])->type;
      if (mine == first) continue;
      return SqlError(code::kColocate,
                      "Colocate tables distribution columns must have the same data type" + with +
                          ", current col: " + table.distribution.columns[i] +
                          ", should be: " + catalog::ErrorName(first) + tail);
    }
    return {};
  }
  return {};
}

}  // namespace starlift::sandbox::ddl
