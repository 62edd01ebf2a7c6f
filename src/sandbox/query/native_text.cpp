// Texts of values, binary encodings and JSON texts.
#include <cctype>
#include <chrono>
#include <thread>

#include <nlohmann/json.hpp>
#include <openssl/evp.h>

#include "sandbox/query/native_function.h"
#include "sandbox/query/value_text.h"

namespace starlift::sandbox::query {
namespace {

using Arguments = std::vector<NativeValue>;

bool IsUtf8(std::string_view text) {
  for (size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const size_t length = lead < 0x80                   ? 1
                          : lead >= 0xF0 && lead < 0xF5 ? 4
                          : lead >= 0xE0                ? 3
                          : lead >= 0xC2                ? 2
                                                        : 0;
    if (length == 0 || lead >= 0xF5 || i + length > text.size()) return false;
    for (size_t k = 1; k < length; ++k) {
      if ((static_cast<unsigned char>(text[i + k]) & 0xC0) != 0x80) return false;
    }
    i += length;
  }
  return true;
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

bool FromHex(std::string_view text, std::string* bytes) {
  if (text.size() % 2 != 0) return false;
  for (size_t i = 0; i < text.size(); i += 2) {
    const int high = HexDigit(text[i]);
    const int low = HexDigit(text[i + 1]);
    if (high < 0 || low < 0) return false;
    bytes->push_back(static_cast<char>(high * 16 + low));
  }
  return true;
}

std::string ToHex(std::string_view bytes) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string hex;
  for (const char c : bytes) {
    hex.push_back(kDigits[static_cast<unsigned char>(c) >> 4]);
    hex.push_back(kDigits[static_cast<unsigned char>(c) & 15]);
  }
  return hex;
}

bool FromBase64(std::string_view text, std::string* bytes) {
  if (text.size() % 4 != 0) return false;
  bytes->resize(text.size() / 4 * 3);
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes->data()),
                                   reinterpret_cast<const unsigned char*>(text.data()),
                                   static_cast<int>(text.size()));
  if (size < 0) return false;
  size_t padding = 0;
  while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') ++padding;
  bytes->resize(static_cast<size_t>(size) - padding);
  return true;
}

std::string ToBase64(std::string_view bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                   reinterpret_cast<const unsigned char*>(bytes.data()),
                                   static_cast<int>(bytes.size()));
  text.resize(static_cast<size_t>(size));
  return text;
}

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return lower;
}

// Blanks off both ends; digits with a sign, or NULL.
bool IntegerText(const Arguments& arguments, NativeValue* out) {
  std::string_view text = arguments[0].text;
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front())) != 0)
    text.remove_prefix(1);
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())) != 0)
    text.remove_suffix(1);
  size_t i = !text.empty() && (text[0] == '-' || text[0] == '+') ? 1 : 0;
  if (i == text.size()) return false;
  for (; i < text.size(); ++i) {
    if (text[i] < '0' || text[i] > '9') return false;
  }
  out->bytes = text.front() == '+' ? text.substr(1) : text;
  return true;
}

bool ToBinary(const Arguments& arguments, NativeValue* out) {
  const std::string format = Lower(arguments[1].text);
  if (format == "hex") return FromHex(arguments[0].text, &out->bytes);
  if (format == "encode64") return FromBase64(arguments[0].text, &out->bytes);
  out->bytes = arguments[0].text;
  return format == "utf8";
}

bool FromBinary(const Arguments& arguments, NativeValue* out) {
  const std::string format = Lower(arguments[1].text);
  if (format == "hex") {
    out->bytes = ToHex(arguments[0].text);
  } else if (format == "encode64") {
    out->bytes = ToBase64(arguments[0].text);
  } else {
    out->bytes = arguments[0].text;
    return format == "utf8" && IsUtf8(out->bytes);
  }
  return true;
}

bool InitCap(const Arguments& arguments, NativeValue* out) {
  bool start = true;
  for (const char c : arguments[0].text) {
    const auto byte = static_cast<unsigned char>(c);
    out->bytes.push_back(static_cast<char>(start ? std::toupper(byte) : std::tolower(byte)));
    start = std::isalnum(byte) == 0 && byte < 0x80;
  }
  return true;
}

// A JSON path without "$" in front; quotes as StarRocks takes them.
bool JsonPath(const Arguments& arguments, NativeValue* out) {
  std::string_view path = arguments[0].text;
  out->bytes = path.starts_with('$')   ? std::string(path)
               : path.starts_with('[') ? "$" + std::string(path)
                                       : "$." + std::string(path);
  return true;
}

bool JsonString(const Arguments& arguments, NativeValue* out) {
  const nlohmann::json value = nlohmann::json::parse(arguments[0].text, nullptr, false);
  if (value.is_null()) return false;
  out->bytes = value.is_string() ? value.get<std::string>() : JsonText(arguments[0].text);
  return true;
}

bool JsonLength(const Arguments& arguments, NativeValue* out) {
  const nlohmann::json value = nlohmann::json::parse(arguments[0].text, nullptr, false);
  if (value.is_discarded()) return false;
  out->integer = value.is_structured() ? static_cast<int64_t>(value.size()) : 1;
  return true;
}

}  // namespace

std::vector<NativeFunction> TextFunctions() {
  using T = NativeType;
  return {
      {"sr_double_text",
       {T::kDouble},
       T::kText,
       [](const Arguments& a, NativeValue* out) {
         return out->bytes = DoubleText(a[0].real), true;
       }},
      {"sr_float_text",
       {T::kFloat},
       T::kText,
       [](const Arguments& a, NativeValue* out) {
         return out->bytes = FloatText(static_cast<float>(a[0].real)), true;
       }},
      {"sr_datetime_text",
       {T::kTimestamp},
       T::kText,
       [](const Arguments& a, NativeValue* out) {
         return out->bytes = DateTimeText(a[0].integer), true;
       }},
      {"sr_binary_text",
       {T::kBytes},
       T::kText,
       [](const Arguments& a, NativeValue* out) {
         return out->bytes = a[0].text, IsUtf8(a[0].text);
       }},
      {"sr_integer_text", {T::kText}, T::kText, IntegerText},
      {"sr_unhex",
       {T::kText},
       T::kText,
       [](const Arguments& a, NativeValue* out) {
         return FromHex(a[0].text, &out->bytes) && IsUtf8(out->bytes);
       }},
      {"sr_to_binary", {T::kText, T::kText}, T::kBytes, ToBinary},
      {"sr_from_binary", {T::kBytes, T::kText}, T::kText, FromBinary},
      {"sr_initcap", {T::kText}, T::kText, InitCap},
      {"sr_sleep",
       {T::kInteger},
       T::kBoolean,
       [](const Arguments& a, NativeValue* out) {
         std::this_thread::sleep_for(std::chrono::seconds(std::min<int64_t>(a[0].integer, 3600)));
         return out->integer = 1, true;
       }},
  };
}

std::vector<NativeFunction> JsonFunctions() {
  using T = NativeType;
  return {
      {"sr_json_path", {T::kText}, T::kText, JsonPath},
      {"sr_json_string", {T::kText}, T::kText, JsonString},
      {"sr_json_length", {T::kText}, T::kInteger, JsonLength},
      {"sr_json_display",
       {T::kText},
       T::kText,
       [](const Arguments& a, NativeValue* out) { return out->bytes = JsonText(a[0].text), true; }},
  };
}

}  // namespace starlift::sandbox::query
