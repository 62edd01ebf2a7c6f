#include "smt/print/flink_pipeline.h"

#include <algorithm>
#include <cctype>
#include <string_view>

#include <fmt/format.h>

#include "smt/print/pipeline_limits.h"
#include "smt/print/yaml_text.h"

namespace starlift::smt {
namespace {

// In patterns of Flink CDC a bare dot parts names and `\.` is any character; so a dot inside a name
// can only be met by the latter.
std::string NamePattern(std::string_view name) {
  std::string pattern;
  for (const char c : name) {
    if (std::string_view(".+*?()[]{}|^$\\").find(c) == std::string_view::npos) {
      pattern += c;
    } else {
      pattern += c == '.' ? "\\." : fmt::format("[{}]", c);
    }
  }
  return pattern;
}

// A rule's expression, in which a dot is any character.
std::string RulePattern(std::string_view expression) {
  std::string pattern;
  for (size_t i = 0; i < expression.size(); ++i) {
    const bool escaped = i > 0 && expression[i - 1] == '\\';
    pattern +=
        expression[i] == '.' && !escaped ? std::string("\\.") : std::string(1, expression[i]);
  }
  return pattern;
}

std::string TablePattern(const PlannedTable& table, const Dialect& dialect) {
  const TableId& id = table.source().id;
  const FlinkSourceNames& names = table.flink_sources.front();
  std::string name = table.merged() ? RulePattern(names.database) : NamePattern(id.database);
  name += '.';
  if (dialect.has_schema) {
    name += table.merged() ? RulePattern(names.schema) : NamePattern(id.schema);
    name += '.';
  }
  return name + (table.merged() ? RulePattern(names.table) : NamePattern(id.name));
}

// A slot's name has lower-case letters, digits and underscores.
std::string SlotName(std::string_view rule) {
  std::string slot = "smt_pipeline_";
  constexpr size_t kRoom = 53;
  for (const char c : rule) {
    const auto byte = static_cast<unsigned char>(c);
    slot += std::isalnum(byte) != 0 && byte < 0x80 ? static_cast<char>(std::tolower(byte)) : '_';
  }
  return slot.substr(0, kRoom);
}

// Comments hold names that may hold anything: a line end would end the comment.
std::string OneLine(std::string_view text) {
  std::string line;
  for (const char c : text) line += static_cast<unsigned char>(c) < ' ' ? '?' : c;
  return line;
}

bool IsTinyintOne(const PlannedColumn& column) {
  return column.source->native_type == "tinyint(1)";
}

class PipelinePrinter {
 public:
  PipelinePrinter(const RuleConfig& rule, const Config& config, const Dialect& dialect,
                  FlinkCdcVersion version)
      : rule_(rule), config_(config), dialect_(dialect), version_(version) {}

  void Add(const PlannedTable& table) {
    if (const std::string problem = PipelineProblem(table, dialect_); !problem.empty()) {
      ++left_out_;
      Comment(fmt::format("left out: {}: {}", table.source().id.ToString(), problem));
      return;
    }
    const std::string source = TablePattern(table, dialect_);
    patterns_ += (patterns_.empty() ? "" : ",") + source;
    NameBooleans(table);
    if (!table.merged() && !dialect_.has_schema) return;  // the target has the same name
    routes_ += fmt::format("  - source-table: {}\n    sink-table: {}\n", YamlScalar(source),
                           YamlScalar(table.database + "." + table.name));
  }

  FlinkPipeline Print() {
    if (patterns_.empty()) return {.text = {}, .left_out = left_out_};
    const std::string source = Source();
    const std::string sink = Sink();
    std::string out = fmt::format("# [table-rule.{}] as a pipeline of Flink CDC {}.{}\n{}",
                                  OneLine(rule_.name), version_.major, version_.minor, comments_);
    out += source + sink;
    if (!routes_.empty()) out += "route:\n" + routes_;
    out += fmt::format("pipeline:\n  name: {}\n  parallelism: 1\n",
                       YamlScalar("starlift smt, table-rule." + rule_.name));
    // Moments are written in this zone; the tables' SQL jobs write them in the server's.
    if (!time_zone_.empty()) AddYamlEntry(out, "local-time-zone", time_zone_);
    return {.text = std::move(out), .left_out = left_out_};
  }

 private:
  void Comment(std::string_view text) { comments_ += "# " + OneLine(text) + "\n"; }

  void NameBooleans(const PlannedTable& table) {
    if (version_ >= kTinyintOption || dialect_.pipeline_type != "mysql") return;
    for (const PlannedColumn& column : table.columns) {
      if (!IsTinyintOne(column)) continue;
      Comment(
          fmt::format("before 3.3 TINYINT(1) is a BOOLEAN, and other values than 0 and 1 "
                      "become 1: {}, column `{}`",
                      table.source().id.ToString(), column.name()));
    }
  }

  std::string Source() {
    std::string out = "source:\n";
    AddYamlEntry(out, "type", dialect_.pipeline_type);
    AddYamlEntry(out, "hostname", config_.db.host);
    AddYamlEntry(out, "port", std::to_string(config_.db.port));
    AddYamlEntry(out, "username", config_.db.user);
    AddYamlEntry(out, "password", config_.db.password);
    AddYamlEntry(out, "tables", patterns_);
    const auto given = [&](std::string_view name) {
      return std::any_of(rule_.flink_cdc.begin(), rule_.flink_cdc.end(),
                         [&](const auto& option) { return option.first == name; });
    };
    if (dialect_.pipeline_type == "postgres") {
      if (!given("slot.name")) AddYamlEntry(out, "slot.name", SlotName(rule_.name));
      if (!given("decoding.plugin.name")) AddYamlEntry(out, "decoding.plugin.name", "pgoutput");
    } else if (dialect_.pipeline_type == "mysql" && version_ >= kTinyintOption) {
      // Other values than 0 and 1 are kept, as the tables made here keep them.
      out += "  treat-tinyint1-as-boolean.enabled: false\n";
    }
    for (const auto& [name, value] : rule_.flink_cdc) {
      if (name == "server-time-zone") time_zone_ = value;
      AddOption(out, "flink.cdc.", name, value, PipelineSourceKnows(name));
    }
    return out;
  }

  std::string Sink() {
    std::string out = "sink:\n";
    AddYamlEntry(out, "type", "starrocks");
    for (const auto& [name, value] : rule_.flink_starrocks) {
      AddOption(out, "flink.starrocks.", name, value, PipelineSinkKnows(name));
    }
    return out;
  }

  void AddOption(std::string& out, std::string_view prefix, const std::string& name,
                 const std::string& value, bool known) {
    if (known) {
      AddYamlEntry(out, name, value);
    } else {
      Comment(fmt::format("left out: {}{}, which the pipeline doesn't know", prefix, name));
    }
  }

  const RuleConfig& rule_;
  const Config& config_;
  const Dialect& dialect_;
  const FlinkCdcVersion version_;
  std::string comments_;
  std::string patterns_;
  std::string routes_;
  std::string time_zone_;
  size_t left_out_ = 0;
};

}  // namespace

FlinkPipeline PrintFlinkPipeline(std::span<const PlannedTable> tables, const Config& config,
                                 const Dialect& dialect, FlinkCdcVersion version) {
  PipelinePrinter printer(*tables.front().rule, config, dialect, version);
  for (const PlannedTable& table : tables) printer.Add(table);
  return printer.Print();
}

}  // namespace starlift::smt
