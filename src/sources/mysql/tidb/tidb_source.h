#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "sources/source.h"

namespace starlift::mysql {

// TiDB speaks MySQL's protocol and keeps MySQL's catalog, so it is read by the rest of this room;
// what is its own stands here: system schemas, version, the placement drivers, checks. Default port
// 4000, options as for mysql://. Its log has no reader yet.
Result<std::unique_ptr<Source>> OpenTidbSource(const SourceConfig& config);

// "v8.5.6" of "8.0.11-TiDB-v8.5.6"; empty where the server isn't TiDB.
std::string TidbVersion(std::string_view server_version);

// TiDB's system schemas besides MySQL's, which it also spells in upper case.
bool IsTidbSystemSchema(std::string_view database);

}  // namespace starlift::mysql
