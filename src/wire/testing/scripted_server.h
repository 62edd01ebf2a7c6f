#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <thread>

#include <gtest/gtest.h>

#include "wire/mysql/client.h"
#include "wire/mysql/packet.h"

namespace starlift::wire::testing {

// A MySQL server that takes so many connections, one after the other, and does with each what its
// script says, in a thread of its own.
class ScriptedServer {
 public:
  using Script = std::function<void(mysql::PacketChannel&)>;

  explicit ScriptedServer(Script script, int connections = 1)
      : listener_(*Listener::Listen("127.0.0.1", 0)) {
    thread_ = std::thread([this, connections, run = std::move(script)] {
      for (int i = 0; i < connections; ++i) {
        Result<Socket> socket = listener_.Accept();
        if (!socket.ok()) return;
        mysql::PacketChannel channel(std::move(*socket));
        channel.SetReadAhead(false);
        run(channel);
      }
    });
  }
  ~ScriptedServer() {
    listener_.Shutdown();
    thread_.join();
  }

  // No TLS unless asked, and no waiting for ever where a script went wrong.
  mysql::ClientOptions Options(std::string user, std::string password) const {
    mysql::ClientOptions options;
    options.host = "127.0.0.1";
    options.port = listener_.port();
    options.user = std::move(user);
    options.password = std::move(password);
    options.tls.mode = TlsMode::kDisabled;
    options.connect_timeout = std::chrono::milliseconds(5000);
    options.read_timeout = std::chrono::milliseconds(5000);
    return options;
  }

 private:
  Listener listener_;
  std::thread thread_;
};

inline constexpr std::string_view kNonce = "abcdefghijklmnopqrst";
inline constexpr uint32_t kTlsCapability = 1u << 11;
inline constexpr uint32_t kServerCapabilities = 0x0000A205 | 0x00080000 | 0x00200000;

inline void Send(mysql::PacketChannel& channel, std::string_view payload) {
  EXPECT_TRUE(channel.WritePayload(payload).ok());
  EXPECT_TRUE(channel.Flush().ok());
}

inline std::string Receive(mysql::PacketChannel& channel) {
  const Result<std::string_view> payload = channel.ReadPayload();
  return payload.ok() ? std::string(*payload) : std::string();
}

inline void Greet(mysql::PacketChannel& channel, std::string_view plugin,
                  std::string_view version = "8.0.36", uint32_t more_capabilities = 0,
                  std::string_view nonce = kNonce) {
  const uint32_t capabilities = kServerCapabilities | more_capabilities;
  mysql::PayloadWriter greeting;
  greeting.U8(10).NullString(version).U32(77).Bytes(nonce.substr(0, 8)).U8(0);
  greeting.U16(static_cast<uint16_t>(capabilities))
      .U8(45)
      .U16(2)
      .U16(static_cast<uint16_t>(capabilities >> 16));
  greeting.U8(static_cast<uint8_t>(nonce.size() + 1))
      .Zeros(10)
      .Bytes(nonce.substr(8))
      .U8(0)
      .NullString(plugin);
  Send(channel, greeting.payload());
}

struct LoginRequest {
  uint32_t capabilities = 0;
  std::string user, answer, plugin;
};

inline LoginRequest ReadLogin(mysql::PacketChannel& channel) {
  const std::string payload = Receive(channel);
  mysql::PayloadReader reader(payload);
  LoginRequest request;
  request.capabilities = reader.U32();
  reader.Skip(28);
  request.user = reader.NullString();
  request.answer = reader.LengthString();
  request.plugin = reader.NullString();
  EXPECT_TRUE(reader.ok());
  return request;
}

inline void SendOk(mysql::PacketChannel& channel) {
  Send(channel, std::string_view("\0\0\0\2\0\0\0", 7));
}

inline void SendError(mysql::PacketChannel& channel, uint16_t code, std::string_view text) {
  mysql::PayloadWriter error;
  error.U8(0xFF).U16(code).Bytes("#HY000").Bytes(text);
  Send(channel, error.payload());
}

inline void SendEof(mysql::PacketChannel& channel, uint16_t status = 2) {
  mysql::PayloadWriter eof;
  eof.U8(0xFE).U16(0).U16(status);
  Send(channel, eof.payload());
}

// The field list of a result of text columns.
inline void SendFields(mysql::PacketChannel& channel,
                       std::initializer_list<std::string_view> names) {
  Send(channel, mysql::PayloadWriter().LengthInt(names.size()).payload());
  for (const std::string_view name : names) {
    mysql::PayloadWriter field;
    field.LengthString("def").LengthString("").LengthString("t").LengthString("t").LengthString(
        name);
    field.LengthString(name).LengthInt(12).U16(45).U32(1000).U8(253).U16(0).U8(0).U16(0);
    Send(channel, field.payload());
  }
  SendEof(channel);
}

// Lets anyone in, reads one command and gives its text.
inline std::string LetInAndListen(mysql::PacketChannel& channel) {
  Greet(channel, "mysql_native_password");
  ReadLogin(channel);
  SendOk(channel);
  const std::string command = Receive(channel);
  return command.empty() ? command : command.substr(1);
}

}  // namespace starlift::wire::testing
