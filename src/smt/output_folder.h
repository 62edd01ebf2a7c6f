#pragma once

#include <filesystem>
#include <fstream>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "smt/type_rules.h"

namespace starlift::smt {

// One file of the output while it is written: statements, ended with ";" and a blank line between
// them.
class StatementFile {
 public:
  StatementFile(std::filesystem::path final_path, Form form);

  void Add(std::string_view statement);
  // `make` (void(std::string&)) appends the statement; called only for a database that this file
  // has not made yet.
  template <typename Make>
  void AddOnce(const std::string& database, Make&& make) {
    if (!databases_.insert(database).second) return;
    std::string statement;
    make(statement);
    Add(statement);
  }
  // Text as it is, for files that hold no statements.
  void AddText(std::string_view text);

  // Writes what is left. Commit does it for files that are still open; a folder of many files does
  // well to do it sooner.
  Status Finish();

 private:
  friend class OutputFolder;

  std::filesystem::path final_path_;
  std::filesystem::path temporary_path_;
  std::ofstream file_;
  std::set<std::string> databases_;
  size_t statements_ = 0;
  bool text_ = false;
  bool finished_ = false;
};

// The folder that the files go to. All of them appear at once, at Commit, each in place of an older
// one of its name; without it nothing is left behind. A folder that is there is never emptied: of
// older files only those go that this program wrote, by its own list, and no longer writes.
class OutputFolder {
 public:
  // Makes the folder if need be. kRight: files only their owner may read, as they hold passwords.
  static Result<OutputFolder> Open(std::filesystem::path folder, Form form);
  OutputFolder(OutputFolder&&) noexcept = default;
  OutputFolder& operator=(OutputFolder&&) noexcept = default;
  ~OutputFolder();

  // Owned by the folder. `name` without a path.
  StatementFile& Create(const std::string& name);
  // Adds a line to `notes` for older files that stay.
  Status Commit(std::vector<std::string>& notes);

  const std::filesystem::path& path() const { return folder_; }

 private:
  OutputFolder(std::filesystem::path folder, Form form, bool made)
      : folder_(std::move(folder)), form_(form), made_(made) {}
  Status DropStale(std::vector<std::string>& notes) const;
  Status WriteList() const;

  std::filesystem::path folder_;
  Form form_;
  bool made_;  // by us, in this run
  std::vector<std::unique_ptr<StatementFile>> files_;
};

}  // namespace starlift::smt
