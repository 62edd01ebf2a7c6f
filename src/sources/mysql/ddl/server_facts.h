#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sources/mysql/session.h"

namespace starlift::mysql {

struct Collation {
  uint32_t id = 0;
  std::string name;
  std::string charset;
  bool is_default = false;  // of its charset
  uint8_t min_bytes = 1;    // of one character
  uint8_t max_bytes = 1;
};

// What a server knows of charsets. Names are compared without regard to case.
class CollationList {
 public:
  void Add(Collation collation);

  const Collation* FindId(uint32_t id) const;
  const Collation* FindName(std::string_view name) const;
  const Collation* DefaultOf(std::string_view charset) const;

 private:
  std::vector<Collation> collations_;
};

// What a DDL statement means depends on the server that ran it. Read once per connection.
struct ServerFacts {
  ServerVersion version;
  CollationList collations;
  std::map<std::string, std::string> database_collations;
  std::string server_collation;
  std::string default_engine;
  std::vector<std::string> engines;  // as the server spells them
  bool lower_case_names = false;     // lower_case_table_names 1: names are stored in lower case
  // Where a statement's own session does not say (StatementMode).
  bool explicit_timestamp_defaults = true;
  // MariaDB prints "json_valid(`c`)" checks; from 10.2.7 its defaults are SQL text.
  bool mariadb_defaults = false;
  // "int(11)", not "int": all but MySQL from 8.0.19.
  bool display_widths = true;
};

Result<ServerFacts> ReadServerFacts(SourceSession& session);

}  // namespace starlift::mysql
