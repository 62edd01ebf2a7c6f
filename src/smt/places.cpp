#include "smt/places.h"

#include <system_error>

#include <unistd.h>

namespace starlift::smt {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kDefaultOutput = "result";

bool Exists(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

fs::path FindInPath(std::string_view program, std::string_view path) {
  while (!path.empty()) {
    const size_t colon = path.find(':');
    const fs::path candidate = fs::path(path.substr(0, colon)) / program;
    if (access(candidate.c_str(), X_OK) == 0) return candidate;
    path.remove_prefix(colon == std::string_view::npos ? path.size() : colon + 1);
  }
  return {};
}

}  // namespace

Places Places::Of(std::string_view program, std::string_view path) {
  std::error_code ignored;
  Places places{.working_folder = fs::current_path(ignored)};
  fs::path called(program);
  if (program.find('/') == std::string_view::npos) called = FindInPath(program, path);
  places.program_folder =
      called.empty() ? places.working_folder : fs::absolute(called, ignored).parent_path();
  return places;
}

fs::path Places::DefaultConfig() const {
  const fs::path name = fs::path("conf") / "config_prod.conf";
  const fs::path beside = program_folder / name;
  return Exists(beside) ? beside : working_folder / name;
}

fs::path Places::Output(const std::string& output_dir, const fs::path& config, Form form) const {
  const fs::path wanted(output_dir.empty() ? std::string(kDefaultOutput) : output_dir);
  if (form == Form::kCompat) {
    return (program_folder / wanted.relative_path()).lexically_normal();
  }
  if (wanted.is_absolute()) return wanted.lexically_normal();
  for (const fs::path& folder : {program_folder, working_folder}) {
    if (Exists(folder / wanted)) return (folder / wanted).lexically_normal();
  }
  // Nothing there yet: beside conf/, if the config is in the program's.
  std::error_code ignored;
  const bool programs_own = fs::weakly_canonical(config, ignored).parent_path().parent_path() ==
                            fs::weakly_canonical(program_folder, ignored);
  return ((programs_own ? program_folder : working_folder) / wanted).lexically_normal();
}

}  // namespace starlift::smt
