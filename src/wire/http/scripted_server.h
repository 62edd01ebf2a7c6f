#pragma once

#include <functional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "wire/socket.h"

namespace starlift::wire::http {

// For tests: a server that does to each connection, in turn, what the next script says, and keeps
// what it received. Runs until it has used its scripts up or is destroyed.
class ScriptedServer {
 public:
  using Script = std::function<void(Socket&)>;

  explicit ScriptedServer(std::vector<Script> scripts)
      : listener_(Listener::Listen("127.0.0.1", 0).value()),
        thread_([this, scripts = std::move(scripts)] {
          for (const Script& script : scripts) {
            Result<Socket> accepted = listener_.Accept();
            if (!accepted.ok()) return;
            script(*accepted);
          }
        }) {}
  ~ScriptedServer() {
    listener_.Shutdown();
    thread_.join();
  }
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  uint16_t port() const { return listener_.port(); }

  // Reads up to and including the empty line.
  static std::string ReadHead(Socket& socket) {
    std::string head;
    char byte = 0;
    while (!head.ends_with("\r\n\r\n")) {
      if (!socket.ReadExactly(std::span<char>(&byte, 1)).ok()) return head;
      head += byte;
    }
    return head;
  }

  static std::string ReadBody(Socket& socket, size_t bytes) {
    std::string body(bytes, '\0');
    if (!socket.ReadExactly(body).ok()) body.clear();
    return body;
  }

  static std::string Answer(std::string_view status, std::string_view body,
                            std::string_view headers = "") {
    return "HTTP/1.1 " + std::string(status) + "\r\n" + std::string(headers) +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
  }

 private:
  Listener listener_;
  std::thread thread_;
};

}  // namespace starlift::wire::http
