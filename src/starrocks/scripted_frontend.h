#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "starrocks/target_config.h"
#include "wire/http/scripted_server.h"
#include "wire/testing/scripted_server.h"

// For tests: both ports of a frontend, answering as they are told.
namespace starlift::starrocks {

struct ScriptedReply {
  std::vector<std::string> columns;
  std::vector<std::vector<std::optional<std::string>>> rows;
  uint16_t error = 0;  // not 0: this instead of rows
  std::string message;
  bool breaks = false;  // the connection ends without an answer
};

using ScriptedReplies = std::map<std::string, std::vector<ScriptedReply>>;

// Answers statements of any number of connections, one connection after the other. Of several
// replies to one statement each serves once, the last one from then on. An unknown statement is
// error 1064. `refuses` the login where it is set.
class ScriptedQueryPort {
 public:
  explicit ScriptedQueryPort(ScriptedReplies replies, std::string refuses = "")
      : replies_(std::move(replies)),
        refuses_(std::move(refuses)),
        server_([this](wire::mysql::PacketChannel& channel) { Serve(channel); }, kConnections) {}

  Endpoint endpoint() const { return {.host = "127.0.0.1", .port = server_.Options("", "").port}; }

 private:
  static constexpr int kConnections = 16;

  void Serve(wire::mysql::PacketChannel& channel) {
    using namespace wire::testing;  // NOLINT(google-build-using-namespace)
    Greet(channel, "mysql_native_password", "8.0.33");
    ReadLogin(channel);
    if (!refuses_.empty()) return SendError(channel, 1045, refuses_);
    SendOk(channel);
    while (true) {
      const std::string command = Receive(channel);
      if (command.empty() || command[0] != '\x03') return;
      const ScriptedReply reply = Next(command.substr(1));
      if (reply.breaks) return;
      if (reply.error != 0) {
        SendError(channel, reply.error, reply.message);
      } else if (reply.columns.empty()) {
        SendOk(channel);
      } else {
        SendResult(channel, reply);
      }
    }
  }

  ScriptedReply Next(const std::string& sql) {
    const auto found = replies_.find(sql);
    if (found == replies_.end()) return {.error = 1064, .message = "unknown statement: " + sql};
    std::vector<ScriptedReply>& left = found->second;
    ScriptedReply reply = left.front();
    if (left.size() > 1) left.erase(left.begin());
    return reply;
  }

  static void SendResult(wire::mysql::PacketChannel& channel, const ScriptedReply& reply) {
    using namespace wire::testing;  // NOLINT(google-build-using-namespace)
    using wire::mysql::PayloadWriter;
    Send(channel, PayloadWriter().LengthInt(reply.columns.size()).payload());
    for (const std::string& name : reply.columns) {
      PayloadWriter field;
      field.LengthString("def").LengthString("").LengthString("").LengthString("");
      field.LengthString(name).LengthString(name);
      field.LengthInt(12).U16(45).U32(1000).U8(253).U16(0).U8(0).U16(0);
      Send(channel, field.payload());
    }
    SendEof(channel);
    for (const auto& cells : reply.rows) {
      PayloadWriter row;
      for (const std::optional<std::string>& cell : cells) {
        if (cell) {
          row.LengthString(*cell);
        } else {
          row.U8(0xFB);
        }
      }
      Send(channel, row.payload());
    }
    SendEof(channel);
  }

  ScriptedReplies replies_;
  const std::string refuses_;
  wire::testing::ScriptedServer server_;  // last: its thread uses the others
};

// Answers GETs by their path and everything else (a load's headers) with `load`.
class ScriptedHttpPort {
 public:
  ScriptedHttpPort(std::map<std::string, std::string> pages, std::string load)
      : pages_(std::move(pages)),
        load_(std::move(load)),
        server_(std::vector<wire::http::ScriptedServer::Script>(
            kConnections, [this](wire::Socket& socket) { Serve(socket); })) {}

  Endpoint endpoint() const { return {.host = "127.0.0.1", .port = server_.port()}; }

 private:
  static constexpr size_t kConnections = 16;

  void Serve(wire::Socket& socket) {
    using wire::http::ScriptedServer;
    const std::string head = ScriptedServer::ReadHead(socket);
    std::string answer = load_;
    if (head.starts_with("GET ")) {
      const auto page = pages_.find(head.substr(4, head.find(' ', 4) - 4));
      answer = page == pages_.end() ? ScriptedServer::Answer("404 Not Found", "no such page")
                                    : ScriptedServer::Answer("200 OK", page->second);
    }
    (void)socket.WriteAll(answer);
  }

  const std::map<std::string, std::string> pages_;
  const std::string load_;
  wire::http::ScriptedServer server_;
};

// A load's redirect to a backend.
inline std::string RedirectToBackend(const Endpoint& backend) {
  return wire::http::ScriptedServer::Answer(
      "307 Temporary Redirect", "",
      "Location: http://" + backend.ToString() + "/api/x/y/_stream_load\r\nConnection: close\r\n");
}

// An endpoint at which nobody listens.
inline Endpoint DeadEndpoint() {
  const auto listener = wire::Listener::Listen("127.0.0.1", 0);
  return {.host = "127.0.0.1", .port = listener->port()};
}

}  // namespace starlift::starrocks
