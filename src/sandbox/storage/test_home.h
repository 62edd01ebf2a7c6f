#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

namespace starlift::sandbox {

// A folder of its own for one test, removed with it.
class TestHome {
 public:
  TestHome() {
    std::string pattern = (std::filesystem::temp_directory_path() / "sandbox_XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~TestHome() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace starlift::sandbox
