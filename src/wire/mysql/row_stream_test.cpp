#include "wire/mysql/row_stream.h"

#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "wire/testing/scripted_server.h"

namespace starlift::wire::mysql {
namespace {

using namespace wire::testing;  // NOLINT(google-build-using-namespace)

using Rows = std::vector<std::vector<std::optional<std::string>>>;

void SendRows(PacketChannel& channel, const Rows& rows) {
  for (const auto& cells : rows) {
    PayloadWriter row;
    for (const auto& cell : cells) {
      if (cell) {
        row.LengthString(*cell);
      } else {
        row.U8(0xFB);
      }
    }
    if (!channel.WritePayload(row.payload()).ok()) return;
  }
  (void)channel.Flush();
}

// Serves these rows to one query, then whatever `end` does.
ScriptedServer::Script Serve(const Rows& rows, std::function<void(PacketChannel&)> end) {
  return [&rows, end = std::move(end)](PacketChannel& channel) {
    LetInAndListen(channel);
    SendFields(channel, {"a", "b"});
    SendRows(channel, rows);
    end(channel);
  };
}

struct Outcome {
  Rows rows;
  size_t batches = 0;
  Status status;
};

Outcome ReadAll(RowStream& stream, size_t target_bytes) {
  Outcome outcome;
  RowBatch batch(2);
  while (true) {
    Result<bool> more = stream.ReadBatch(batch, target_bytes);
    if (!more.ok()) {
      outcome.status = std::move(more).error();
      return outcome;
    }
    if (!*more) return outcome;
    ++outcome.batches;
    for (size_t row = 0; row < batch.rows(); ++row) {
      std::vector<std::optional<std::string>> cells;
      for (size_t column = 0; column < batch.columns(); ++column) {
        const auto value = batch.Value(row, column);
        cells.push_back(value ? std::optional(std::string(*value)) : std::nullopt);
      }
      outcome.rows.push_back(std::move(cells));
    }
  }
}

Rows ManyRows(size_t count) {
  Rows rows;
  for (size_t i = 0; i < count; ++i) {
    rows.push_back(
        {std::to_string(i), i % 3 == 0 ? std::nullopt : std::optional(std::string(i % 700, 'x'))});
  }
  return rows;
}

TEST(RowStream, CarriesTailsFromBatchToBatch) {
  const Rows rows = ManyRows(5000);
  ScriptedServer server(Serve(rows, [](PacketChannel& channel) {
    SendEof(channel);
    Receive(channel);
    SendOk(channel);
  }));
  Result<Client> client = Client::Connect(server.Options("ann", ""));
  ASSERT_TRUE(client.ok());
  {
    Result<RowStream> stream = client->Stream("SELECT a, b FROM t");
    ASSERT_TRUE(stream.ok()) << stream.error().ToString();
    EXPECT_EQ(client->Ping().error().kind, ErrorKind::kInternal);
    const Outcome outcome = ReadAll(*stream, 0);
    EXPECT_TRUE(outcome.status.ok());
    EXPECT_GT(outcome.batches, 5u);
    EXPECT_TRUE(outcome.rows == rows);
  }
  EXPECT_TRUE(client->Ping().ok());
}

// Long enough to be received in bulk, where a wait is for many bytes: the last ones are fewer.
TEST(RowStream, EndsABulkWithLessThanItWaitsFor) {
  const Rows rows = ManyRows(40'000);
  ScriptedServer server(Serve(rows, [](PacketChannel& channel) {
    SendEof(channel);
    Receive(channel);
    SendOk(channel);
  }));
  const Cancellation never;
  ClientOptions options = server.Options("ann", "");
  options.cancellation = &never;
  Result<Client> client = Client::Connect(options);
  ASSERT_TRUE(client.ok());
  {
    Result<RowStream> stream = client->Stream("SELECT a, b FROM t");
    ASSERT_TRUE(stream.ok());
    const Outcome outcome = ReadAll(*stream, size_t{256} << 10);
    EXPECT_TRUE(outcome.status.ok());
    EXPECT_TRUE(outcome.rows == rows);
  }
  EXPECT_TRUE(client->Ping().ok());
}

TEST(RowStream, NoRows) {
  const Rows none;
  ScriptedServer server(Serve(none, [](PacketChannel& channel) { SendEof(channel); }));
  Result<Client> client = Client::Connect(server.Options("ann", ""));
  Result<RowStream> stream = client->Stream("SELECT a, b FROM t");
  ASSERT_TRUE(stream.ok());
  const Outcome outcome = ReadAll(*stream, 1000);
  EXPECT_TRUE(outcome.status.ok());
  EXPECT_EQ(outcome.batches, 0u);
}

TEST(RowStream, RowsOverSeveralPackets) {
  Rows rows;
  // Around the packet's limit, where the split payload ends exactly at it, and over three packets.
  for (const size_t size : {size_t{70000}, kMaxPacketPayload - 10, kMaxPacketPayload - 7,
                            kMaxPacketPayload - 6, kMaxPacketPayload - 5, size_t{40} << 20}) {
    rows.push_back({"before", std::nullopt});
    rows.push_back({"x", std::string(size, 'y')});
    rows.push_back({std::string(size, 'z'), "after"});
  }
  ScriptedServer server(Serve(rows, [](PacketChannel& channel) { SendEof(channel); }));
  Result<Client> client = Client::Connect(server.Options("ann", ""));
  Result<RowStream> stream = client->Stream("SELECT a, b FROM t");
  ASSERT_TRUE(stream.ok());
  const Outcome outcome = ReadAll(*stream, size_t{256} << 10);
  EXPECT_TRUE(outcome.status.ok());
  EXPECT_TRUE(outcome.rows == rows);
}

TEST(RowStream, HugeRowsDontKeepTheirMemory) {
  Rows rows = {{"x", std::string(size_t{8} << 20, 'y')}};
  for (size_t i = 0; i < 60000; ++i) rows.push_back({"small", std::string(300, 's')});
  ScriptedServer server(Serve(rows, [](PacketChannel& channel) { SendEof(channel); }));
  Result<Client> client = Client::Connect(server.Options("ann", ""));
  Result<RowStream> stream = client->Stream("SELECT a, b FROM t");
  RowBatch batch(2);
  size_t read = 0;
  while (*stream->ReadBatch(batch, size_t{64} << 10)) read += batch.rows();
  EXPECT_EQ(read, rows.size());
  EXPECT_LT(batch.arena().capacity(), size_t{1} << 20);
}

TEST(RowStream, ErrorInMidStreamComesAfterTheRows) {
  const Rows rows = ManyRows(3);
  ScriptedServer server(Serve(rows, [](PacketChannel& channel) {
    SendError(channel, 1690, "BIGINT value is out of range");
    Receive(channel);
    SendOk(channel);
  }));
  Result<Client> client = Client::Connect(server.Options("ann", ""));
  {
    Result<RowStream> stream = client->Stream("SELECT a, b FROM t");
    const Outcome outcome = ReadAll(*stream, 1000);
    EXPECT_TRUE(outcome.rows == rows);
    ASSERT_FALSE(outcome.status.ok());
  }
  EXPECT_TRUE(client->Ping().ok());
}

TEST(RowStream, LostConnectionIsUnreachable) {
  const Rows rows = ManyRows(3);
  ScriptedServer server(Serve(rows, [](PacketChannel& channel) { channel.socket().Close(); }));
  Result<Client> client = Client::Connect(server.Options("ann", ""));
  Result<RowStream> stream = client->Stream("SELECT a, b FROM t");
  ASSERT_TRUE(stream.ok());
  const Outcome outcome = ReadAll(*stream, 1000);
  ASSERT_FALSE(outcome.status.ok());
  EXPECT_EQ(outcome.status.error().kind, ErrorKind::kUnreachable);
  EXPECT_FALSE(client->is_open());
}

TEST(RowStream, GivingUpEarlyClosesTheSession) {
  const Rows rows = ManyRows(20000);
  ScriptedServer server(Serve(rows, [](PacketChannel&) {}));
  Result<Client> client = Client::Connect(server.Options("ann", ""));
  {
    Result<RowStream> stream = client->Stream("SELECT a, b FROM t");
    RowBatch batch(2);
    ASSERT_TRUE(*stream->ReadBatch(batch, 1000));
  }
  EXPECT_FALSE(client->is_open());
}

TEST(RowStream, RowsThatDontFitTheirFieldsAreRefused) {
  for (const std::string_view row :
       {std::string_view("\x01x"), std::string_view("\x05xy\x01z"),
        std::string_view("\x01x\x01y\x01z"), std::string_view("\x01x\xFC\x01")}) {
    ScriptedServer server([&](PacketChannel& channel) {
      LetInAndListen(channel);
      SendFields(channel, {"a", "b"});
      Send(channel, row);
      SendEof(channel);
    });
    Result<Client> client = Client::Connect(server.Options("ann", ""));
    Result<RowStream> stream = client->Stream("SELECT a, b FROM t");
    RowBatch batch(2);
    EXPECT_FALSE(stream->ReadBatch(batch, 1000).ok());
    EXPECT_TRUE(batch.empty());
  }
}

// Whatever a broken server or line brings: an error or rows, never more.
TEST(RowStream, GarbageEndsTheStream) {
  std::mt19937 random(7);
  for (int round = 0; round < 100; ++round) {
    ScriptedServer server([&](PacketChannel& channel) {
      LetInAndListen(channel);
      SendFields(channel, {"a", "b"});
      std::string garbage;
      for (int packet = 0; packet < 20; ++packet) {
        // Mostly plausible lengths, so that the parser gets to see the inside.
        const size_t size = random() % 40;
        garbage.push_back(static_cast<char>(random() % 8 == 0 ? random() : size));
        garbage.append({0, random() % 50 == 0 ? '\x01' : '\0', static_cast<char>(packet)});
        for (size_t i = 0; i < size; ++i) {
          garbage.push_back(static_cast<char>(random() % 4 == 0 ? random() : random() % 12));
        }
      }
      (void)channel.socket().WriteAll(garbage);
    });
    Result<Client> client = Client::Connect(server.Options("ann", ""));
    ASSERT_TRUE(client.ok());
    Result<RowStream> stream = client->Stream("SELECT a, b FROM t");
    ASSERT_TRUE(stream.ok());
    const Outcome outcome = ReadAll(*stream, 100);
    for (const auto& row : outcome.rows) EXPECT_EQ(row.size(), 2u);
  }
}

}  // namespace
}  // namespace starlift::wire::mysql
