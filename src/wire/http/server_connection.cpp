#include "wire/http/server_connection.h"

#include <algorithm>
#include <chrono>
#include <cstring>

#include <sys/socket.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/buffers_prefix.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include "base/log.h"

namespace starlift::wire::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace bhttp = boost::beast::http;
using ErrorCode = boost::system::error_code;

// What is read and thrown away after an answer that came before the body, so that the connection
// can be kept and the client isn't met by a reset.
constexpr size_t kDrainBytes = 256 * 1024;
constexpr std::chrono::milliseconds kLingerTime{500};
constexpr uint64_t kUnlimited = UINT64_MAX;
constexpr size_t kLingerBytes = 16 * 1024 * 1024;

ErrorCode BrokenConnection() {
  return boost::system::errc::make_error_code(boost::system::errc::connection_reset);
}

// Our socket as Beast's SyncReadStream and SyncWriteStream, with a budget of bytes to be written
// after which the connection breaks.
class BudgetStream {
 public:
  explicit BudgetStream(Socket& socket) : socket_(socket) {}

  template <typename Buffers>
  size_t read_some(const Buffers& buffers, ErrorCode& ec) {
    ec = {};
    for (asio::mutable_buffer buffer : beast::buffers_range_ref(buffers)) {
      if (buffer.size() == 0) continue;
      const size_t bytes = ReadInto({static_cast<char*>(buffer.data()), buffer.size()}, ec);
      if (!ec && bytes == 0) ec = asio::error::eof;
      return bytes;
    }
    return 0;
  }
  template <typename Buffers>
  size_t read_some(const Buffers& buffers) {
    ErrorCode ec;
    return read_some(buffers, ec);
  }

  template <typename Buffers>
  size_t write_some(const Buffers& buffers, ErrorCode& ec) {
    ec = {};
    size_t total = 0;
    for (asio::const_buffer buffer : beast::buffers_range_ref(buffers)) {
      total += WriteFrom({static_cast<const char*>(buffer.data()), buffer.size()}, ec);
      if (ec) break;
    }
    return total;
  }
  template <typename Buffers>
  size_t write_some(const Buffers& buffers) {
    ErrorCode ec;
    return write_some(buffers, ec);
  }

  size_t ReadInto(std::span<char> into, ErrorCode& ec) {
    Result<size_t> bytes = socket_.ReadSome(into);
    if (bytes.ok()) return *bytes;
    ec = BrokenConnection();
    return 0;
  }

  void SetWriteBudget(uint64_t bytes) { write_budget_ = bytes; }
  void Cut() {
    socket_.Shutdown();
    cut_ = true;
  }
  bool cut() const { return cut_; }

 private:
  size_t WriteFrom(std::string_view bytes, ErrorCode& ec) {
    const size_t allowed = std::min<uint64_t>(bytes.size(), write_budget_);
    if (allowed > 0 && !socket_.WriteAll(bytes.substr(0, allowed)).ok()) ec = BrokenConnection();
    if (write_budget_ != kUnlimited) write_budget_ -= allowed;
    if (allowed < bytes.size()) {
      Cut();
      ec = BrokenConnection();
    }
    return allowed;
  }

  Socket& socket_;
  uint64_t write_budget_ = kUnlimited;
  bool cut_ = false;
};

using Parser = bhttp::request_parser<bhttp::buffer_body>;

Error ClientGone() {
  return Error{ErrorKind::kUnreachable, "the client closed the connection within the request"};
}

// The body behind RequestBody. A body with Content-Length goes from the socket straight into the
// reader's memory; Beast decodes chunked ones.
class ConnectionBody : public RequestBody {
 public:
  ConnectionBody(BudgetStream& stream, beast::flat_buffer& buffer, Parser& parser,
                 bool must_continue)
      : stream_(stream), buffer_(buffer), parser_(parser), must_continue_(must_continue) {
    const auto length = parser_.content_length();
    plain_ = length.has_value();
    remaining_ = plain_ ? *length : 0;
  }

  Result<size_t> Read(std::span<char> into) override {
    if (done()) return size_t{0};
    SL_TRY(SendContinue());
    if (cut_after_ == 0) {
      stream_.Cut();
      return ClientGone();
    }
    into = into.first(std::min<uint64_t>(into.size(), cut_after_));
    Result<size_t> bytes = plain_ ? ReadPlain(into) : ReadChunked(into);
    if (bytes.ok() && cut_after_ != kUnlimited) cut_after_ -= *bytes;
    return bytes;
  }

  void CutAfter(uint64_t bytes) { cut_after_ = bytes; }

  bool done() const { return plain_ ? remaining_ == 0 : parser_.is_done(); }
  bool waits_for_continue() const { return must_continue_; }

  // Throws away what is left, at most `limit` bytes. True if nothing is left.
  bool Drain(size_t limit) {
    char piece[16 * 1024];
    while (!done()) {
      Result<size_t> bytes = Read(piece);
      if (!bytes.ok()) return false;
      if (*bytes > limit) return false;
      limit -= *bytes;
    }
    return true;
  }

 private:
  Status SendContinue() {
    if (!must_continue_) return {};
    must_continue_ = false;
    ErrorCode ec;
    bhttp::response<bhttp::empty_body> interim(bhttp::status::continue_, 11);
    bhttp::write(stream_, interim, ec);
    if (ec) return ClientGone();
    return {};
  }

  Result<size_t> ReadPlain(std::span<char> into) {
    into = into.first(std::min<uint64_t>(into.size(), remaining_));
    size_t bytes = std::min(buffer_.size(), into.size());
    if (bytes > 0) {
      std::memcpy(into.data(), buffer_.data().data(), bytes);
      buffer_.consume(bytes);
    } else {
      ErrorCode ec;
      bytes = stream_.ReadInto(into, ec);
      if (ec || bytes == 0) return ClientGone();
    }
    remaining_ -= bytes;
    return bytes;
  }

  Result<size_t> ReadChunked(std::span<char> into) {
    while (!parser_.is_done()) {
      auto& body = parser_.get().body();
      body.data = into.data();
      body.size = into.size();
      ErrorCode ec;
      bhttp::read_some(stream_, buffer_, parser_, ec);
      if (ec == bhttp::error::need_buffer) ec = {};
      if (ec == bhttp::error::end_of_stream || ec == bhttp::error::partial_message ||
          ec == BrokenConnection() || ec == asio::error::eof) {
        return ClientGone();
      }
      if (ec) return Error{ErrorKind::kData, "bad chunked body: " + ec.message()};
      const size_t bytes = into.size() - body.size;
      if (bytes > 0) return bytes;
    }
    return size_t{0};
  }

  BudgetStream& stream_;
  beast::flat_buffer& buffer_;
  Parser& parser_;
  bool must_continue_;
  uint64_t cut_after_ = kUnlimited;
  bool plain_ = false;
  uint64_t remaining_ = 0;
};

class ConnectionResponder : public Responder {
 public:
  // `body` is null where there is no request to be cut.
  ConnectionResponder(BudgetStream& stream, ConnectionBody* body, int version, bool head,
                      bool keep_alive)
      : stream_(stream), body_(body), version_(version), head_(head), keep_alive_(keep_alive) {}

  Status Send(int status, const Headers& headers, std::string_view body) override {
    bhttp::response<bhttp::span_body<const char>> message;
    Fill(message, status, headers);
    message.body() = beast::span<const char>(body.data(), head_ ? 0 : body.size());
    message.content_length(body.size());
    SetConnection(message);
    ErrorCode ec;
    if (head_) {
      bhttp::response_serializer<bhttp::span_body<const char>> serializer(message);
      bhttp::write_header(stream_, serializer, ec);
    } else {
      bhttp::write(stream_, message, ec);
    }
    return Finish(ec);
  }

  Status Begin(int status, const Headers& headers) override {
    bhttp::response<bhttp::empty_body> message;
    Fill(message, status, headers);
    // An HTTP/1.0 client knows no chunks: the body ends with the connection.
    if (version_ < 11) keep_alive_ = false;
    SetConnection(message);
    if (version_ >= 11) message.chunked(true);
    bhttp::response_serializer<bhttp::empty_body> serializer(message);
    ErrorCode ec;
    bhttp::write_header(stream_, serializer, ec);
    return Finish(ec);
  }

  Status Write(std::string_view bytes) override {
    if (bytes.empty() || head_) return {};
    ErrorCode ec;
    const asio::const_buffer buffer(bytes.data(), bytes.size());
    if (version_ >= 11) {
      asio::write(stream_, bhttp::make_chunk(buffer), ec);
    } else {
      asio::write(stream_, buffer, ec);
    }
    return Finish(ec);
  }

  Status End() override {
    if (version_ < 11 || head_) return {};
    ErrorCode ec;
    asio::write(stream_, bhttp::make_chunk_last(), ec);
    return Finish(ec);
  }

  void ForceClose() override { keep_alive_ = false; }
  void CutAfterResponseBytes(uint64_t bytes) override { stream_.SetWriteBudget(bytes); }
  void CutAfterRequestBytes(uint64_t bytes) override { body_->CutAfter(bytes); }
  void Abort() override {
    answered_ = true;
    keep_alive_ = false;
    stream_.Cut();
  }

  bool answered() const { return answered_; }
  bool keep_alive() const { return keep_alive_; }

 private:
  template <typename Message>
  void Fill(Message& message, int status, const Headers& headers) {
    answered_ = true;
    message.result(static_cast<unsigned>(status));
    message.version(version_);
    for (const auto& [name, value] : headers) message.insert(name, value);
  }

  // Said aloud also where it is the default, as for HTTP/1.0.
  template <typename Message>
  void SetConnection(Message& message) const {
    message.keep_alive(keep_alive_);
    if (!keep_alive_) message.set(bhttp::field::connection, "close");
  }

  Status Finish(const ErrorCode& ec) {
    if (!ec) return {};
    keep_alive_ = false;
    return ClientGone();
  }

  BudgetStream& stream_;
  ConnectionBody* const body_;
  const int version_;
  const bool head_;
  bool keep_alive_;
  bool answered_ = false;
};

Request MakeRequest(const Parser& parser, const Socket& socket) {
  const auto& message = parser.get();
  Request request;
  request.method = std::string(message.method_string());
  request.target = std::string(message.target());
  const size_t question = std::min(request.target.find('?'), request.target.size());
  request.path = PercentDecode(std::string_view(request.target).substr(0, question));
  if (question < request.target.size()) request.query = request.target.substr(question + 1);
  request.version = static_cast<int>(message.version());
  for (const auto& field : message) {
    request.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
  }
  request.peer_address = socket.PeerAddress();
  if (parser.content_length()) request.content_length = *parser.content_length();
  request.chunked = parser.chunked();
  return request;
}

// Closes without a reset: a client that is still sending can read its answer first.
void CloseGently(Socket& socket) {
  ::shutdown(socket.descriptor(), SHUT_WR);
  socket.SetReadTimeout(kLingerTime);
  char piece[16 * 1024];
  for (size_t total = 0; total < kLingerBytes;) {
    Result<size_t> bytes = socket.ReadSome(piece);
    if (!bytes.ok() || *bytes == 0) break;
    total += *bytes;
  }
  socket.Shutdown();
}

}  // namespace

void ServeConnection(Socket& socket, const ServerOptions& options, const Handler& handler,
                     const std::atomic<bool>& stopping, std::atomic<bool>& busy) {
  socket.SetReadTimeout(std::chrono::seconds(options.idle_timeout_seconds));
  BudgetStream stream(socket);
  beast::flat_buffer buffer;
  while (!stopping.load()) {
    Parser parser;
    parser.header_limit(static_cast<uint32_t>(options.max_header_bytes));
    parser.body_limit(boost::none);
    ErrorCode ec;
    bhttp::read_header(stream, buffer, parser, ec);
    if (ec) {
      if (ec == bhttp::error::end_of_stream || ec == BrokenConnection()) return;
      ConnectionResponder responder(stream, nullptr, 11, false, false);
      (void)responder.Send(ec == bhttp::error::header_limit ? 431 : 400,
                           {{"Content-Type", "text/plain"}}, ec.message() + "\n");
      return;
    }
    busy.store(true);
    Request request = MakeRequest(parser, socket);
    ConnectionBody body(stream, buffer, parser, request.ExpectsContinue());
    request.body = &body;
    ConnectionResponder responder(stream, &body, request.version, request.method == "HEAD",
                                  parser.keep_alive() && !stopping.load());
    try {
      handler(request, responder);
    } catch (const std::exception& failure) {
      LogError("HTTP handler for {} {}: {}", request.method, request.path, failure.what());
    }
    if (!responder.answered() && !stream.cut()) {
      responder.ForceClose();
      (void)responder.Send(500, {{"Content-Type", "text/plain"}}, "internal error\n");
    }
    // A client that still waits for "100 Continue" sends no body now that it has its answer.
    const bool clean = body.waits_for_continue() || stream.cut() || body.Drain(kDrainBytes);
    busy.store(false);
    if (stream.cut()) return;
    const bool expects_no_more = body.waits_for_continue() && !body.done();
    if (!responder.keep_alive() || !clean || expects_no_more) {
      CloseGently(socket);
      return;
    }
  }
}

}  // namespace starlift::wire::http
