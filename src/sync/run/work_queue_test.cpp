#include "sync/run/work_queue.h"

#include <algorithm>
#include <thread>

#include <gtest/gtest.h>

namespace starlift::sync {
namespace {

std::vector<Chunk> Chunks(uint64_t first, uint64_t count) {
  std::vector<Chunk> chunks(count);
  for (uint64_t i = 0; i < count; ++i) chunks[i].number = first + i;
  return chunks;
}

TEST(WorkQueue, TakesFromBothEnds) {
  WorkQueue queue(3);
  queue.AddChunks(0, Chunks(0, 3), true);
  queue.AddChunks(1, Chunks(0, 1), true);
  queue.AddChunks(2, Chunks(0, 1), true);
  std::vector<size_t> order;
  while (order.size() < 5) order.push_back(queue.Take()->table);
  EXPECT_EQ(order, (std::vector<size_t>{2, 0, 1, 0, 0}));
}

TEST(WorkQueue, EndsWhenEveryChunkHasEnded) {
  WorkQueue queue(2);
  EXPECT_FALSE(queue.AddChunks(0, Chunks(0, 1), true));
  EXPECT_TRUE(queue.AddChunks(1, {}, true));
  auto item = queue.Take();
  ASSERT_TRUE(item);
  EXPECT_FALSE(queue.AllEnded());
  queue.PutBack(std::move(*item));
  item = queue.Take();
  ASSERT_TRUE(item);
  EXPECT_TRUE(queue.EndChunk(item->table));
  EXPECT_TRUE(queue.AllEnded());
  EXPECT_FALSE(queue.Take());
  EXPECT_FALSE(queue.NextToPlan());
}

TEST(WorkQueue, NoTablesIsTheEnd) {
  WorkQueue queue(0);
  EXPECT_TRUE(queue.AllEnded());
  EXPECT_FALSE(queue.Take());
  EXPECT_FALSE(queue.NextToPlan());
}

TEST(WorkQueue, ThePlannerWaitsWhenItIsFarAhead) {
  WorkQueue queue(1);
  EXPECT_EQ(queue.NextToPlan(), 0u);
  queue.AddChunks(0, Chunks(0, 8), false);
  std::optional<size_t> next;
  std::thread planner([&] { next = queue.NextToPlan(); });
  const auto item = queue.Take();
  planner.join();
  EXPECT_EQ(next, 0u);
  EXPECT_EQ(item->chunk.number, 0u);
}

TEST(WorkQueue, CloseLetsEveryoneGo) {
  WorkQueue queue(1);
  std::thread reader([&] { EXPECT_FALSE(queue.Take()); });
  queue.Close();
  reader.join();
  EXPECT_FALSE(queue.NextToPlan());
}

}  // namespace
}  // namespace starlift::sync
