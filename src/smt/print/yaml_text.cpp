#include "smt/print/yaml_text.h"

#include <iterator>

#include <fmt/format.h>

namespace starlift::smt {

std::string YamlScalar(std::string_view text) {
  std::string scalar = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      scalar += '\\';
      scalar += c;
    } else if (byte < ' ' || byte == 0x7f) {
      scalar += fmt::format("\\x{:02x}", byte);
    } else {
      scalar += c;
    }
  }
  return scalar += '"';
}

void AddYamlEntry(std::string& out, std::string_view name, std::string_view value) {
  fmt::format_to(std::back_inserter(out), "  {}: {}\n", name, YamlScalar(value));
}

}  // namespace starlift::smt
