#include <utility>

#include <unistd.h>

#include <fmt/format.h>

#include "wire/mysql/auth.h"
#include "wire/mysql/server_error.h"
#include "wire/mysql/session.h"

namespace starlift::wire::mysql {
namespace {

// Capability flags, MySQL protocol "Capabilities Flags".
constexpr uint32_t kLongPassword = 1u << 0;
constexpr uint32_t kLongFlag = 1u << 2;
constexpr uint32_t kConnectWithDatabase = 1u << 3;
constexpr uint32_t kCompress = 1u << 5;
constexpr uint32_t kProtocol41 = 1u << 9;
constexpr uint32_t kTls = 1u << 11;
constexpr uint32_t kTransactions = 1u << 13;
constexpr uint32_t kSecureConnection = 1u << 15;
constexpr uint32_t kMultiResults = 1u << 17;
constexpr uint32_t kPluginAuth = 1u << 19;
constexpr uint32_t kConnectAttributes = 1u << 20;
constexpr uint32_t kLengthEncodedAuth = 1u << 21;

constexpr uint8_t kProtocolVersion = 10;
constexpr uint8_t kMoreAuthMark = 0x01;
constexpr uint8_t kUtf8mb4GeneralCi = 45;
constexpr uint32_t kMaxPacket = 1u << 30;
constexpr std::string_view kNativePlugin = "mysql_native_password";
// MariaDB 10 puts this before its own version so that old replicas take it for a MySQL.
constexpr std::string_view kReplicationPrefix = "5.5.5-";

struct Greeting {
  std::string server_version;
  uint32_t connection_id = 0;
  uint32_t capabilities = 0;
  std::string nonce;
  std::string plugin;
};

Result<Greeting> ReadGreeting(Session& session) {
  SL_ASSIGN(const std::string_view payload, session.channel.ReadPayload());
  if (!payload.empty() && static_cast<uint8_t>(payload[0]) == kErrorMark)
    return ErrorFromPacket(payload);
  PayloadReader reader(payload);
  const uint8_t protocol = reader.U8();
  Greeting greeting;
  greeting.server_version = reader.NullString();
  greeting.connection_id = reader.U32();
  greeting.nonce = reader.Bytes(8);
  reader.Skip(1);
  greeting.capabilities = reader.U16();
  if (!reader.ok() || protocol != kProtocolVersion) {
    return Error{.kind = ErrorKind::kRefused,
                 .message = "what answers there is no MySQL server, or one older than 4.1",
                 .mend = "check host and port"};
  }
  if (reader.remaining() > 0) {
    reader.Skip(3);  // charset and status
    greeting.capabilities |= static_cast<uint32_t>(reader.U16()) << 16;
    const size_t nonce_bytes = reader.U8();
    reader.Skip(10);
    greeting.nonce += reader.Bytes(std::max<size_t>(13, nonce_bytes > 8 ? nonce_bytes - 8 : 0));
    if ((greeting.capabilities & kPluginAuth) != 0) {
      const std::string_view rest = reader.Rest();
      greeting.plugin = rest.substr(0, rest.find('\0'));
    }
  }
  if (greeting.plugin.empty()) greeting.plugin = kNativePlugin;
  return greeting;
}

uint32_t Capabilities(const Greeting& greeting, const ClientOptions& options) {
  uint32_t wanted = kLongPassword | kLongFlag | kProtocol41 | kTransactions | kSecureConnection |
                    kMultiResults | kPluginAuth | kConnectAttributes | kLengthEncodedAuth;
  if (!options.database.empty()) wanted |= kConnectWithDatabase;
  if (options.compress) wanted |= kCompress;
  if (options.tls.mode != TlsMode::kDisabled) wanted |= kTls;
  return wanted & greeting.capabilities;
}

void PutHead(PayloadWriter& writer, uint32_t capabilities) {
  writer.U32(capabilities).U32(kMaxPacket).U8(kUtf8mb4GeneralCi).Zeros(23);
}

Status SwitchToTls(Session& session, const ClientOptions& options) {
  PayloadWriter request;
  PutHead(request, session.capabilities);
  SL_TRY(session.channel.WritePayload(request.payload()));
  SL_TRY(session.channel.Flush());
  Status started = session.channel.socket().StartTlsClient(options.tls, options.host);
  session.tls_failed = !started.ok() && started.error().kind == ErrorKind::kUnreachable;
  return started;
}

void PutAttributes(PayloadWriter& writer, const ClientOptions& options) {
  PayloadWriter attributes;
  attributes.LengthString("_client_name").LengthString("starlift");
  attributes.LengthString("program_name").LengthString(options.program_name);
  attributes.LengthString("_pid").LengthString(std::to_string(getpid()));
  writer.LengthString(attributes.payload());
}

Status SendResponse(Session& session, const ClientOptions& options,
                    const Authenticator& authenticator, std::string_view answer) {
  PayloadWriter response;
  PutHead(response, session.capabilities);
  response.NullString(options.user);
  if ((session.capabilities & kLengthEncodedAuth) != 0) {
    response.LengthString(answer);
  } else {
    response.U8(static_cast<uint8_t>(answer.size())).Bytes(answer);
  }
  if ((session.capabilities & kConnectWithDatabase) != 0) response.NullString(options.database);
  if ((session.capabilities & kPluginAuth) != 0) response.NullString(authenticator.plugin());
  if ((session.capabilities & kConnectAttributes) != 0) PutAttributes(response, options);
  SL_TRY(session.channel.WritePayload(response.payload()));
  return session.channel.Flush();
}

Status SendAnswer(Session& session, std::string_view answer) {
  SL_TRY(session.channel.WritePayload(answer));
  return session.channel.Flush();
}

// Reads until the server says yes or no, answering what it asks meanwhile.
Status Converse(Session& session, const ClientOptions& options, Authenticator authenticator,
                Authenticator::Line line) {
  while (true) {
    SL_ASSIGN(const std::string_view payload, session.channel.ReadPayload());
    if (payload.empty()) break;
    switch (static_cast<uint8_t>(payload[0])) {
      case kOkMark:
        return {};
      case kErrorMark:
        return ErrorFromPacket(payload);
      case kMoreAuthMark: {
        SL_ASSIGN(const std::optional<std::string> answer, authenticator.Next(payload.substr(1)));
        if (answer) SL_TRY(SendAnswer(session, *answer));
        continue;
      }
      case kEofMark: {
        if (payload.size() == 1) {
          return Error{
              .kind = ErrorKind::kRefused,
              .message = "the server wants the password check of MySQL 4.0, which is not safe",
              .mend = "SET PASSWORD for this user with old_passwords=0 at the server"};
        }
        PayloadReader reader(payload.substr(1));
        const std::string_view plugin = reader.NullString();
        const std::string_view nonce = reader.Rest();
        SL_ASSIGN(authenticator, Authenticator::Make(plugin, options.password, line));
        SL_ASSIGN(const std::string answer, authenticator.First(nonce));
        SL_TRY(SendAnswer(session, answer));
        continue;
      }
      default:
        break;
    }
    break;
  }
  return Error{.kind = ErrorKind::kRefused,
               .message = "the server answered the login in an unknown way"};
}

}  // namespace

Status LogIn(Session& session, const ClientOptions& options) {
  SL_ASSIGN(const Greeting greeting, ReadGreeting(session));
  std::string_view version = greeting.server_version;
  if (version.starts_with(kReplicationPrefix)) version.remove_prefix(kReplicationPrefix.size());
  session.server_version = version;
  session.is_mariadb = version.find("MariaDB") != std::string_view::npos;
  session.connection_id = greeting.connection_id;
  session.capabilities = Capabilities(greeting, options);
  if ((greeting.capabilities & kProtocol41) == 0 ||
      (greeting.capabilities & kSecureConnection) == 0) {
    return Error{
        .kind = ErrorKind::kRefused,
        .message = fmt::format("the server {} speaks only the protocol of before 4.1", version)};
  }
  if ((session.capabilities & kTls) != 0) {
    SL_TRY(SwitchToTls(session, options));
  } else if (options.tls.mode != TlsMode::kDisabled && options.tls.mode != TlsMode::kPreferred) {
    return Error{
        .kind = ErrorKind::kRefused,
        .message = "the server offers no TLS, and the TLS mode asks for it",
        .mend = "give the server a certificate (ssl_cert, ssl_key), or set ssl-mode=PREFERRED"};
  }
  const Authenticator::Line line{.tls = session.channel.socket().is_tls(),
                                 .public_key_retrieval = options.public_key_retrieval};
  // A plugin that is not known here may still be only the server's default: this user's own comes
  // as a switch.
  const std::string_view first =
      Authenticator::Knows(greeting.plugin) ? greeting.plugin : kNativePlugin;
  SL_ASSIGN(Authenticator authenticator, Authenticator::Make(first, options.password, line));
  SL_ASSIGN(const std::string answer, authenticator.First(greeting.nonce));
  SL_TRY(SendResponse(session, options, authenticator, answer));
  SL_TRY(Converse(session, options, std::move(authenticator), line));
  if ((session.capabilities & kCompress) != 0) session.channel.StartCompression();
  return {};
}

}  // namespace starlift::wire::mysql
