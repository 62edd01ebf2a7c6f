#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "sync/control/command_queue.h"
#include "sync/control/task_status.h"

namespace starlift::sync {

// The control channel of a running task: a Unix socket in its home directory, which only its user
// may open. One request and one answer per connection, each one line of JSON:
//
//   {"command":"status"}                               {"ok":true,"answer":{…}}
//   {"command":"restart-from","argument":"file:…"}     {"ok":false,"error":{"kind":…,"message":…}}

// `<home>/control/<hash of identity>.sock`
std::string ControlSocketPath(const std::string& home, std::string_view identity);

// Answers on a thread of its own until it is destroyed; then the file is gone. The holder of the
// task's lock makes it, so that a file left by a dead process can be replaced.
class ControlServer {
 public:
  using ReadStatus = std::function<TaskStatus()>;

  // `read_status` is called from the server's thread; `commands` must outlive the server and be
  // closed before it is destroyed, so that nobody waits for ever.
  static Result<std::unique_ptr<ControlServer>> Start(const std::string& home,
                                                      std::string_view identity,
                                                      ReadStatus read_status,
                                                      CommandQueue& commands);
  ~ControlServer();
  ControlServer(const ControlServer&) = delete;
  ControlServer& operator=(const ControlServer&) = delete;

 private:
  struct State;
  explicit ControlServer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// Sends one command to the process that runs the task. The answer's text: one line, or the JSON of
// a status. kNotFound if no process runs it.
Result<std::string> SendCommand(const std::string& home, std::string_view identity,
                                std::string_view command, std::string_view argument);

}  // namespace starlift::sync
