#include "sources/mysql/session.h"

#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace starlift::mysql {
namespace {

using wire::mysql::Client;

constexpr int kUnknownSystemVariable = 1193;

// character_set_results NULL: results come in their columns' own charsets (kRaw).
// The time-outs bear a target that takes nothing for long.
constexpr std::string_view kSetup[] = {
    "SET NAMES utf8mb4",
    "SET SESSION character_set_results = NULL, time_zone = '+00:00', sql_mode = '', "
    "sql_select_limit = 18446744073709551615, sql_big_selects = 1, net_write_timeout = 3600, "
    "net_read_timeout = 600, wait_timeout = 86400, autocommit = 1",
    "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
};

// Each only where the server knows it.
constexpr std::string_view kOptionalSetup[] = {
    "SET SESSION max_statement_time = 0",                                 // MariaDB
    "SET SESSION max_execution_time = 0",                                 // MySQL 5.7.8
    "SET SESSION show_gipk_in_create_table_and_information_schema = ON",  // MySQL 8.0.30
};

}  // namespace

std::string ServerVersion::Describe() const {
  const std::string_view whole = text;
  return fmt::format("{} {}", is_mariadb ? "MariaDB" : "MySQL", whole.substr(0, whole.find('-')));
}

Status SourceSession::Use(ResultCharset wanted) {
  if (result_charset == wanted) return {};
  SL_TRY(client.Execute(fmt::format("SET character_set_results = {}",
                                    wanted == ResultCharset::kRaw ? "NULL" : "utf8mb4")));
  result_charset = wanted;
  return {};
}

ServerVersion ParseServerVersion(const std::string& text) {
  ServerVersion version;
  version.text = text;
  version.is_mariadb = text.find("MariaDB") != std::string::npos;
  uint32_t parts[3] = {0, 0, 0};
  size_t part = 0;
  for (const char c : text) {
    if (c >= '0' && c <= '9') {
      parts[part] = parts[part] * 10 + static_cast<uint32_t>(c - '0');
    } else if (c == '.' && part < 2) {
      ++part;
    } else {
      break;
    }
  }
  version.number = parts[0] * 10000 + parts[1] * 100 + parts[2];
  return version;
}

Result<SourceSession> OpenSourceSession(const wire::mysql::ClientOptions& options) {
  SL_ASSIGN(Client client, Client::Connect(options));
  for (const std::string_view statement : kSetup) SL_TRY(client.Execute(statement));
  for (const std::string_view statement : kOptionalSetup) {
    const auto outcome = client.Execute(statement);
    if (!outcome.ok() && outcome.error().native_code != kUnknownSystemVariable)
      return outcome.error();
  }
  ServerVersion version = ParseServerVersion(client.server_version());
  return SourceSession{std::move(client), std::move(version), ResultCharset::kRaw};
}

}  // namespace starlift::mysql
