#include "sandbox/load/faults.h"

#include <algorithm>
#include <array>
#include <charconv>

#include <unistd.h>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace starlift::sandbox::load {
namespace {

constexpr std::array<std::string_view, 13> kNames = {
    "refuse",      "delay",       "http_error",      "cut_request", "cut_response",
    "lose_answer", "fail_begin",  "publish_timeout", "disk_full",   "too_many_versions",
    "die",         "slow_commit", "no_backend",
};
constexpr int kDieStatus = 137;

bool Matches(std::string_view pattern, std::string_view text) {
  if (pattern.empty()) return text.empty();
  if (pattern[0] == '*') {
    for (size_t skip = 0; skip <= text.size(); ++skip) {
      if (Matches(pattern.substr(1), text.substr(skip))) return true;
    }
    return false;
  }
  return !text.empty() && pattern[0] == text[0] && Matches(pattern.substr(1), text.substr(1));
}

template <typename T>
Status ParseNumber(std::string_view key, std::string_view text, T& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc() && end == text.data() + text.size()) return {};
  return Error{ErrorKind::kUsage, fmt::format("fault: {} takes a number, not '{}'", key, text)};
}

}  // namespace

Result<Fault> Faults::Parse(std::string_view text) {
  Fault fault;
  while (!text.empty()) {
    const size_t comma = std::min(text.find(','), text.size());
    const std::string_view item = text.substr(0, comma);
    text.remove_prefix(std::min(comma + 1, text.size()));
    const size_t equals = item.find('=');
    if (equals == std::string_view::npos) {
      if (std::find(kNames.begin(), kNames.end(), item) == kNames.end()) {
        return Error{ErrorKind::kUsage, fmt::format("there is no fault '{}'", item), "",
                     fmt::format("the faults are {}", fmt::join(kNames, ", "))};
      }
      fault.name = item;
      continue;
    }
    const std::string_view key = item.substr(0, equals);
    const std::string_view value = item.substr(equals + 1);
    if (key == "table") {
      fault.table = value;
    } else if (key == "point") {
      fault.point = value;
    } else if (key == "count") {
      SL_TRY(ParseNumber(key, value, fault.count));
    } else if (key == "skip") {
      SL_TRY(ParseNumber(key, value, fault.skip));
    } else if (key == "probability") {
      SL_TRY(ParseNumber(key, value, fault.probability));
    } else if (key == "value") {
      SL_TRY(ParseNumber(key, value, fault.value));
    } else {
      return Error{ErrorKind::kUsage, fmt::format("fault: there is no '{}='", key), "",
                   "use table=, point=, count=, skip=, probability= or value="};
    }
  }
  if (fault.name.empty()) return Error{ErrorKind::kUsage, "the fault has no name"};
  return fault;
}

int64_t Faults::Add(Fault fault) {
  std::lock_guard guard(mutex_);
  fault.id = next_id_++;
  faults_.push_back(std::move(fault));
  return faults_.back().id;
}

void Faults::Remove(int64_t id) {
  std::lock_guard guard(mutex_);
  std::erase_if(faults_, [&](const Fault& fault) { return fault.id == id; });
}

void Faults::Clear() {
  std::lock_guard guard(mutex_);
  faults_.clear();
}

std::vector<Fault> Faults::List() const {
  std::lock_guard guard(mutex_);
  return faults_;
}

std::optional<Fault> Faults::Take(std::string_view name, std::string_view table) {
  std::lock_guard guard(mutex_);
  for (Fault& fault : faults_) {
    // Names may carry a point: "die@before_commit".
    const std::string whole = fault.point.empty() ? fault.name : fault.name + "@" + fault.point;
    if (whole != name || fault.count == 0) continue;
    if (!fault.table.empty() && !Matches(fault.table, table)) continue;
    if (fault.skip > 0) {
      --fault.skip;
      continue;
    }
    if (std::uniform_real_distribution<>(0, 1)(random_) >= fault.probability) continue;
    if (fault.count > 0) --fault.count;
    ++fault.struck;
    return fault;
  }
  return std::nullopt;
}

void Faults::DieAt(std::string_view point, std::string_view table) {
  if (Take(fmt::format("die@{}", point), table)) ::_exit(kDieStatus);
}

}  // namespace starlift::sandbox::load
