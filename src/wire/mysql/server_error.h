#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace starlift::wire::mysql {

// Turns an ERR packet's payload (first byte 0xFF) into an Error: kind by number, the server's text,
// its number as native_code, and the mend where the number alone tells it.
Error ErrorFromPacket(std::string_view payload);
Error ErrorFromServer(int code, std::string text);

}  // namespace starlift::wire::mysql
