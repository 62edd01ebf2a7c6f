#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace starlift::sandbox::load {

// One kind of misbehaviour that tests of clients switch on. README.md lists the names.
struct Fault {
  int64_t id = 0;
  std::string name;    // "publish_timeout"
  std::string table;   // "db.table", `*` stands for any run of characters; empty: all
  int64_t count = -1;  // how often it still strikes; -1: always
  int64_t skip = 0;    // how many chances it lets pass first
  double probability = 1;
  int64_t value = 0;   // milliseconds, bytes or HTTP status, as the name says
  std::string point;   // of "die": where
  int64_t struck = 0;  // how often it did
};

// The faults that are switched on. Thread-safe.
class Faults {
 public:
  // "cut_request,value=1000,count=1,table=shop.*": kUsage for an unknown name or key.
  static Result<Fault> Parse(std::string_view text);

  int64_t Add(Fault fault);
  void Remove(int64_t id);
  void Clear();
  std::vector<Fault> List() const;

  // Whether the named fault strikes here and now; counts it if so.
  std::optional<Fault> Take(std::string_view name, std::string_view table);
  // Ends the process at once, as kill -9 would, if a "die" fault stands at this point.
  void DieAt(std::string_view point, std::string_view table);

 private:
  mutable std::mutex mutex_;
  std::vector<Fault> faults_;
  int64_t next_id_ = 1;
  std::minstd_rand random_{std::random_device{}()};
};

}  // namespace starlift::sandbox::load
