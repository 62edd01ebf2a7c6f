#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace starlift {

// What went wrong, by what the caller can do about it. Decides the exit code.
enum class ErrorKind {
  kUsage,        // command line or config: nothing was started
  kCheck,        // a precondition at source or target is not met
  kPolicy,       // a row or a change that the configured policy says to stop at
  kUnreachable,  // network, or a server that is away: worth a retry
  kRefused,      // a server said no: wrong password, missing privilege, bad statement
  kNotFound,     // database, table, column, file
  kConflict,     // exists already, locked, in use
  kData,         // bytes that can't be what they should be
  kIo,           // local disk
  kCancelled,    // the user or a signal asked to stop
  kInternal,     // a defect of ours
};

// An error as a value: what happened, where, and how to mend it. Cheap to move, never null.
// Secrets are never put into any of the texts.
struct Error {
  ErrorKind kind = ErrorKind::kInternal;
  // One sentence with the concrete values: "table `shop`.`orders` has no column `x`".
  std::string message;
  // Table, row key, position, or file:line of the config. Empty where the message says it.
  std::string where;
  // What the user can do: a statement, an option, a setting. Empty where there is nothing.
  std::string mend;
  // The server's own error number (MySQL error code, HTTP status), 0 where there is none.
  int native_code = 0;

  // "message (at where). To mend it: mend"
  std::string ToString() const;

  Error&& At(std::string place) && {
    where = where.empty() ? std::move(place) : place + ": " + where;
    return std::move(*this);
  }
  Error&& Mend(std::string how) && {
    mend = std::move(how);
    return std::move(*this);
  }
  Error&& Native(int code) && {
    native_code = code;
    return std::move(*this);
  }
};

std::string_view ErrorKindName(ErrorKind kind);

// The process exit code that stands for this kind (docs/reference/exit-codes.md).
int ExitCodeFor(ErrorKind kind);

}  // namespace starlift
