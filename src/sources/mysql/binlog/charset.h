#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/result.h"

namespace starlift::mysql {

// How text of one charset of the server becomes UTF-8. For all but the Unicode charsets and latin1
// the tables are the server's own: it is asked for each character once, so that the stream converts
// exactly as a SELECT does.
class Charset {
 public:
  virtual ~Charset() = default;

  // The bytes are UTF-8 as they are, if well-formed.
  virtual bool is_utf8() const { return false; }
  // Appends; kData for bytes that are no text of this charset.
  virtual Status Convert(std::string_view bytes, std::string& utf8) const = 0;
};

// Asks the server what one character (or several, each on its own) is in UTF-8; an entry stays
// empty where it is none. Called while decoding, rarely.
using AskCharacters = std::function<Result<std::vector<std::string>>(
    std::string_view charset, const std::vector<std::string>& characters)>;

// The charsets seen so far. One thread; pointers stay valid.
class CharsetList {
 public:
  // Without a server to ask only Unicode and latin1 are known.
  explicit CharsetList(AskCharacters ask) : ask_(std::move(ask)) {}

  Result<const Charset*> Find(std::string_view name);

 private:
  AskCharacters ask_;
  std::map<std::string, std::unique_ptr<Charset>, std::less<>> known_;
};

}  // namespace starlift::mysql
