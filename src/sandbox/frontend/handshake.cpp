#include "sandbox/frontend/handshake.h"

#include <fmt/format.h>
#include <openssl/rand.h>

#include "sandbox/frontend/protocol.h"
#include "sandbox/sql/error.h"

namespace starlift::sandbox::frontend {

using wire::mysql::PacketChannel;
using wire::mysql::PayloadReader;
using wire::mysql::PayloadWriter;

namespace {

constexpr uint8_t kProtocolVersion = 10;
constexpr std::string_view kServerVersion = "8.0.33";
constexpr std::string_view kNativePlugin = "mysql_native_password";
constexpr uint8_t kCharset = 33;  // utf8_general_ci
constexpr uint8_t kAuthSwitch = 0xFE;
constexpr size_t kScrambleBytes = 20;
constexpr size_t kMaxLoginBytes = 64 << 10;

constexpr uint32_t kCapabilities =
    capability::kLongPassword | capability::kFoundRows | capability::kLongFlag |
    capability::kConnectWithDatabase | capability::kProtocol41 | capability::kSecureConnection |
    capability::kPluginAuth | capability::kConnectAttributes | capability::kPluginAuthLengthEncoded;

// Random bytes without NUL (it would end the string) and without '$'.
std::string MakeScramble() {
  std::string scramble(kScrambleBytes, '\0');
  RAND_bytes(reinterpret_cast<unsigned char*>(scramble.data()), static_cast<int>(scramble.size()));
  for (char& byte : scramble) {
    byte = static_cast<char>(static_cast<unsigned char>(byte) % 94 + 33);
    if (byte == '$') byte = '%';
  }
  return scramble;
}

Error BadPacket() { return Error{.kind = ErrorKind::kData, .message = "ill-formed login packet"}; }

// Asks for the password's scramble by the one plugin that we know.
Result<std::string> SwitchToNative(PacketChannel& channel, std::string& scramble) {
  scramble = MakeScramble();
  PayloadWriter ask;
  ask.U8(kAuthSwitch).NullString(kNativePlugin).NullString(scramble);
  SL_TRY(channel.WritePayload(ask.payload()));
  SL_TRY(channel.Flush());
  SL_ASSIGN(const std::string_view answer, channel.ReadPayload(kMaxLoginBytes));
  return std::string(answer);
}

Status CheckResponse(PacketChannel& channel, const UserStore& users, const Login& login,
                     std::string_view scramble, std::string_view response) {
  if (users.CheckScramble(login.user, scramble, response)) return {};
  Error refused = sql::SqlError(sql::code::kAccessDeniedLogin,
                                fmt::format("Access denied for user '{}' (using password: {})",
                                            login.user, response.empty() ? "NO" : "YES"));
  refused.kind = ErrorKind::kRefused;
  SL_TRY(AnswerWriter(channel).Failure(refused));
  return refused;
}

}  // namespace

Result<Login> AcceptLogin(PacketChannel& channel, uint32_t connection_id, const UserStore& users) {
  std::string scramble = MakeScramble();
  PayloadWriter greeting;
  greeting.U8(kProtocolVersion).NullString(kServerVersion).U32(connection_id);
  greeting.Bytes(std::string_view(scramble).substr(0, 8)).U8(0);
  greeting.U16(static_cast<uint16_t>(kCapabilities & 0xFFFF)).U8(kCharset);
  greeting.U16(status_flag::kAutocommit).U16(static_cast<uint16_t>(kCapabilities >> 16));
  greeting.U8(kScrambleBytes + 1).Zeros(10);
  greeting.NullString(std::string_view(scramble).substr(8)).NullString(kNativePlugin);
  channel.ResetSequence();
  SL_TRY(channel.WritePayload(greeting.payload()));
  SL_TRY(channel.Flush());

  SL_ASSIGN(const std::string_view payload, channel.ReadPayload(kMaxLoginBytes));
  PayloadReader in(payload);
  Login login;
  login.capabilities = in.U32();
  in.U32();  // the largest packet it takes
  in.U8();   // charset
  in.Skip(23);
  login.user = in.NullString();
  std::string response;
  if ((login.capabilities & capability::kPluginAuthLengthEncoded) != 0) {
    response = in.LengthString();
  } else if ((login.capabilities & capability::kSecureConnection) != 0) {
    response = in.Bytes(in.U8());
  } else {
    response = in.NullString();
  }
  if ((login.capabilities & capability::kConnectWithDatabase) != 0) {
    login.database = in.NullString();
  }
  std::string plugin(kNativePlugin);
  if ((login.capabilities & capability::kPluginAuth) != 0 && in.remaining() > 0) {
    plugin = in.NullString();
  }
  if (!in.ok() || (login.capabilities & capability::kProtocol41) == 0) return BadPacket();
  if (plugin != kNativePlugin) {
    SL_ASSIGN(response, SwitchToNative(channel, scramble));
  }
  SL_TRY(CheckResponse(channel, users, login, scramble, response));
  return login;
}

Result<Login> AcceptChangeUser(PacketChannel& channel, std::string_view payload,
                               const UserStore& users) {
  PayloadReader in(payload);
  Login login;
  login.user = in.NullString();
  in.Skip(in.U8());  // a scramble of the old greeting, asked for anew below
  login.database = in.NullString();
  if (!in.ok()) return BadPacket();
  std::string scramble;
  SL_ASSIGN(const std::string response, SwitchToNative(channel, scramble));
  SL_TRY(CheckResponse(channel, users, login, scramble, response));
  return login;
}

}  // namespace starlift::sandbox::frontend
