#include "sources/mysql/ddl/default_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <vector>

#include <fmt/format.h>

#include "sources/mysql/types.h"

namespace starlift::mysql {
namespace {

using Kind = DefaultDefinition::Kind;

std::string UnsignedOfDigits(std::string_view digits, int base) {
  uint64_t value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  return std::to_string(value);
}

std::string BytesOfHex(std::string_view digits) {
  std::string bytes;
  std::string padded = (digits.size() % 2 == 1 ? "0" : "") + std::string(digits);
  for (size_t i = 0; i < padded.size(); i += 2) {
    int byte = 0;
    std::from_chars(padded.data() + i, padded.data() + i + 2, byte, 16);
    bytes.push_back(static_cast<char>(byte));
  }
  return bytes;
}

// Decimal digits, with its sign, point and exponent taken apart.
struct Digits {
  bool negative = false;
  std::string whole;
  std::string fraction;
};

std::optional<Digits> ReadDigits(std::string_view text) {
  Digits digits;
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  if (text.starts_with('-') || text.starts_with('+')) {
    digits.negative = text.front() == '-';
    text.remove_prefix(1);
  }
  int exponent = 0;
  if (const size_t e = text.find_first_of("eE"); e != std::string_view::npos) {
    std::string_view power = text.substr(e + 1);
    if (power.starts_with('+')) power.remove_prefix(1);
    const auto [end, failure] =
        std::from_chars(power.data(), power.data() + power.size(), exponent);
    if (failure != std::errc{} || std::abs(exponent) > 80) return std::nullopt;
    text = text.substr(0, e);
  }
  const size_t point = text.find('.');
  digits.whole = text.substr(0, point);
  if (point != std::string_view::npos) digits.fraction = text.substr(point + 1);
  const auto plain = [](const std::string& part) {
    return part.find_first_not_of("0123456789") == std::string::npos;
  };
  if (!plain(digits.whole) || !plain(digits.fraction)) return std::nullopt;
  if (digits.whole.empty() && digits.fraction.empty()) return std::nullopt;
  for (; exponent > 0; --exponent) {
    digits.whole.push_back(digits.fraction.empty() ? '0' : digits.fraction.front());
    if (!digits.fraction.empty()) digits.fraction.erase(0, 1);
  }
  for (; exponent < 0; ++exponent) {
    digits.fraction.insert(digits.fraction.begin(),
                           digits.whole.empty() ? '0' : digits.whole.back());
    if (!digits.whole.empty()) digits.whole.pop_back();
  }
  return digits;
}

// Rounds half away from zero to `scale` fraction digits, as the server does.
std::string PrintDecimal(Digits digits, size_t scale) {
  bool carry = false;
  if (digits.fraction.size() > scale) {
    carry = digits.fraction[scale] >= '5';
    digits.fraction.resize(scale);
  }
  digits.fraction.append(scale - digits.fraction.size(), '0');
  std::string all = digits.whole + digits.fraction;
  for (size_t i = all.size(); carry && i-- > 0;) {
    carry = all[i] == '9';
    all[i] = carry ? '0' : static_cast<char>(all[i] + 1);
  }
  if (carry) all.insert(all.begin(), '1');
  std::string whole = all.substr(0, all.size() - scale);
  whole.erase(0, std::min(whole.find_first_not_of('0'), whole.size()));
  if (whole.empty()) whole = "0";
  const std::string fraction = all.substr(all.size() - scale);
  const bool zero = (whole + fraction).find_first_not_of('0') == std::string::npos;
  return (digits.negative && !zero ? "-" : "") + whole + (scale > 0 ? "." + fraction : "");
}

// The width that ZEROFILL pads to: "int(5) unsigned zerofill".
size_t DisplayWidth(std::string_view native_type) {
  const size_t open = native_type.find('(');
  size_t width = 0;
  if (open != std::string_view::npos) {
    std::from_chars(native_type.data() + open + 1, native_type.data() + native_type.size(), width);
  }
  return width;
}

std::string ZeroFilled(std::string text, const Column& column) {
  if (column.native_type.find("zerofill") == std::string::npos) return text;
  size_t width = DisplayWidth(column.native_type);
  if (column.type.kind == TypeKind::kDecimal) width = column.type.precision + 1U;
  if (text.size() < width) text.insert(0, width - text.size(), '0');
  return text;
}

std::string PrintFloat(std::string_view text, const Column& column) {
  double value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc{} || end != text.data() + text.size()) return std::string(text);
  // FLOAT(10,2) prints its decimals.
  if (const size_t comma = column.native_type.find(','); comma != std::string::npos) {
    const auto digits = ReadDigits(text);
    size_t scale = 0;
    std::from_chars(column.native_type.data() + comma + 1,
                    column.native_type.data() + column.native_type.size(), scale);
    if (digits) return PrintDecimal(*digits, scale);
  }
  if (column.type.kind == TypeKind::kFloat) {
    // Six digits that count, without an exponent where it isn't needed.
    return fmt::format("{}", std::strtod(fmt::format("{:.6g}", value).c_str(), nullptr));
  }
  return fmt::format("{}", value);
}

// "2020-1-2 3:4:5.6" in the column's form; the text itself if it isn't one.
std::string PrintTemporal(const std::string& text, const Column& column) {
  std::vector<std::string> numbers(1);
  std::string fraction;
  bool in_fraction = false;
  for (const char c : text) {
    if (c == '.' && numbers.size() >= 3) {
      in_fraction = true;
    } else if (c >= '0' && c <= '9') {
      (in_fraction ? fraction : numbers.back()).push_back(c);
    } else {
      numbers.emplace_back();
    }
  }
  const auto pad = [](const std::string& number, size_t width) {
    return std::string(number.size() < width ? width - number.size() : 0, '0') + number;
  };
  fraction.resize(column.type.scale, '0');
  const std::string tail = column.type.scale > 0 ? "." + fraction : "";
  if (column.type.kind == TypeKind::kTime) {
    if (numbers.size() != 3 || text.starts_with('-')) return text;
    return pad(numbers[0], 2) + ":" + pad(numbers[1], 2) + ":" + pad(numbers[2], 2) + tail;
  }
  if (numbers.size() != 3 && numbers.size() != 6) return text;
  if (numbers[0].size() != 4) return text;
  std::string date = numbers[0] + "-" + pad(numbers[1], 2) + "-" + pad(numbers[2], 2);
  if (column.type.kind == TypeKind::kDate) return date;
  if (numbers.size() == 3) return date + " 00:00:00" + tail;
  return date + " " + pad(numbers[3], 2) + ":" + pad(numbers[4], 2) + ":" + pad(numbers[5], 2) +
         tail;
}

// 0, 20200102, 101112: temporal values as numbers.
std::string PrintTemporalNumber(const std::string& text, const Column& column) {
  const size_t digits = column.type.kind == TypeKind::kDate   ? 8
                        : column.type.kind == TypeKind::kTime ? 6
                                                              : 14;
  if (text.find_first_not_of("0123456789") != std::string::npos) return text;
  std::string padded = text;
  if (digits == 14 && text.size() == 8) padded += "000000";
  if (padded.size() > digits || (padded != "0" && padded.size() < digits && digits != 6)) {
    return text;
  }
  padded.insert(0, digits - padded.size(), '0');
  if (digits == 6) {
    return PrintTemporal(padded.substr(0, 2) + ":" + padded.substr(2, 2) + ":" + padded.substr(4),
                         column);
  }
  std::string out = padded.substr(0, 4) + "-" + padded.substr(4, 2) + "-" + padded.substr(6, 2);
  if (digits == 14) {
    out += " " + padded.substr(8, 2) + ":" + padded.substr(10, 2) + ":" + padded.substr(12);
  }
  return PrintTemporal(out, column);
}

std::string PrintYear(const std::string& text) {
  int year = 0;
  std::from_chars(text.data(), text.data() + text.size(), year);
  if (text == "0" || text == "0000") return text == "0" ? "0000" : text;
  if (year < 70) return std::to_string(year + 2000);
  return std::to_string(year < 100 ? year + 1900 : year);
}

// ENUM by number.
std::string LabelOf(const std::string& number, const Column& column) {
  size_t wanted = 0;
  std::from_chars(number.data(), number.data() + number.size(), wanted);
  size_t at = 0;
  std::string label;
  bool quoted = false;
  const std::string& type = column.native_type;
  for (size_t i = 0; i < type.size(); ++i) {
    if (type[i] != '\'') {
      if (quoted) label.push_back(type[i]);
      continue;
    }
    if (quoted && i + 1 < type.size() && type[i + 1] == '\'') {
      label.push_back('\'');
      ++i;
      continue;
    }
    quoted = !quoted;
    if (quoted) {
      label.clear();
    } else if (++at == wanted) {
      return label;
    }
  }
  return number;
}

bool IsTemporal(TypeKind kind) {
  return kind == TypeKind::kDate || kind == TypeKind::kDateTime || kind == TypeKind::kTimestamp ||
         kind == TypeKind::kTime;
}

std::string PrintBits(const DefaultDefinition& literal, const std::string& plain) {
  uint64_t value = 0;
  if (literal.kind == Kind::kString) {
    for (const char c : literal.text) value = value << 8 | static_cast<unsigned char>(c);
  } else {
    std::from_chars(plain.data(), plain.data() + plain.size(), value);
  }
  return fmt::format("b'{:b}'", value);
}

}  // namespace

std::string NormalizeLiteral(const DefaultDefinition& literal, const Column& column) {
  const TypeKind kind = column.type.kind;
  const bool text_like = IsText(kind) || IsBinary(kind);
  std::string text = literal.text;
  if (literal.kind == Kind::kHex) {
    text = text_like ? BytesOfHex(text) : UnsignedOfDigits(text, 16);
  } else if (literal.kind == Kind::kBits) {
    const std::string number = UnsignedOfDigits(text, 2);
    text = text_like ? BytesOfHex(fmt::format("{:x}", std::strtoull(number.c_str(), nullptr, 10)))
                     : number;
  }
  if (kind == TypeKind::kBit) return PrintBits(literal, text);
  if (kind == TypeKind::kYear) return PrintYear(text);
  if (kind == TypeKind::kEnum && literal.kind == Kind::kNumber) return LabelOf(text, column);
  if (IsTemporal(kind)) {
    const bool digits = text.find_first_not_of("0123456789") == std::string::npos;
    return digits && !text.empty() ? PrintTemporalNumber(text, column)
                                   : PrintTemporal(text, column);
  }
  if (kind == TypeKind::kFloat || kind == TypeKind::kDouble) {
    return ZeroFilled(PrintFloat(text, column), column);
  }
  if (IsInteger(kind) || kind == TypeKind::kDecimal) {
    const auto digits = ReadDigits(text);
    if (!digits) return text;
    return ZeroFilled(PrintDecimal(*digits, kind == TypeKind::kDecimal ? column.type.scale : 0),
                      column);
  }
  return text;
}

}  // namespace starlift::mysql
