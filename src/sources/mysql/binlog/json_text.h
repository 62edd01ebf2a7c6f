#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace starlift::mysql {

// MySQL's binary JSON ("json_binary.h" of the server, "The JSON binary format") as the text that
// the server prints. Appends. kData: damaged bytes. No bytes at all are the JSON null, as the
// server takes them.
Status AppendJsonText(std::string_view binary, std::string& text);

// What AppendJsonText and JsonDocument share.
namespace json {

inline constexpr int kMostDepth = 100;  // the server's own limit

enum Type : uint8_t {
  kSmallObject = 0,
  kLargeObject = 1,
  kSmallArray = 2,
  kLargeArray = 3,
  kLiteral = 4,
  kInt16 = 5,
  kUint16 = 6,
  kInt32 = 7,
  kUint32 = 8,
  kInt64 = 9,
  kUint64 = 10,
  kDouble = 11,
  kString = 12,
  kOpaque = 15,
};

// One value within a document: its type and the bytes from its begin to the end of the container.
struct Value {
  uint8_t type = kLiteral;
  std::string_view bytes;
};

// An object or an array, taken apart as far as its tables go.
class Container {
 public:
  static Result<Container> Read(const Value& value);

  bool is_object() const { return is_object_; }
  uint32_t size() const { return size_; }
  Result<std::string_view> Key(uint32_t index) const;
  Result<Value> At(uint32_t index) const;

 private:
  uint32_t Offset(size_t at) const;

  std::string_view bytes_;
  bool is_object_ = false;
  bool large_ = false;
  uint32_t size_ = 0;
};

Result<Value> ReadDocument(std::string_view binary);
bool IsContainer(const Value& value);
Status AppendScalar(const Value& value, std::string& text);
void AppendQuoted(std::string_view utf8, std::string& text);

}  // namespace json
}  // namespace starlift::mysql
