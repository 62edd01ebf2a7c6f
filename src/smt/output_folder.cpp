#include "smt/output_folder.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include <fmt/format.h>

namespace starlift::smt {
namespace {

namespace fs = std::filesystem;

// Names, one a line, of what this program wrote into the folder at its last run.
constexpr std::string_view kListName = ".starlift-smt";
constexpr mode_t kOwnerOnly = 0600;
constexpr mode_t kOriginalMode = 0644;

Error IoError(std::string what, const fs::path& path, const std::string& why) {
  return Error{.kind = ErrorKind::kIo,
               .message = fmt::format("{} failed: {}", what, why),
               .where = path.string(),
               .mend = "set output_dir in [other] to a folder that can be written"};
}

bool LooksLikeOurs(const std::string& name) {
  const auto begins = [&](std::string_view prefix) { return name.starts_with(prefix); };
  return name.ends_with(".sql") && (begins("starrocks-create.") || begins("flink-create.") ||
                                    begins("starrocks-external-create."));
}

std::set<std::string> ReadList(const fs::path& folder) {
  std::set<std::string> names;
  std::ifstream list(folder / kListName);
  for (std::string line; std::getline(list, line);) {
    // Only plain names: the list is a file that anybody may have edited.
    if (!line.empty() && line.find('/') == std::string::npos && line != "..") names.insert(line);
  }
  return names;
}

}  // namespace

StatementFile::StatementFile(fs::path final_path, Form form)
    : final_path_(std::move(final_path)), temporary_path_(final_path_) {
  temporary_path_ += fmt::format(".{}.part", getpid());
  const mode_t mode = form == Form::kRight ? kOwnerOnly : kOriginalMode;
  // Made with its rights before the first byte is in it.
  const int made = open(temporary_path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  if (made >= 0) close(made);
  file_.open(temporary_path_, std::ios::binary);
}

void StatementFile::Add(std::string_view statement) {
  if (statements_++ > 0) file_ << ";\n\n";
  file_ << statement;
}

void StatementFile::AddText(std::string_view text) {
  text_ = true;
  file_ << text;
}

Status StatementFile::Finish() {
  if (finished_) return {};
  if (!text_) file_ << (statements_ > 0 ? ";\n" : ";");
  file_.close();
  if (!file_) return IoError("writing", temporary_path_, std::strerror(errno));
  finished_ = true;
  return {};
}

Result<OutputFolder> OutputFolder::Open(fs::path folder, Form form) {
  std::error_code failure;
  const bool made = fs::create_directories(folder, failure);
  if (failure) return IoError("making the folder", folder, failure.message());
  if (access(folder.c_str(), W_OK) != 0) {
    return IoError("writing into the folder", folder, std::strerror(errno));
  }
  return OutputFolder(std::move(folder), form, made);
}

OutputFolder::~OutputFolder() {
  std::error_code ignored;
  for (const auto& file : files_) fs::remove(file->temporary_path_, ignored);
  if (made_ && !files_.empty()) fs::remove(folder_, ignored);  // only if it is empty
}

StatementFile& OutputFolder::Create(const std::string& name) {
  files_.push_back(std::make_unique<StatementFile>(folder_ / name, form_));
  return *files_.back();
}

Status OutputFolder::Commit(std::vector<std::string>& notes) {
  for (const auto& file : files_) {
    SL_TRY(file->Finish());
    // Seen before the first one is renamed, so that all files appear, or none.
    std::error_code ignored;
    if (fs::is_directory(file->final_path_, ignored)) {
      return IoError("writing", file->final_path_, "a folder has that name");
    }
  }
  SL_TRY(DropStale(notes));
  for (const auto& file : files_) {
    std::error_code failure;
    fs::rename(file->temporary_path_, file->final_path_, failure);
    if (failure) return IoError("writing", file->final_path_, failure.message());
  }
  SL_TRY(WriteList());
  files_.clear();
  return {};
}

Status OutputFolder::DropStale(std::vector<std::string>& notes) const {
  std::set<std::string> now;
  for (const auto& file : files_) now.insert(file->final_path_.filename().string());
  const std::set<std::string> ours = ReadList(folder_);
  std::vector<std::string> stay;
  std::error_code failure;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder_, failure)) {
    const std::string name = entry.path().filename().string();
    if (now.contains(name) || !entry.is_regular_file(failure)) continue;
    if (ours.contains(name)) {
      fs::remove(entry.path(), failure);
      if (failure) return IoError("removing an older file", entry.path(), failure.message());
    } else if (LooksLikeOurs(name)) {
      stay.push_back(name);
    }
  }
  std::sort(stay.begin(), stay.end());
  if (!stay.empty()) {
    notes.push_back(fmt::format("{} keeps older files that this run didn't write: {}",
                                folder_.string(), fmt::join(stay, ", ")));
  }
  return {};
}

Status OutputFolder::WriteList() const {
  std::ofstream list(folder_ / kListName, std::ios::binary);
  for (const auto& file : files_) list << file->final_path_.filename().string() << '\n';
  list.close();
  if (!list) return IoError("writing", folder_ / kListName, std::strerror(errno));
  return {};
}

}  // namespace starlift::smt
