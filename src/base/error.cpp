#include "base/error.h"

namespace starlift {

std::string Error::ToString() const {
  std::string text = message;
  if (!where.empty()) text += " (at " + where + ")";
  if (!mend.empty()) text += "\n  to mend it: " + mend;
  return text;
}

std::string_view ErrorKindName(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kUsage:
      return "usage";
    case ErrorKind::kCheck:
      return "check";
    case ErrorKind::kPolicy:
      return "policy";
    case ErrorKind::kUnreachable:
      return "unreachable";
    case ErrorKind::kRefused:
      return "refused";
    case ErrorKind::kNotFound:
      return "not-found";
    case ErrorKind::kConflict:
      return "conflict";
    case ErrorKind::kData:
      return "data";
    case ErrorKind::kIo:
      return "io";
    case ErrorKind::kCancelled:
      return "cancelled";
    case ErrorKind::kInternal:
      return "internal";
  }
  return "internal";
}

int ExitCodeFor(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kUsage:
      return 2;
    case ErrorKind::kCheck:
    case ErrorKind::kRefused:
    case ErrorKind::kNotFound:
    case ErrorKind::kConflict:
      return 3;
    case ErrorKind::kPolicy:
    case ErrorKind::kData:
      return 4;
    case ErrorKind::kUnreachable:
      return 5;
    case ErrorKind::kCancelled:
      return 130;
    case ErrorKind::kIo:
    case ErrorKind::kInternal:
      return 4;
  }
  return 4;
}

}  // namespace starlift
