#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "smt/type_rules.h"

namespace starlift::smt {

// Where the tool looks for what it wasn't told: beside the program as it was called, then in the
// working directory.
struct Places {
  std::filesystem::path program_folder;
  std::filesystem::path working_folder;

  // From argv[0]: a name without a slash is looked up in `path`, the value of PATH. Links are not
  // followed, so that the original's folder is found by a link that stands in its stead.
  static Places Of(std::string_view program, std::string_view path);

  // conf/config_prod.conf; that of the working directory if neither is there.
  std::filesystem::path DefaultConfig() const;

  // Where the files go. kRight: an absolute `output_dir` as it is, a relative one where it is there
  // already, else beside `config`'s folder. kCompat: beneath the program's folder, always.
  std::filesystem::path Output(const std::string& output_dir, const std::filesystem::path& config,
                               Form form) const;
};

}  // namespace starlift::smt
