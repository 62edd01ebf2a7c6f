#include "sources/mysql/ddl/column_maker.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include <fmt/format.h>

#include "sources/mysql/column_default.h"
#include "sources/mysql/ddl/default_text.h"
#include "sources/mysql/ddl/token_cursor.h"
#include "sources/mysql/types.h"

namespace starlift::mysql {
namespace {

constexpr std::string_view kBinary = "binary";
constexpr uint64_t kMaxVarcharBytes = 65535;

struct BlobSize {
  std::string_view prefix;
  uint64_t bytes;
};
constexpr std::array<BlobSize, 4> kBlobSizes = {
    {{"tiny", 255}, {"", 65535}, {"medium", 16777215}, {"long", 4294967295}}};

// "mediumtext" for what needs at most that many bytes.
std::string BlobName(uint64_t bytes, std::string_view suffix) {
  for (const BlobSize& size : kBlobSizes) {
    if (bytes <= size.bytes) return std::string(size.prefix) + std::string(suffix);
  }
  return "long" + std::string(suffix);
}

// 0 for types without such a limit.
uint64_t BlobBytes(std::string_view name) {
  for (const BlobSize& size : kBlobSizes) {
    for (const std::string_view suffix : {"text", "blob"}) {
      if (name == std::string(size.prefix) + std::string(suffix)) return size.bytes;
    }
  }
  return 0;
}

bool IsTextName(std::string_view name) {
  return name == "char" || name == "varchar" || name.ends_with("text") || name == "enum" ||
         name == "set";
}

bool IsIntegerName(std::string_view name) {
  return name.ends_with("int") && !name.ends_with("point");
}

// Digits of the widest value, with a sign where there is one.
uint64_t DefaultWidth(const TypeDefinition& type) {
  const uint64_t with_sign = type.is_unsigned ? 0 : 1;
  if (type.name == "tinyint") return 3 + with_sign;
  if (type.name == "smallint") return 5 + with_sign;
  if (type.name == "mediumint") return 8 + with_sign;
  if (type.name == "int") return 10 + with_sign;
  return 20;
}

// As the server prints a label: quotes doubled, control characters escaped.
std::string QuoteLabel(std::string_view label) {
  std::string quoted = "'";
  for (const char c : label) {
    switch (c) {
      case '\0':
        quoted += "\\0";
        break;
      case '\n':
        quoted += "\\n";
        break;
      case '\r':
        quoted += "\\r";
        break;
      case '\\':
        quoted += "\\\\";
        break;
      case '\'':
        quoted += "''";
        break;
      default:
        quoted += c;
    }
  }
  return quoted + "'";
}

uint64_t CountCharacters(std::string_view utf8) {
  return static_cast<uint64_t>(std::count_if(utf8.begin(), utf8.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

uint64_t LabelLength(const TypeDefinition& type) {
  uint64_t longest = 0, sum = 0;
  for (const std::string& label : type.labels) {
    const uint64_t length = CountCharacters(label);
    longest = std::max(longest, length);
    sum += length + 1;
  }
  return type.name == "enum" || sum == 0 ? longest : sum - 1;
}

std::string NumberOptions(const TypeDefinition& type) {
  std::string options;
  if (type.is_unsigned) options += " unsigned";
  if (type.zerofill) options += " zerofill";
  return options;
}

// Text types in the charset "binary" are byte types.
void MakeBytes(TypeDefinition& type) {
  if (type.name == "char") {
    type.name = "binary";
  } else if (type.name == "varchar") {
    type.name = "varbinary";
  } else if (type.name.ends_with("text")) {
    type.name.replace(type.name.size() - 4, 4, "blob");
  }
}

// Lengths of text and bytes: TEXT(n), CHAR without one, VARCHAR that no row could hold.
void SettleLength(TypeDefinition& type, uint64_t max_bytes) {
  if ((type.name == "char" || type.name == "binary" || type.name == "bit") && !type.length) {
    type.length = 1;
  }
  const bool text = IsTextName(type.name);
  const uint64_t bytes = type.length.value_or(0) * (text ? max_bytes : 1);
  if ((type.name == "text" || type.name == "blob") && type.length) {
    if (*type.length > 0) type.name = BlobName(bytes, type.name);
    type.length.reset();
  } else if ((type.name == "varchar" || type.name == "varbinary") && bytes > kMaxVarcharBytes) {
    type.name = BlobName(bytes, text ? "text" : "blob");
    type.length.reset();
  }
}

class RowFiller {
 public:
  RowFiller(const ServerFacts& facts, const TypeDefinition& type, ColumnRow& row)
      : facts_(facts), type_(type), row_(row) {}

  void Fill() {
    row_.data_type = type_.name;
    row_.column_type = type_.name;
    if (IsIntegerName(type_.name)) return FillInteger();
    if (type_.name == "decimal") return FillDecimal();
    if (type_.name == "float" || type_.name == "double") return FillFloat();
    if (type_.name == "bit") return FillBit();
    if (type_.name == "datetime" || type_.name == "timestamp" || type_.name == "time") {
      row_.datetime_precision = type_.length.value_or(0);
      if (row_.datetime_precision > 0) row_.column_type += fmt::format("({})", *type_.length);
    } else if (type_.name == "year") {
      if (facts_.display_widths) row_.column_type += "(4)";
    } else if (type_.name == "enum" || type_.name == "set") {
      FillLabels();
    } else if (type_.length) {
      row_.column_type += fmt::format("({})", *type_.length);
      row_.character_length = *type_.length;
      row_.octet_length = *type_.length;
    }
    if (type_.compressed) row_.column_type += " /*M!100301 COMPRESSED*/";
  }

 private:
  void FillInteger() {
    const bool is_boolean = type_.name == "tinyint" && type_.length == 1 && !type_.is_unsigned;
    if (facts_.display_widths || is_boolean || type_.zerofill) {
      row_.column_type += fmt::format("({})", type_.length.value_or(DefaultWidth(type_)));
    }
    row_.column_type += NumberOptions(type_);
  }

  void FillDecimal() {
    uint64_t precision = type_.length.value_or(0);
    if (precision == 0) precision = std::max<uint64_t>(10, type_.decimals.value_or(0));
    row_.numeric_precision = precision;
    row_.numeric_scale = type_.decimals.value_or(0);
    row_.column_type +=
        fmt::format("({},{}){}", row_.numeric_precision, row_.numeric_scale, NumberOptions(type_));
  }

  void FillFloat() {
    constexpr uint64_t kFloatDigits = 24;
    if (type_.length && type_.decimals) {
      row_.column_type += fmt::format("({},{})", *type_.length, *type_.decimals);
    } else if (type_.name == "float" && type_.length.value_or(0) > kFloatDigits) {
      row_.data_type = row_.column_type = "double";
    }
    row_.column_type += NumberOptions(type_);
  }

  void FillBit() {
    row_.numeric_precision = type_.length.value_or(1);
    row_.column_type += fmt::format("({})", row_.numeric_precision);
  }

  void FillLabels() {
    std::string labels;
    for (const std::string& label : type_.labels) {
      labels += (labels.empty() ? "" : ",") + QuoteLabel(label);
    }
    row_.column_type += "(" + labels + ")";
    row_.character_length = LabelLength(type_);
  }

  const ServerFacts& facts_;
  const TypeDefinition& type_;
  ColumnRow& row_;
};

}  // namespace

const Collation* FindCollation(const ServerFacts& facts, std::string_view charset,
                               std::string_view collation) {
  if (collation.empty()) return facts.collations.DefaultOf(charset);
  if (const Collation* found = facts.collations.FindName(collation)) return found;
  // MariaDB's collations for all Unicode charsets: uca1400_ai_ci.
  return facts.collations.FindName(fmt::format("{}_{}", charset, collation));
}

ColumnMaker::ColumnMaker(const ServerFacts& facts, std::string table_collation,
                         bool timestamp_defaults)
    : facts_(facts),
      table_collation_(std::move(table_collation)),
      timestamp_defaults_(timestamp_defaults) {}

Result<const Collation*> ColumnMaker::CollationOf(const TypeDefinition& type) const {
  const Collation* const table = facts_.collations.FindName(table_collation_);
  const Collation* found = nullptr;
  if (type.charset.empty() && type.collation.empty()) {
    found = table;
    if (found == nullptr) {
      return Error{ErrorKind::kPolicy, "the table's default charset isn't known"};
    }
  } else {
    const std::string_view charset = type.charset.empty() && table != nullptr
                                         ? std::string_view(table->charset)
                                         : std::string_view(type.charset);
    if (type.collation == "default" || type.charset == "default") {
      found = table;
    } else {
      found = FindCollation(facts_, charset, type.collation);
    }
  }
  if (found != nullptr && type.binary_collation && type.collation.empty() &&
      found->charset != kBinary) {
    found = facts_.collations.FindName(found->charset + "_bin");
  }
  if (found == nullptr) {
    return Error{ErrorKind::kPolicy, fmt::format("charset \"{}\", collation \"{}\" isn't known",
                                                 type.charset, type.collation)};
  }
  return found;
}

Result<Column> ColumnMaker::Make(const ColumnDefinition& definition) const {
  TypeDefinition type = definition.type;
  ColumnRow row;
  row.name = definition.name;
  row.comment = definition.comment;
  if (type.json && facts_.version.is_mariadb) {
    type.name = "longtext";
    row.json_checked = true;
    if (type.charset.empty() && type.collation.empty()) type.collation = "utf8mb4_bin";
  }
  row.json_checked |= definition.json_check;
  if (IsTextName(type.name)) {
    SL_ASSIGN(const Collation* const collation, CollationOf(type));
    if (collation->charset == kBinary) {
      MakeBytes(type);
    } else {
      // Trailing spaces of labels are no part of them.
      for (std::string& label : type.labels) label.erase(label.find_last_not_of(' ') + 1);
    }
    SettleLength(type, collation->max_bytes);
    if (IsTextName(type.name)) {
      row.charset = collation->charset;
      row.collation = collation->name;
      row.character_length = BlobBytes(type.name) / collation->min_bytes;
    }
  } else {
    SettleLength(type, 1);
  }
  row.octet_length = BlobBytes(type.name);
  RowFiller(facts_, type, row).Fill();

  const bool timestamp = type.name == "timestamp";
  const bool silent_not_null = timestamp && !timestamp_defaults_ && !definition.nullable;
  row.nullable = definition.nullable.value_or(!silent_not_null);
  if (definition.primary || (definition.auto_increment && !definition.nullable)) {
    row.nullable = false;
  }
  if (definition.auto_increment) row.extra = "auto_increment";
  if (definition.generated) row.extra = "VIRTUAL GENERATED";
  if (definition.invisible) row.extra += " INVISIBLE";
  Column column = ColumnOf(row, facts_.mariadb_defaults);
  if (!definition.generated) {
    SetDefault(definition.default_value, column);
    if (column.auto_increment) column.default_kind = DefaultKind::kNone;
  } else {
    column.default_kind = DefaultKind::kNone;
  }
  return column;
}

void ColumnMaker::SetDefault(const DefaultDefinition& value, Column& column) const {
  using Kind = DefaultDefinition::Kind;
  column.default_text.clear();
  if (value.parenthesized && !facts_.version.is_mariadb) {
    column.default_kind = DefaultKind::kExpression;
    column.default_text = value.text;
    return;
  }
  switch (value.kind) {
    case Kind::kNone:
      column.default_kind = column.nullable ? DefaultKind::kNull : DefaultKind::kNone;
      return;
    case Kind::kNull:
      column.default_kind = DefaultKind::kNull;
      return;
    case Kind::kNow: {
      column.default_kind = DefaultKind::kCurrentTimestamp;
      const std::string digits = value.text == "0" ? "" : value.text;
      column.default_text = facts_.mariadb_defaults ? "current_timestamp(" + digits + ")"
                            : digits.empty()        ? "CURRENT_TIMESTAMP"
                                                    : "CURRENT_TIMESTAMP(" + digits + ")";
      return;
    }
    case Kind::kExpression:
      column.default_kind = DefaultKind::kExpression;
      column.default_text = value.text;
      return;
    default:
      break;
  }
  const bool bytes = value.kind == Kind::kHex || value.kind == Kind::kBits;
  if (bytes && facts_.mariadb_defaults &&
      (column.type.kind == TypeKind::kText || column.type.kind == TypeKind::kBlob)) {
    column.default_kind = DefaultKind::kExpression;
    column.default_text = (value.kind == Kind::kHex ? "X'" : "b'") + value.text + "'";
    return;
  }
  column.default_text = NormalizeLiteral(value, column);
  // Bits are printed as SQL, which is no literal to the reader of the catalog.
  column.default_kind =
      column.type.kind == TypeKind::kBit ? DefaultKind::kExpression : DefaultKind::kLiteral;
}

void ColumnMaker::MakeNotNull(Column& column) const {
  column.nullable = false;
  if (column.default_kind == DefaultKind::kNull) column.default_kind = DefaultKind::kNone;
}

void ColumnMaker::SetTimestampNow(Column& column) const {
  SetDefault({DefaultDefinition::Kind::kNow,
              column.type.scale > 0 ? std::to_string(column.type.scale) : std::string()},
             column);
}

void ColumnMaker::Convert(const Collation& to, Column& column) const {
  if (column.charset.empty() || column.charset == kBinary) return;
  const Collation* const from = facts_.collations.FindName(column.collation);
  const uint64_t blob = BlobBytes(column.native_type);
  column.charset = to.charset;
  column.collation = to.name;
  if (blob > 0) {
    // A TEXT column grows to a type that holds as many characters.
    const uint64_t characters = blob / (from == nullptr ? 1 : from->max_bytes);
    const std::string name = blob == kBlobSizes.back().bytes
                                 ? column.native_type
                                 : BlobName(characters * to.max_bytes, "text");
    column.native_type = name;
    if (column.type.kind != TypeKind::kJson) column.type.length = BlobBytes(name) / to.min_bytes;
  }
}

}  // namespace starlift::mysql
