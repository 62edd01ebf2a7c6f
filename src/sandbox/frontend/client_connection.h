#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "sandbox/frontend/dispatcher.h"
#include "sandbox/frontend/prepared_statements.h"
#include "sandbox/frontend/protocol.h"
#include "sandbox/frontend/session.h"

namespace starlift::sandbox::frontend {

// One client from accept to close: login, then commands. Runs in a thread of its own; Close wakes
// it from another.
class ClientConnection {
 public:
  ClientConnection(ServerState* server, wire::Socket socket);
  ~ClientConnection();

  void Run();
  void Close();

 private:
  Status LogIn();
  Status Authenticate(LoginRequest login);
  Status ReadCommand(bool* goes_on);
  Status HandleCommand(Command command, std::string_view argument);
  Status HandleQuery(std::string_view text);
  Status HandleFieldList(std::string_view argument);
  Status HandlePrepare(std::string_view text);
  Status HandleExecute(std::string_view argument);
  Status RunOne(std::string_view text, const query::Parameters* parameters, bool binary, bool more,
                bool* failed);
  Status SendOk(const sql::StatementResult& result = {}, bool more = false);
  Status SendError(const Error& error);
  uint16_t StatusFlags(bool more) const;

  ServerState& server_;
  const uint32_t id_;
  const std::string host_;
  std::string scramble_;
  wire::mysql::PacketChannel channel_;
  Session session_;
  PreparedStatements prepared_;
  uint32_t capabilities_ = 0;
};

}  // namespace starlift::sandbox::frontend
