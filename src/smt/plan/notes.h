#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace starlift::smt {

// Collects what is to be said, so that a thing that is true of a thousand columns is one line.
class Notes {
 public:
  // `what` at `place`, which may be empty.
  void Add(std::string what, std::string_view place = "");

  // "what: `a`.`b`, `a`.`c` and 12 more", in the order of their first Add.
  std::vector<std::string> Lines() const;

 private:
  struct Entry {
    std::string what;
    std::vector<std::string> places;  // the first few
    size_t count = 0;
  };

  std::vector<Entry> entries_;
  std::map<std::string, size_t, std::less<>> index_;
};

}  // namespace starlift::smt
