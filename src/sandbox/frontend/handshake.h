#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "sandbox/frontend/user_store.h"
#include "wire/mysql/packet.h"

namespace starlift::sandbox::frontend {

// Who logged in, and how.
struct Login {
  std::string user;
  std::string database;  // asked for with the login; empty: none
  uint32_t capabilities = 0;
};

// The greeting, the client's answer, and the password by mysql_native_password (a client that
// begins with another plugin is switched). A refusal is sent to the client, with error 1045, before
// it is returned. Does not look whether the database exists.
Result<Login> AcceptLogin(wire::mysql::PacketChannel& channel, uint32_t connection_id,
                          const UserStore& users);

// COM_CHANGE_USER: the payload after the command byte. The connection's own scramble is renewed by
// an authentication switch.
Result<Login> AcceptChangeUser(wire::mysql::PacketChannel& channel, std::string_view payload,
                               const UserStore& users);

}  // namespace starlift::sandbox::frontend
