#include "sources/mysql/ddl/server_facts.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "sources/mysql/ddl/token_cursor.h"

namespace starlift::mysql {
namespace {

using wire::mysql::QueryRows;

constexpr uint32_t kMariadbDefaultsAsSql = 100207;
constexpr uint32_t kMariadbContextualCollations = 101001;
constexpr uint32_t kMysqlWithoutWidths = 80019;
constexpr std::string_view kOldUtf8 = "utf8";
constexpr std::string_view kNewUtf8 = "utf8mb3";

std::string Text(const std::optional<std::string>& cell) { return cell.value_or(std::string()); }

uint32_t Number(const std::optional<std::string>& cell) {
  uint32_t number = 0;
  if (cell) std::from_chars(cell->data(), cell->data() + cell->size(), number);
  return number;
}

uint8_t MinBytes(std::string_view charset) {
  if (charset == "utf32") return 4;
  return charset == "ucs2" || charset == "utf16" || charset == "utf16le" ? 2 : 1;
}

// The other spelling of "utf8_bin" or "utf8mb3_bin"; empty if it is neither.
std::string OtherUtf8(std::string_view name) {
  const auto replace = [&](std::string_view from, std::string_view to) {
    const bool begins =
        name.starts_with(from) && (name.size() == from.size() || name[from.size()] == '_');
    return begins ? std::string(to) + std::string(name.substr(from.size())) : std::string();
  };
  std::string other = replace(kOldUtf8, kNewUtf8);
  return other.empty() ? replace(kNewUtf8, kOldUtf8) : other;
}

Status ReadCollations(SourceSession& session, ServerFacts& facts) {
  const bool contextual = facts.version.is_mariadb && facts.version >= kMariadbContextualCollations;
  // MariaDB's collations for several charsets have one row per charset only there.
  const std::string_view view =
      contextual
          ? "SELECT a.ID, a.FULL_COLLATION_NAME, a.CHARACTER_SET_NAME, a.IS_DEFAULT, s.MAXLEN "
            "FROM information_schema.COLLATION_CHARACTER_SET_APPLICABILITY a JOIN "
            "information_schema.CHARACTER_SETS s USING (CHARACTER_SET_NAME)"
          : "SELECT a.ID, a.COLLATION_NAME, a.CHARACTER_SET_NAME, a.IS_DEFAULT, s.MAXLEN "
            "FROM information_schema.COLLATIONS a JOIN "
            "information_schema.CHARACTER_SETS s USING (CHARACTER_SET_NAME)";
  SL_ASSIGN(const QueryRows result, session.client.Query(view));
  for (const QueryRows::Row& row : result.rows) {
    const std::string charset = Text(row[2]);
    facts.collations.Add({.id = Number(row[0]),
                          .name = Text(row[1]),
                          .charset = charset,
                          .is_default = Text(row[3]) == "Yes",
                          .min_bytes = MinBytes(charset),
                          .max_bytes = static_cast<uint8_t>(Number(row[4]))});
  }
  return {};
}

}  // namespace

void CollationList::Add(Collation collation) { collations_.push_back(std::move(collation)); }

const Collation* CollationList::FindId(uint32_t id) const {
  const auto found = std::find_if(collations_.begin(), collations_.end(),
                                  [&](const Collation& collation) { return collation.id == id; });
  return found == collations_.end() ? nullptr : &*found;
}

const Collation* CollationList::FindName(std::string_view name) const {
  for (const std::string& spelling : {std::string(name), OtherUtf8(name)}) {
    for (const Collation& collation : collations_) {
      if (SameWord(collation.name, spelling)) return &collation;
    }
  }
  return nullptr;
}

const Collation* CollationList::DefaultOf(std::string_view charset) const {
  for (const std::string& spelling : {std::string(charset), OtherUtf8(charset)}) {
    for (const Collation& collation : collations_) {
      if (collation.is_default && SameWord(collation.charset, spelling)) return &collation;
    }
  }
  return nullptr;
}

Result<ServerFacts> ReadServerFacts(SourceSession& session) {
  ServerFacts facts;
  facts.version = session.version;
  facts.mariadb_defaults = facts.version.is_mariadb && facts.version >= kMariadbDefaultsAsSql;
  facts.display_widths = facts.version.is_mariadb || facts.version.number < kMysqlWithoutWidths;
  SL_TRY(ReadCollations(session, facts));
  SL_ASSIGN(const QueryRows variables,
            session.client.Query("SELECT @@GLOBAL.lower_case_table_names, "
                                 "@@GLOBAL.collation_server, @@GLOBAL.default_storage_engine, "
                                 "@@GLOBAL.explicit_defaults_for_timestamp"));
  if (variables.rows.size() != 1) {
    return Error{ErrorKind::kData, "the source doesn't tell its settings"};
  }
  const QueryRows::Row& row = variables.rows.front();
  facts.lower_case_names = Number(row[0]) == 1;
  facts.server_collation = Text(row[1]);
  facts.default_engine = Text(row[2]);
  facts.explicit_timestamp_defaults = Number(row[3]) == 1;
  SL_ASSIGN(const QueryRows schemata,
            session.client.Query("SELECT SCHEMA_NAME, DEFAULT_COLLATION_NAME FROM "
                                 "information_schema.SCHEMATA"));
  for (const QueryRows::Row& schema : schemata.rows) {
    facts.database_collations[Text(schema[0])] = Text(schema[1]);
  }
  SL_ASSIGN(const QueryRows engines,
            session.client.Query("SELECT ENGINE FROM information_schema.ENGINES"));
  for (const QueryRows::Row& engine : engines.rows) facts.engines.push_back(Text(engine[0]));
  return facts;
}

}  // namespace starlift::mysql
