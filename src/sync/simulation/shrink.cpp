#include "sync/simulation/shrink.h"

#include <algorithm>
#include <cctype>
#include <utility>

namespace starlift::sync {
namespace {

class Shrinking {
 public:
  Shrinking(Scenario scenario, const Fails& fails, uint64_t most_runs)
      : best_(std::move(scenario)), fails_(fails), left_(most_runs) {}

  Scenario Run() {
    bool smaller = true;
    while (smaller && left_ > 0) {
      smaller = ReduceOptions();
      smaller = LeaveOut() || smaller;
      smaller = ShortenPauses() || smaller;
    }
    return std::move(best_);
  }

 private:
  bool Try(Scenario candidate) {
    if (candidate == best_ || left_ == 0) return false;
    --left_;
    if (!fails_(candidate)) return false;
    best_ = std::move(candidate);
    return true;
  }

  // Delta debugging (Zeller, Hildebrandt 2002), by complements only.
  bool LeaveOut() {
    bool smaller = false;
    for (size_t size = std::max<size_t>(best_.actions.size() / 2, 1); size > 0; size /= 2) {
      for (size_t at = 0; at < best_.actions.size();) {
        Scenario candidate = best_;
        const auto from = candidate.actions.begin() + static_cast<ptrdiff_t>(at);
        const auto until =
            from + static_cast<ptrdiff_t>(std::min(size, candidate.actions.size() - at));
        candidate.actions.erase(from, until);
        if (Try(std::move(candidate))) {
          smaller = true;
        } else {
          at += size;
        }
      }
    }
    return smaller;
  }

  bool ShortenPauses() {
    bool smaller = false;
    for (size_t i = 0; i < best_.actions.size(); ++i) {
      // The step of a crash says where it is: only a smaller one may be easier to read.
      for (const uint64_t after : {uint64_t{0}, best_.actions[i].after / 2}) {
        if (after >= best_.actions[i].after) continue;
        Scenario candidate = best_;
        candidate.actions[i].after = after;
        smaller = Try(std::move(candidate)) || smaller;
      }
    }
    return smaller;
  }

  bool ReduceOptions() {
    bool smaller = false;
    const auto reduce = [&](auto WorldOptions::*option, auto value) {
      if (best_.options.*option == value) return;
      Scenario candidate = best_;
      candidate.options.*option = value;
      smaller = Try(std::move(candidate)) || smaller;
    };
    reduce(&WorldOptions::row_image, RowImage::kFull);
    reduce(&WorldOptions::keyless_edits, false);
    reduce(&WorldOptions::positions_by_gtid, true);
    const uint64_t fewest = best_.options.keyed_tables == 0 ? 1 : 0;
    for (uint64_t tables = fewest; tables < best_.options.keyless_tables; ++tables) {
      reduce(&WorldOptions::keyless_tables, tables);
    }
    const uint64_t least = best_.options.keyless_tables == 0 ? 1 : 0;
    for (uint64_t tables = least; tables < best_.options.keyed_tables; ++tables) {
      reduce(&WorldOptions::keyed_tables, tables);
    }
    for (const uint64_t rows : {uint64_t{0}, uint64_t{1}, best_.options.first_rows / 2}) {
      if (rows < best_.options.first_rows) reduce(&WorldOptions::first_rows, rows);
    }
    for (const uint64_t ids : {uint64_t{2}, best_.options.ids / 2}) {
      if (ids > 0 && ids < best_.options.ids) reduce(&WorldOptions::ids, ids);
    }
    return smaller;
  }

  Scenario best_;
  const Fails& fails_;
  uint64_t left_;
};

}  // namespace

// Words of plain letters, up to the first colon; rows come after one.
std::string ShapeOf(std::string_view failure) {
  std::string shape, word;
  bool plain = true;
  for (const char c : failure.substr(0, failure.find(": "))) {
    if (c == ' ' || c == '\n') {
      if (plain) shape += word + ' ';
      word.clear();
      plain = true;
      continue;
    }
    plain = plain && (std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '\'');
    word += c;
  }
  if (plain) shape += word;
  return shape;
}

Scenario Shrink(Scenario scenario, const Fails& fails, uint64_t most_runs) {
  return Shrinking(std::move(scenario), fails, most_runs).Run();
}

}  // namespace starlift::sync
