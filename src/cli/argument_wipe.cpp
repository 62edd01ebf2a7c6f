#include "cli/argument_wipe.h"

#include <cstring>
#include <string_view>

#include "sync/config/endpoint_url.h"

namespace starlift::cli {

void WipePasswords(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument(argv[i]);
    const auto [offset, size] = sync::FindUrlPassword(argument);
    if (size == 0) continue;
    // The rest moves up, so that not even the length is left; NUL bytes fill the end.
    const size_t rest = offset + size;
    std::memmove(argv[i] + offset, argv[i] + rest, argument.size() - rest);
    std::memset(argv[i] + argument.size() - size, 0, size);
  }
}

}  // namespace starlift::cli
