#include <algorithm>
#include <array>
#include <cstdio>

#include <fmt/format.h>

#include "base/option.h"
#include "cli/command.h"
#include "sandbox/sandbox.h"

namespace starlift::cli {
namespace {

constexpr int64_t kMaxPort = 65535;

const std::array kOptions = {
    OptionDeclaration{.name = "home",
                      .placeholder = "DIR",
                      .help = "Folder that holds the sandbox's data; made if missing."},
    OptionDeclaration{.name = "bind",
                      .default_text = "127.0.0.1",
                      .placeholder = "ADDRESS",
                      .help = "Address that the ports listen on."},
    OptionDeclaration{.name = "query-port",
                      .type = OptionType::kInteger,
                      .default_text = "9030",
                      .placeholder = "PORT",
                      .help = "MySQL protocol. 0 takes a free port, here and below.",
                      .maximum = kMaxPort},
    OptionDeclaration{.name = "http-port",
                      .type = OptionType::kInteger,
                      .default_text = "8030",
                      .placeholder = "PORT",
                      .help = "The frontend's HTTP port: Stream Load begins here.",
                      .maximum = kMaxPort},
    OptionDeclaration{.name = "be-http-port",
                      .type = OptionType::kInteger,
                      .default_text = "8040",
                      .placeholder = "PORT",
                      .help = "The backend's HTTP port: loads are redirected here.",
                      .maximum = kMaxPort},
    OptionDeclaration{.name = "rpc-port",
                      .type = OptionType::kInteger,
                      .default_text = "9020",
                      .placeholder = "PORT",
                      .help = "The frontend's thrift port, as it is reported; nothing listens yet.",
                      .maximum = kMaxPort},
    OptionDeclaration{.name = "backends",
                      .type = OptionType::kInteger,
                      .default_text = "1",
                      .placeholder = "N",
                      .help = "How many live backends it claims to have.",
                      .maximum = 1000},
    OptionDeclaration{.name = "null",
                      .type = OptionType::kFlag,
                      .help = "Parse and count loads, but store no row: for benchmarks."},
    OptionDeclaration{.name = "memory",
                      .type = OptionType::kBytes,
                      .default_text = "2GiB",
                      .placeholder = "BYTES",
                      .help = "What the storage engine may use before it spills to disk."},
    OptionDeclaration{.name = "set",
                      .type = OptionType::kTexts,
                      .placeholder = "NAME=VALUE",
                      .help = "A server setting, such as label_keep_max_num=50; may be repeated."},
    OptionDeclaration{.name = "fault",
                      .type = OptionType::kTexts,
                      .placeholder = "NAME[,KEY=VALUE…]",
                      .help = "A fault to inject, see src/sandbox/README.md; may be repeated."},
};

Result<sandbox::SandboxOptions> ReadOptions(const CommandLine& line) {
  sandbox::SandboxOptions options;
  for (const auto& [declaration, text] : line.options) {
    SL_ASSIGN(const OptionValue value, ParseOptionValue(*declaration, text));
    const std::string_view name = declaration->name;
    if (name == "home") options.home = value.text;
    if (name == "bind") options.bind_address = value.text;
    if (name == "query-port") options.query_port = static_cast<uint16_t>(value.number);
    if (name == "http-port") options.http_port = static_cast<uint16_t>(value.number);
    if (name == "be-http-port") options.be_http_port = static_cast<uint16_t>(value.number);
    if (name == "rpc-port") options.rpc_port = static_cast<uint16_t>(value.number);
    if (name == "backends") options.backends = static_cast<int>(value.number);
    if (name == "null") options.null_mode = value.flag();
    if (name == "memory") options.memory_limit_bytes = static_cast<uint64_t>(value.number);
    if (name == "set") options.settings.push_back(value.text);
    if (name == "fault") options.faults.push_back(value.text);
  }
  if (options.home.empty()) {
    return Error{ErrorKind::kUsage, "sandbox needs a folder for its data", "", "add --home DIR"};
  }
  if (!line.positionals.empty()) {
    return Error{ErrorKind::kUsage,
                 fmt::format("sandbox takes no argument '{}'", line.positionals.front())};
  }
  return options;
}

}  // namespace

int RunSandboxCommand(const Arguments& arguments, StopSignal& stop) {
  std::vector<const OptionDeclaration*> declarations;
  declarations.reserve(kOptions.size());
  for (const OptionDeclaration& option : kOptions) declarations.push_back(&option);
  Result<CommandLine> line = ParseCommandLine(declarations, arguments);
  if (!line.ok()) return ReportError(line.error(), stop);
  if (line->help) {
    fmt::print(
        "usage: starlift sandbox --home DIR [OPTIONS]\n\n"
        "A StarRocks-compatible endpoint in the foreground; user root without password.\n"
        "Ctrl-C or SIGTERM ends it in order.\n\n{}",
        RenderOptionHelp(declarations));
    return kExitDone;
  }
  Result<sandbox::SandboxOptions> options = ReadOptions(*line);
  if (!options.ok()) return ReportError(options.error(), stop);
  Result<std::unique_ptr<sandbox::Sandbox>> sandbox = sandbox::Sandbox::Start(*options);
  if (!sandbox.ok()) return ReportError(sandbox.error(), stop);
  fmt::print(
      "sandbox ready: query port {}, http port {}, be http port {}\n"
      "try: mysql -h {} -P {} -u root\n",
      (*sandbox)->query_port(), (*sandbox)->http_port(), (*sandbox)->be_http_port(),
      options->bind_address, (*sandbox)->query_port());
  std::fflush(stdout);
  while (stop.cancellation().SleepFor(std::chrono::hours(1))) {
  }
  (*sandbox)->Stop();
  return stop.exit_code();
}

}  // namespace starlift::cli
