#include "base/log.h"

#include <atomic>
#include <memory>

#include <nlohmann/json.hpp>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

namespace starlift {
namespace {

std::atomic<LogFormat> g_format{LogFormat::kText};

spdlog::logger& Logger() {
  static const std::shared_ptr<spdlog::logger> logger = [] {
    auto made = spdlog::stderr_color_mt("starlift");
    made->set_pattern("%Y-%m-%dT%H:%M:%S.%e %^%l%$ %v");
    made->flush_on(spdlog::level::warn);
    return made;
  }();
  return *logger;
}

spdlog::level::level_enum ToSpdlog(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarning:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

}  // namespace

void ConfigureLog(LogLevel level, LogFormat format) {
  g_format = format;
  Logger().set_level(ToSpdlog(level));
  Logger().set_pattern(format == LogFormat::kJson ? "%v" : "%Y-%m-%dT%H:%M:%S.%e %^%l%$ %v");
}

bool LogEnabled(LogLevel level) { return Logger().should_log(ToSpdlog(level)); }

void LogMessage(LogLevel level, std::string_view message) {
  if (g_format == LogFormat::kJson) {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    nlohmann::json line = {
        {"ts_ms", std::chrono::duration_cast<std::chrono::milliseconds>(now).count()},
        {"level", spdlog::level::to_string_view(ToSpdlog(level)).data()},
        {"message", std::string(message)}};
    Logger().log(ToSpdlog(level), "{}",
                 line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
    return;
  }
  Logger().log(ToSpdlog(level), "{}", message);
}

}  // namespace starlift
