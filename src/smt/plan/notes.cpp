#include "smt/plan/notes.h"

#include <utility>

#include <fmt/format.h>

namespace starlift::smt {
namespace {

constexpr size_t kPlacesShown = 3;

}  // namespace

void Notes::Add(std::string what, std::string_view place) {
  const auto [found, added] = index_.try_emplace(what, entries_.size());
  if (added) entries_.push_back({.what = std::move(what)});
  Entry& entry = entries_[found->second];
  if (!place.empty() && entry.places.size() < kPlacesShown) entry.places.emplace_back(place);
  if (!place.empty()) ++entry.count;
}

std::vector<std::string> Notes::Lines() const {
  std::vector<std::string> lines;
  lines.reserve(entries_.size());
  for (const Entry& entry : entries_) {
    std::string line = entry.what;
    if (entry.count > 0) line += fmt::format(": {}", fmt::join(entry.places, ", "));
    if (entry.count > entry.places.size()) {
      line += fmt::format(" and {} more", entry.count - entry.places.size());
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace starlift::smt
