#include "smt/config/config_reader.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/nearest.h"
#include "smt/config/ini_file.h"
#include "smt/dialect.h"

namespace starlift::smt {
namespace {

constexpr std::string_view kRulePrefix = "table-rule.";
constexpr size_t kMaxRuleName = 100;  // it goes into file names

constexpr std::array<std::string_view, 7> kDbKeys = {"host", "port",           "user",   "password",
                                                     "type", "authentication", "sslmode"};
constexpr std::array<std::string_view, 3> kOtherKeys = {"be_num", "use_decimal_v3", "output_dir"};
constexpr std::array<std::string_view, 8> kRuleKeys = {
    "database",   "schema",         "table",          "partition_key",
    "partitions", "duplicate_keys", "distributed_by", "bucket_num"};
constexpr std::array<std::string_view, 4> kRulePrefixes = {"properties.", "external.properties.",
                                                           "flink.starrocks.", "flink.cdc."};
// What the tool itself sets, whatever a rule says; the login only where the connector wants one.
constexpr std::array<std::string_view, 7> kOwnOptions = {
    "properties.replication_num", "flink.starrocks.connector", "flink.starrocks.database-name",
    "flink.starrocks.table-name", "flink.cdc.connector",       "flink.cdc.database-name",
    "flink.cdc.table-name"};
constexpr std::array<std::string_view, 4> kOwnLogin = {"flink.cdc.hostname", "flink.cdc.port",
                                                       "flink.cdc.username", "flink.cdc.password"};
constexpr std::array<std::string_view, 7> kAuthentications = {
    "kerberos", "none", "nosasl", "kerberos_http", "none_http", "zk", "ldap"};

std::string DidYouMean(std::string_view name, std::span<const std::string_view> candidates) {
  const auto nearest = NearestName(name, candidates);
  return nearest ? fmt::format("did you mean {}?", *nearest) : std::string();
}

class Reader {
 public:
  Reader(std::string_view text, const std::string& path, Form form) : path_(path), form_(form) {
    reading_.config.path = path;
    file_ = IniFile::Parse(text, path, reading_.errors, reading_.notes);
  }

  ConfigReading Read() {
    ReadDb();
    ReadOther();
    for (const IniSection& section : file_.sections()) {
      if (section.name.starts_with(kRulePrefix)) ReadRule(section);
    }
    if (reading_.config.rules.empty() && !HasRuleSection()) {
      Fail(0, "no [table-rule.N] section: nothing says which tables are wanted",
           "add [table-rule.1] with database = … and table = …");
    }
    NoteUnknownNames();
    std::stable_sort(reading_.errors.begin(), reading_.errors.end(),
                     [&](const Error& a, const Error& b) { return LineOf(a) < LineOf(b); });
    return std::move(reading_);
  }

 private:
  bool HasRuleSection() const {
    const auto& sections = file_.sections();
    return std::any_of(sections.begin(), sections.end(), [](const IniSection& section) {
      return section.name.starts_with(kRulePrefix);
    });
  }

  std::string Place(int line) const { return line > 0 ? fmt::format("{}:{}", path_, line) : path_; }

  int LineOf(const Error& error) const {
    int line = 0;
    if (error.where.size() > path_.size() + 1) {
      const char* const begin = error.where.data() + path_.size() + 1;
      std::from_chars(begin, error.where.data() + error.where.size(), line);
    }
    return line;
  }

  void Fail(int line, std::string message, std::string mend = "") {
    reading_.errors.push_back({.kind = ErrorKind::kUsage,
                               .message = std::move(message),
                               .where = Place(line),
                               .mend = std::move(mend)});
  }

  int HeadLine(std::string_view section) const {
    const IniSection* const found = file_.Find(section);
    return found ? found->line : 0;
  }

  std::optional<IniValue> Get(std::string_view section, std::string_view key) {
    const UnknownVariable unknown =
        form_ == Form::kCompat ? UnknownVariable::kBecomesEmpty : UnknownVariable::kStays;
    std::optional<IniValue> value = file_.Get(section, key, unknown);
    if (!value) return value;
    for (const std::string& name : value->unknown_variables) {
      reading_.notes.push_back(
          fmt::format("{}: {} holds %({})s, and the file has no {}: it {}", Place(value->line), key,
                      name, name, form_ == Form::kCompat ? "becomes empty" : "stays as it is"));
    }
    return value;
  }

  // Empty if the key is missing, which is an error unless it may be.
  IniValue Require(std::string_view section, std::string_view key, bool may_be_empty = false) {
    const std::optional<IniValue> value = Get(section, key);
    if (!value) {
      Fail(HeadLine(section), fmt::format("[{}] has no {}", section, key),
           fmt::format("add {} = …{}", key, may_be_empty ? " (it may be empty)" : ""));
      return {};
    }
    if (value->text.empty() && !may_be_empty) {
      Fail(value->line, fmt::format("{} in [{}] is empty", key, section));
    }
    return *value;
  }

  template <typename Number>
  void ReadNumber(std::string_view key, const IniValue& value, Number minimum, Number& number) {
    if (value.text.empty()) return;
    Number parsed = 0;
    const char* const end = value.text.data() + value.text.size();
    const auto [stopped, error] = std::from_chars(value.text.data(), end, parsed);
    if (error != std::errc() || stopped != end || parsed < minimum) {
      Fail(value.line, fmt::format("{} = {} is no whole number from {} to {}", key, value.text,
                                   minimum, std::numeric_limits<Number>::max()));
      return;
    }
    number = parsed;
  }

  void ReadDb() {
    if (!file_.Find("db")) {
      Fail(0, "no [db] section: nothing says where the source is",
           "add [db] with host, port, user, password and type");
      return;
    }
    DbConfig& db = reading_.config.db;
    db.host = Require("db", "host").text;
    ReadNumber<uint16_t>("port", Require("db", "port"), 1, db.port);
    db.user = Require("db", "user", true).text;
    db.password = Require("db", "password", true).text;
    const IniValue type = Require("db", "type");
    db.type = type.text;
    if (const auto value = Get("db", "sslmode")) db.sslmode = value->text;
    if (const auto value = Get("db", "authentication")) db.authentication = value->text;
    if (!db.type.empty() && FindDialect(db.type) == nullptr) {
      std::vector<std::string_view> names;
      for (const Dialect* const dialect : AllDialects()) names.push_back(dialect->type);
      Fail(type.line, fmt::format("type = {} is no kind of source", db.type),
           fmt::format("use one of {}", fmt::join(names, ", ")));
    }
    if (db.type == "hive") CheckAuthentication();
  }

  void CheckAuthentication() {
    const IniValue value = Require("db", "authentication");
    const bool known = std::find(kAuthentications.begin(), kAuthentications.end(), value.text) !=
                       kAuthentications.end();
    if (!value.text.empty() && !known) {
      Fail(value.line, fmt::format("authentication = {} is not known", value.text),
           fmt::format("use one of {}", fmt::join(kAuthentications, ", ")));
    }
  }

  void ReadOther() {
    if (!file_.Find("other")) {
      Fail(0, "no [other] section", "add [other] with be_num, use_decimal_v3 and output_dir");
      return;
    }
    OtherConfig& other = reading_.config.other;
    ReadNumber<uint32_t>("be_num", Require("other", "be_num"), form_ == Form::kCompat ? 0U : 1U,
                         other.be_num);
    ReadFlag("use_decimal_v3", Require("other", "use_decimal_v3"), other.use_decimal_v3);
    other.output_dir = Require("other", "output_dir", true).text;
  }

  void ReadFlag(std::string_view key, const IniValue& value, bool& flag) {
    constexpr std::array<std::string_view, 6> kTrue = {"1", "t", "T", "TRUE", "true", "True"};
    constexpr std::array<std::string_view, 6> kFalse = {"0", "f", "F", "FALSE", "false", "False"};
    if (value.text.empty()) return;
    flag = std::find(kTrue.begin(), kTrue.end(), value.text) != kTrue.end();
    if (!flag && std::find(kFalse.begin(), kFalse.end(), value.text) == kFalse.end()) {
      Fail(value.line, fmt::format("{} = {} is neither true nor false", key, value.text));
    }
  }

  // The name goes into file names and must not leave the output folder or meet `all`.
  void CheckRuleName(const IniSection& section, const std::string& name) {
    const bool printable = std::none_of(name.begin(), name.end(), [](unsigned char c) {
      return c < ' ' || c == '/' || c == '\\' || c == 0x7f;
    });
    if (name.empty() || !printable || name.size() > kMaxRuleName || name == "all") {
      Fail(section.line,
           fmt::format("[{}]: the part after the dot names the rule's files and {}", section.name,
                       name.empty()    ? "is missing"
                       : name == "all" ? "`all` is the name of the files of all rules"
                       : printable     ? fmt::format("is longer than {} bytes", kMaxRuleName)
                                       : std::string("can't hold / \\ or control characters")),
           "use [table-rule.1], [table-rule.2], …");
    }
  }

  Pattern ReadPattern(const IniValue& value, std::string_view key) {
    if (value.text.empty()) return {};
    Result<Pattern> pattern = Pattern::Compile(value.text);
    if (!pattern.ok()) {
      Fail(value.line, fmt::format("{}: {}", key, pattern.error().message));
      return {};
    }
    return std::move(*pattern);
  }

  void ReadSchema(const std::string& section, const Dialect* dialect, RuleConfig& rule) {
    constexpr std::string_view kAny = ".*";
    IniValue value;
    if (dialect != nullptr && dialect->has_schema) {
      value = Require(section, "schema", true);
    }
    if (value.text.empty()) value.text = kAny;
    rule.schema = ReadPattern(value, "schema");
  }

  void ReadRule(const IniSection& section) {
    RuleConfig rule;
    rule.name = section.name.substr(kRulePrefix.size());
    rule.line = section.line;
    CheckRuleName(section, rule.name);
    const Dialect* const dialect = FindDialect(reading_.config.db.type);
    const IniValue database = Require(section.name, "database");
    rule.database = dialect != nullptr && dialect->literal_database
                        ? Pattern::Literal(database.text)
                        : ReadPattern(database, "database");
    rule.table = ReadPattern(Require(section.name, "table"), "table");
    ReadSchema(section.name, dialect, rule);
    const auto text = [&](std::string_view key, std::string& into) {
      if (auto value = Get(section.name, key)) into = std::move(value->text);
    };
    text("partition_key", rule.partition_key);
    text("partitions", rule.partitions);
    text("duplicate_keys", rule.duplicate_keys);
    text("distributed_by", rule.distributed_by);
    if (const auto value = Get(section.name, "bucket_num")) {
      ReadNumber<uint32_t>("bucket_num", *value, 1, rule.bucket_num);
    }
    for (const IniEntry& entry : section.entries) TakePrefixed(entry, rule);
    reading_.config.rules.push_back(std::move(rule));
  }

  void TakePrefixed(const IniEntry& entry, RuleConfig& rule) {
    const std::array<Pairs*, kRulePrefixes.size()> places = {
        &rule.properties, &rule.external_properties, &rule.flink_starrocks, &rule.flink_cdc};
    for (size_t i = 0; i < kRulePrefixes.size(); ++i) {
      if (!entry.key.starts_with(kRulePrefixes[i])) continue;
      std::string name = entry.key.substr(kRulePrefixes[i].size());
      if (name.empty()) {
        Fail(entry.line, fmt::format("{} names no option", entry.key));
      } else {
        places[i]->emplace_back(std::move(name), entry.value);
      }
      return;
    }
  }

  void NoteUnknown(const IniEntry& entry, std::string_view section,
                   std::span<const std::string_view> known) {
    if (std::find(known.begin(), known.end(), entry.key) != known.end()) return;
    const std::string hint = DidYouMean(entry.key, known);
    reading_.notes.push_back(fmt::format("{}: [{}] knows no {}, it has no effect{}{}",
                                         Place(entry.line), section, entry.key,
                                         hint.empty() ? "" : "; ", hint));
  }

  // Of an option with one of kRulePrefixes.
  void NoteIdleOption(const IniEntry& entry, std::string_view section) {
    const auto is_among = [&](std::span<const std::string_view> names) {
      return std::find(names.begin(), names.end(), entry.key) != names.end();
    };
    const Dialect* const dialect = FindDialect(reading_.config.db.type);
    const bool login = dialect != nullptr && dialect->flink_login && is_among(kOwnLogin);
    const char* why = nullptr;
    if (section == "table-rule") {
      why = "options are not inherited, so write it into each [table-rule.N]";
    } else if (entry.key == "properties.replication_num") {
      why = "be_num says how many replicas there are";
    } else if (login) {
      why = "[db] says it";
    } else if (is_among(kOwnOptions)) {
      why = "the tool sets it for each table";
    }
    if (why == nullptr) return;
    reading_.notes.push_back(fmt::format("{}: {} in [{}] has no effect: {}", Place(entry.line),
                                         entry.key, section, why));
  }

  void NoteUnknownNames() {
    constexpr std::array<std::string_view, 4> kSections = {"db", "other", "table-rule",
                                                           "table-rule.1"};
    for (const IniSection& section : file_.sections()) {
      const bool rule = section.name.starts_with(kRulePrefix) || section.name == "table-rule";
      if (!rule && section.line > 0 && section.name != "db" && section.name != "other" &&
          section.name != "DEFAULT") {
        const std::string hint = DidYouMean(section.name, kSections);
        reading_.notes.push_back(fmt::format("{}: section [{}] has no effect{}{}",
                                             Place(section.line), section.name,
                                             hint.empty() ? "" : "; ", hint));
        continue;
      }
      for (const IniEntry& entry : section.entries) {
        if (section.name == "db") NoteUnknown(entry, section.name, kDbKeys);
        if (section.name == "other") NoteUnknown(entry, section.name, kOtherKeys);
        const bool prefixed =
            std::any_of(kRulePrefixes.begin(), kRulePrefixes.end(),
                        [&](std::string_view prefix) { return entry.key.starts_with(prefix); });
        if (rule && !prefixed) NoteUnknown(entry, section.name, kRuleKeys);
        if (rule && prefixed) NoteIdleOption(entry, section.name);
      }
    }
  }

  const std::string path_;
  const Form form_;
  IniFile file_;
  ConfigReading reading_;
};

}  // namespace

ConfigReading ReadConfig(std::string_view text, const std::string& path, Form form) {
  return Reader(text, path, form).Read();
}

}  // namespace starlift::smt
