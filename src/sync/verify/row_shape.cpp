#include "sync/verify/row_shape.h"

#include <cstring>
#include <string_view>

#include "base/hash.h"
#include "starrocks/canonical_value.h"

namespace starlift::sync {
namespace {

using starrocks::TargetTypeKind;

// Before each value: what it is, so that no two rows have the same bytes.
constexpr char kNullMark = 'N';
constexpr char kValueMark = 'V';
constexpr char kIllFormedMark = 'X';

constexpr uint64_t kRowSeed = 0x5A17;

void AppendValue(const starrocks::TargetType& type, std::optional<std::string_view> value,
                 std::string& bytes) {
  const size_t mark = bytes.size();
  uint32_t size = 0;
  bytes.resize(mark + 1 + sizeof size);
  bytes[mark] = kNullMark;
  if (value) {
    bytes[mark] = kValueMark;
    if (!starrocks::AppendCanonicalValue(type, *value, bytes)) {
      bytes[mark] = kIllFormedMark;
      bytes += *value;
    }
  }
  size = static_cast<uint32_t>(bytes.size() - mark - 1 - sizeof size);
  std::memcpy(bytes.data() + mark + 1, &size, sizeof size);
}

// A DELETE from a table without a primary key compares columns with constants.
bool CanBeNamed(TargetTypeKind kind) {
  switch (kind) {
    case TargetTypeKind::kFloat:
    case TargetTypeKind::kDouble:
    case TargetTypeKind::kVarbinary:
    case TargetTypeKind::kJson:
    case TargetTypeKind::kOther:
      return false;
    default:
      return true;
  }
}

}  // namespace

RowShape MakeRowShape(const mapping::TableMapping& mapping) {
  RowShape shape;
  shape.keyless = mapping.keyless || mapping.target.model == starrocks::TableModel::kDuplicateKey;
  shape.shared = mapping.shared_target;
  for (const starrocks::ColumnPlan& column : mapping.plan.columns) {
    const bool in_key = shape.keyless ? CanBeNamed(column.type.kind) : column.key;
    if (in_key) shape.key.push_back(shape.columns.size());
    shape.columns.push_back({column.name, column.type});
  }
  return shape;
}

RowDigest RowDigester::Digest(starrocks::StoredValues values) {
  bytes_.clear();
  for (size_t i = 0; i < values.size(); ++i) {
    AppendValue(shape_.columns[i].type, values[i], bytes_);
    ends_[i] = bytes_.size();
  }
  key_bytes_.clear();
  for (const size_t i : shape_.key) {
    const size_t begin = i == 0 ? 0 : ends_[i - 1];
    key_bytes_.append(bytes_, begin, ends_[i] - begin);
  }
  return {HashBytes(key_bytes_), HashBytes(bytes_, kRowSeed)};
}

uint64_t RowDigester::DigestKey(const RowKey& key) {
  key_bytes_.clear();
  for (size_t i = 0; i < key.size(); ++i) {
    const std::optional<std::string_view> value =
        key[i] ? std::optional<std::string_view>(*key[i]) : std::nullopt;
    AppendValue(shape_.columns[shape_.key[i]].type, value, key_bytes_);
  }
  return HashBytes(key_bytes_);
}

bool SameValue(const starrocks::TargetType& type, const StoredValue& a, const StoredValue& b) {
  const auto bytes = [&](const StoredValue& value) {
    std::string appended;
    AppendValue(type, value ? std::optional<std::string_view>(*value) : std::nullopt, appended);
    return appended;
  };
  return bytes(a) == bytes(b);
}

}  // namespace starlift::sync
