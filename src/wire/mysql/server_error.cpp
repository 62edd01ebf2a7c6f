#include "wire/mysql/server_error.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "wire/mysql/client.h"
#include "wire/mysql/packet.h"

namespace starlift::wire::mysql {
namespace {

constexpr uint8_t kErrorMark = 0xFF;

ErrorKind KindFor(int code) {
  switch (code) {
    case 1040:  // too many connections
    case 1053:  // shutdown in progress
    case 1152:
    case 1154:
    case 1155:
    case 1156:
    case 1157:
    case 1158:
    case 1159:
    case 1160:
    case 1161:
    case 1184:  // aborted connection
    case 1203:
    case 1226:  // user's limits
    case 1317:  // query interrupted: someone killed it
    case 1927:  // connection killed (MariaDB)
    case 3169:  // session killed
    case 4031:  // disconnected by inactivity
      return ErrorKind::kUnreachable;
    case 1008:  // no database to drop
    case 1049:  // unknown database
    case 1051:
    case 1054:
    case 1091:
    case 1109:
    case 1146:
    case 1176:
    case 1305:
    case 5501:
    case 5502:
      return ErrorKind::kNotFound;
    case 1007:
    case 1050:
    case 1060:
    case 1061:
    case 1062:
    case 1205:
    case 1213:
      return ErrorKind::kConflict;
    default:
      return ErrorKind::kRefused;
  }
}

std::optional<std::string_view> Between(std::string_view text, std::string_view before,
                                        std::string_view after) {
  const size_t begin = text.find(before);
  if (begin == std::string_view::npos) return std::nullopt;
  const std::string_view rest = text.substr(begin + before.size());
  if (after.empty()) return rest;
  const size_t end = rest.find(after);
  if (end == std::string_view::npos) return std::nullopt;
  return rest.substr(0, end);
}

// "SELECT command denied to user 'u'@'h' for table 'orders'"; newer servers say `db`.`orders`.
std::string GrantForTable(std::string_view text) {
  const size_t command_end = text.find(" command denied to user ");
  const auto user = Between(text, " command denied to user ", " for ");
  auto table = Between(text, "for table ", "");
  if (command_end == std::string_view::npos || !user) return "grant the missing privilege";
  std::string object = "*.*";
  if (table && table->starts_with('`')) {
    object = *table;
  } else if (table && table->size() > 2) {
    object = "<database>." + QuoteIdentifier(table->substr(1, table->size() - 2));
  }
  return fmt::format("GRANT {} ON {} TO {};", text.substr(0, command_end), object, *user);
}

// "Access denied for user 'u'@'h' to database 'shop'"
std::string GrantForDatabase(std::string_view text) {
  const auto user = Between(text, "for user ", " to database ");
  const auto database = Between(text, " to database ", "");
  if (!user || !database || database->size() < 2) return "grant the missing privilege";
  return fmt::format("GRANT SELECT ON {}.* TO {};",
                     QuoteIdentifier(database->substr(1, database->size() - 2)), *user);
}

// "Access denied; you need (at least one of) the RELOAD privilege(s) for this operation"
std::string GrantGlobally(std::string_view text) {
  const auto privilege = Between(text, "(at least one of) the ", " privilege");
  if (!privilege) return "grant the missing privilege";
  return fmt::format(
      "GRANT {} ON *.* TO CURRENT_USER(); (as an administrator, with this user's name)",
      *privilege);
}

std::string MendFor(int code, std::string_view text) {
  switch (code) {
    case 1040:
      return "raise max_connections at the server, or lower the number of readers";
    case 1044:
      return GrantForDatabase(text);
    case 1698:
      return "this user logs in only through the server's own unix socket; make one with a "
             "password: "
             "CREATE USER 'starlift'@'%' IDENTIFIED BY '…'; GRANT SELECT ON *.* TO 'starlift'@'%';";
    case 1045:
      return "check user and password; the server may also know this user only from other hosts";
    case 1129:
      return "FLUSH HOSTS; at the server";
    case 1130:
      return "let the user log in from this host: CREATE USER '<user>'@'<this host>' …";
    case 1142:
    case 1143:
      return GrantForTable(text);
    case 1153:
      return "SET GLOBAL max_allowed_packet = 1073741824;";
    case 1227:
      return GrantGlobally(text);
    case 1251:
      return "ALTER USER … IDENTIFIED … by a newer authentication plugin";
    case 1820:
    case 1862:
      return "ALTER USER … IDENTIFIED BY … : the password has expired";
    case 3159:
      return "connect with TLS: the server takes nothing else";
    default:
      return {};
  }
}

}  // namespace

Error ErrorFromServer(int code, std::string text) {
  std::string mend = MendFor(code, text);
  return Error{.kind = KindFor(code),
               .message = std::move(text),
               .mend = std::move(mend),
               .native_code = code};
}

Error ErrorFromPacket(std::string_view payload) {
  PayloadReader reader(payload);
  if (reader.U8() != kErrorMark) {
    return Error{.kind = ErrorKind::kUnreachable,
                 .message = "the server's answer is not of the MySQL protocol"};
  }
  const int code = reader.U16();
  std::string_view text = reader.Rest();
  // Before the handshake is through there is no SQL state.
  constexpr size_t kStateBytes = 6;
  if (text.starts_with('#') && text.size() >= kStateBytes) text.remove_prefix(kStateBytes);
  return ErrorFromServer(code, std::string(text));
}

}  // namespace starlift::wire::mysql
