#include "wire/mysql/client.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/log.h"
#include "wire/mysql/packet_stream.h"
#include "wire/mysql/row_stream.h"
#include "wire/mysql/server_error.h"
#include "wire/mysql/session.h"

namespace starlift::wire::mysql {
namespace {

constexpr char kQuitCommand = 0x01;
constexpr char kQueryCommand = 0x03;
constexpr uint8_t kPingCommand = 0x0E;

// The head of an answer: either an outcome (no fields) or the fields of rows that follow.
struct AnswerHead {
  ExecuteOutcome outcome;
  uint16_t status = 0;
  std::vector<Field> fields;
};

Status SendCommand(Session& session, char command, std::string_view argument) {
  session.channel.ResetSequence();
  std::string payload;
  payload.reserve(argument.size() + 1);
  payload.push_back(command);
  payload.append(argument);
  SL_TRY(session.channel.WritePayload(payload));
  return session.channel.Flush();
}

Error Garbled(std::string_view what) {
  return Error{.kind = ErrorKind::kUnreachable,
               .message = fmt::format("the server's answer breaks the MySQL protocol: {}", what)};
}

Field ReadField(std::string_view payload) {
  PayloadReader reader(payload);
  for (int skipped = 0; skipped < 4; ++skipped)
    reader.LengthString();  // catalog, schema, table, original table
  Field field;
  field.name = reader.LengthString();
  reader.LengthString();  // original name
  reader.LengthInt();
  field.collation_id = reader.U16();
  field.length = reader.U32();
  field.type = static_cast<FieldType>(reader.U8());
  field.flags = reader.U16();
  field.decimals = reader.U8();
  return field;
}

void ReadOutcome(std::string_view payload, AnswerHead& head) {
  PayloadReader reader(payload);
  reader.Skip(1);
  head.outcome.affected_rows = reader.LengthInt();
  head.outcome.last_insert_id = reader.LengthInt();
  head.status = reader.U16();
  head.outcome.warnings = reader.U16();
  head.outcome.info = reader.Rest();
}

// The list of fields ends with an EOF packet, as CLIENT_DEPRECATE_EOF is not asked for.
Result<AnswerHead> ReadAnswerHead(Session& session) {
  SL_ASSIGN(const std::string_view payload, session.channel.ReadPayload());
  AnswerHead head;
  if (payload.empty()) return Garbled("an empty packet");
  switch (static_cast<uint8_t>(payload[0])) {
    case kErrorMark:
      return ErrorFromPacket(payload);
    case kOkMark:
      ReadOutcome(payload, head);
      return head;
    case kLocalFileMark: {
      // Never hand a local file to a server; an empty packet ends the transfer.
      SL_TRY(session.channel.WritePayload(""));
      SL_TRY(session.channel.Flush());
      SL_TRY(session.channel.ReadPayload());
      return Error{.kind = ErrorKind::kRefused,
                   .message = "the server asked for a local file, which it never gets"};
    }
    default:
      break;
  }
  const uint64_t count = PayloadReader(payload).LengthInt();
  head.fields.reserve(std::min<uint64_t>(count, 4096));
  for (uint64_t i = 0; i < count; ++i) {
    SL_ASSIGN(const std::string_view definition, session.channel.ReadPayload());
    if (!definition.empty() && static_cast<uint8_t>(definition[0]) == kErrorMark)
      return ErrorFromPacket(definition);
    head.fields.push_back(ReadField(definition));
  }
  SL_ASSIGN(const std::string_view end, session.channel.ReadPayload());
  if (!end.empty() && static_cast<uint8_t>(end[0]) == kErrorMark) return ErrorFromPacket(end);
  if (!IsEof(end)) return Garbled("no end after the field list");
  return head;
}

// Reads the rows to their end; into `rows` if it is given. Gives the server's status flags.
Result<uint16_t> ReadRows(Session& session, size_t columns, std::vector<QueryRows::Row>* rows) {
  while (true) {
    SL_ASSIGN(const std::string_view payload, session.channel.ReadPayload());
    if (!payload.empty() && static_cast<uint8_t>(payload[0]) == kErrorMark)
      return ErrorFromPacket(payload);
    if (IsEof(payload)) {
      PayloadReader reader(payload);
      reader.Skip(3);
      return reader.U16();
    }
    if (rows == nullptr) continue;
    PayloadReader reader(payload);
    QueryRows::Row row;
    row.reserve(columns);
    for (size_t i = 0; i < columns; ++i) {
      const std::string_view cell = reader.LengthString();
      if (reader.last_was_null()) {
        row.emplace_back(std::nullopt);
      } else {
        row.emplace_back(cell);
      }
    }
    if (!reader.ok() || reader.remaining() != 0)
      return Garbled("a row that does not fit its fields");
    rows->push_back(std::move(row));
  }
}

// Reads a whole answer: the first result is kept, what a procedure gives beyond it is dropped.
Result<AnswerHead> ReadAnswer(Session& session, std::vector<QueryRows::Row>* rows) {
  SL_ASSIGN(AnswerHead first, ReadAnswerHead(session));
  uint16_t status = first.status;
  if (!first.fields.empty()) {
    SL_ASSIGN(status, ReadRows(session, first.fields.size(), rows));
  }
  while ((status & kMoreResults) != 0) {
    SL_ASSIGN(const AnswerHead further, ReadAnswerHead(session));
    status = further.status;
    if (!further.fields.empty()) {
      SL_ASSIGN(status, ReadRows(session, further.fields.size(), nullptr));
    }
  }
  return first;
}

Status Ready(const Session* session) {
  if (session == nullptr || !session->open) {
    return Error{.kind = ErrorKind::kUnreachable, .message = "the connection is closed"};
  }
  if (session->streaming) {
    return Error{.kind = ErrorKind::kInternal,
                 .message = "a statement was sent while rows were still being read"};
  }
  return {};
}

bool SameName(std::string_view left, std::string_view right) {
  const auto lower = [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  };
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [&](char a, char b) { return lower(a) == lower(b); });
}

}  // namespace

std::optional<size_t> QueryRows::FindField(std::string_view name) const {
  for (size_t i = 0; i < fields.size(); ++i) {
    if (SameName(fields[i].name, name)) return i;
  }
  return std::nullopt;
}

Client::Client() = default;
Client::Client(std::unique_ptr<Session> session) : session_(std::move(session)) {}
Client::~Client() { Close(); }
Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&& other) noexcept {
  Close();
  session_ = std::move(other.session_);
  return *this;
}

Result<Client> Client::Connect(const ClientOptions& options) {
  SL_ASSIGN(Socket socket, Socket::Connect(options.host, options.port, options.connect_timeout));
  auto session = std::make_unique<Session>(std::move(socket));
  session->where = fmt::format("{}:{}", options.host, options.port);
  Socket& line = session->channel.socket();
  line.SetCancellation(options.cancellation);
  line.SetReadTimeout(options.connect_timeout);
  line.SetWriteTimeout(options.connect_timeout);
  if (Status logged_in = LogIn(*session, options); !logged_in.ok()) {
    if (session->tls_failed && options.tls.mode == TlsMode::kPreferred) {
      LogWarning("{}: {}; going on without TLS, as it is only preferred", session->where,
                 logged_in.error().message);
      ClientOptions without_tls = options;
      without_tls.tls.mode = TlsMode::kDisabled;
      return Connect(without_tls);
    }
    return session->Fail(std::move(logged_in).error());
  }
  line.SetReadTimeout(options.read_timeout);
  line.SetWriteTimeout(options.write_timeout);
  return Client(std::move(session));
}

bool Client::is_open() const { return session_ != nullptr && session_->open; }
bool Client::is_tls() const { return session_ != nullptr && session_->channel.socket().is_tls(); }
bool Client::is_mariadb() const { return session_ != nullptr && session_->is_mariadb; }
uint32_t Client::connection_id() const { return session_ == nullptr ? 0 : session_->connection_id; }
const std::string& Client::server_version() const {
  static const std::string kNone;
  return session_ == nullptr ? kNone : session_->server_version;
}

Result<QueryRows> Client::Query(std::string_view sql) {
  SL_TRY(Ready(session_.get()));
  if (Status sent = SendCommand(*session_, kQueryCommand, sql); !sent.ok()) {
    return session_->Fail(std::move(sent).error());
  }
  QueryRows result;
  Result<AnswerHead> answer = ReadAnswer(*session_, &result.rows);
  if (!answer.ok()) return session_->Fail(std::move(answer).error());
  result.fields = std::move(answer->fields);
  return result;
}

Result<ExecuteOutcome> Client::Execute(std::string_view sql) {
  SL_TRY(Ready(session_.get()));
  if (Status sent = SendCommand(*session_, kQueryCommand, sql); !sent.ok()) {
    return session_->Fail(std::move(sent).error());
  }
  Result<AnswerHead> answer = ReadAnswer(*session_, nullptr);
  if (!answer.ok()) return session_->Fail(std::move(answer).error());
  return std::move(answer->outcome);
}

Result<RowStream> Client::Stream(std::string_view sql) {
  SL_TRY(Ready(session_.get()));
  if (Status sent = SendCommand(*session_, kQueryCommand, sql); !sent.ok()) {
    return session_->Fail(std::move(sent).error());
  }
  Result<AnswerHead> head = ReadAnswerHead(*session_);
  if (!head.ok()) return session_->Fail(std::move(head).error());
  if (head->fields.empty()) {
    return Error{.kind = ErrorKind::kInternal,
                 .message = "a statement without rows was to be read row by row"};
  }
  session_->streaming = true;
  return RowStream(session_.get(), std::move(head->fields));
}

Status Client::Command(uint8_t command, std::string_view argument) {
  SL_TRY(Ready(session_.get()));
  if (Status sent = SendCommand(*session_, static_cast<char>(command), argument); !sent.ok())
    return session_->Fail(std::move(sent).error());
  Result<AnswerHead> answer = ReadAnswer(*session_, nullptr);
  if (!answer.ok()) return session_->Fail(std::move(answer).error());
  return {};
}

Result<PacketStream> Client::Packets(uint8_t command, std::string_view argument) {
  SL_TRY(Ready(session_.get()));
  if (Status sent = SendCommand(*session_, static_cast<char>(command), argument); !sent.ok())
    return session_->Fail(std::move(sent).error());
  session_->streaming = true;
  return PacketStream(session_.get());
}

Status Client::Ping() { return Command(kPingCommand, ""); }

void Client::Shutdown() {
  if (session_ != nullptr) session_->channel.socket().Shutdown();
}

void Client::Close() {
  if (!is_open()) return;
  // The server need not wait for a time-out; whether it hears this does not matter.
  if (!session_->streaming) (void)SendCommand(*session_, kQuitCommand, "");
  session_->Close();
}

std::string QuoteIdentifier(std::string_view name) {
  std::string quoted = "`";
  for (const char c : name) {
    if (c == '`') quoted.push_back('`');
    quoted.push_back(c);
  }
  quoted.push_back('`');
  return quoted;
}

std::string QuoteString(std::string_view text) {
  const bool plain = std::all_of(text.begin(), text.end(),
                                 [](char c) { return c >= ' ' && c < 0x7F && c != '\\'; });
  std::string quoted;
  if (plain) {
    quoted = "'";
    for (const char c : text) {
      if (c == '\'') quoted.push_back('\'');
      quoted.push_back(c);
    }
    quoted.push_back('\'');
    return quoted;
  }
  constexpr char kDigits[] = "0123456789ABCDEF";
  quoted = "_utf8mb4 X'";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    quoted.push_back(kDigits[byte >> 4]);
    quoted.push_back(kDigits[byte & 0xF]);
  }
  quoted.push_back('\'');
  return quoted;
}

}  // namespace starlift::wire::mysql
