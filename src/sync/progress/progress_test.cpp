#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "sync/progress/progress_board.h"
#include "sync/progress/progress_text.h"
#include "sync/progress/text_table.h"

namespace starlift::sync {
namespace {

// Counters of the test's own, which outlive the board.
std::shared_ptr<const load::TableProgress> Borrowed(const load::TableProgress& counters) {
  return {std::shared_ptr<void>(), &counters};
}

using std::chrono::milliseconds;

class SetClock : public Clock {
 public:
  Milliseconds Now() const override { return now; }
  Milliseconds WallTime() const override { return now; }
  bool Sleep(Milliseconds duration, const Cancellation&) override {
    now += duration;
    return true;
  }
  Milliseconds now{1000};
};

class ProgressTest : public ::testing::Test {
 protected:
  void Read(load::TableProgress& counters, uint64_t rows) {
    counters.rows_read += rows;
    counters.bytes_read += rows * 100;
    counters.rows_loaded += rows;
    counters.bytes_sent += rows * 50;
  }

  SetClock clock;
  ProgressBoard board{clock};
  load::TableProgress a, b;
};

TEST_F(ProgressTest, CountsThisRunApartFromEarlierOnes) {
  state::TableCounters before;
  before.rows_read = before.rows_loaded = 40;
  before.bytes_read = 4000;
  const size_t table = board.AddTable("`d`.`a`", "`t`.`a`", 100, before);
  a.rows_read = a.rows_loaded = 40;
  a.bytes_read = 4000;
  board.Start(table, Borrowed(a));
  Read(a, 10);
  const ProgressSnapshot snapshot = board.Take();
  EXPECT_EQ(snapshot.totals.rows_read, 10u);
  EXPECT_EQ(snapshot.totals.rows_before, 40u);
  EXPECT_EQ(snapshot.totals.bytes_read, 1000u);
  EXPECT_EQ(EstimateRemainingRows(snapshot), 50u);
}

TEST_F(ProgressTest, RatesAreOfTheLastSecondsAndPromiseTheRest) {
  board.Start(board.AddTable("a", "a", 10'000, {}), Borrowed(a));
  RateMeter meter;
  EXPECT_EQ(meter.Measure(board.Take()).rows_per_second, 0);
  RateMeter::Rates rates;
  for (int second = 0; second < 30; ++second) {
    clock.now += milliseconds(1000);
    Read(a, second < 20 ? 10 : 100);
    rates = meter.Measure(board.Take());
  }
  EXPECT_NEAR(rates.rows_per_second, 100, 0.5);
  EXPECT_NEAR(rates.bytes_per_second, 10'000, 50);
  ASSERT_TRUE(rates.remaining);
  EXPECT_EQ(*rates.remaining, milliseconds((10'000 - 1200) * 10));
}

TEST_F(ProgressTest, NothingIsPromisedWhereNothingIsKnownOrNothingMoves) {
  board.Start(board.AddTable("a", "a", 0, {}), Borrowed(a));
  RateMeter meter;
  (void)meter.Measure(board.Take());
  clock.now += milliseconds(1000);
  Read(a, 10);
  EXPECT_FALSE(meter.Measure(board.Take()).remaining);
}

TEST_F(ProgressTest, ATableThatOutgrowsItsEstimateIsNotDoneBeforeItIs) {
  const size_t table = board.AddTable("a", "a", 10, {});
  board.Start(table, Borrowed(a));
  Read(a, 500);
  EXPECT_EQ(EstimateRemainingRows(board.Take()), 0u);
  EXPECT_NE(RenderLive(board.Take(), {}, 100, 10).find(" 99 %"), std::string::npos);
  board.End(table, TableState::kDone);
  EXPECT_EQ(board.Take().totals.tables_done, 1u);
}

TEST_F(ProgressTest, TheLiveDisplayFitsTheTerminal) {
  for (int i = 0; i < 20; ++i) {
    board.Start(board.AddTable("`датабасе`.`a very long name of a table, longer than the line`", "",
                               100, {}),
                Borrowed(a));
  }
  const std::string text = RenderLive(board.Take(), {}, 40, 6);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 5);
  size_t start = 0;
  for (size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n', start)) {
    EXPECT_LE(CountCharacters(text.substr(start, end - start)), 40u);
    start = end + 1;
  }
  EXPECT_NE(text.find("more tables"), std::string::npos);
}

TEST_F(ProgressTest, JsonHasTheDocumentedKeys) {
  board.SetPhase("full");
  const size_t table = board.AddTable("`d`.`a`", "`t`.`a`", 100, {});
  board.Start(table, Borrowed(a));
  Read(a, 10);
  clock.now += milliseconds(2000);
  const auto progress = nlohmann::json::parse(RenderProgressJson(board.Take(), {}, 7));
  EXPECT_EQ(progress["event"], "progress");
  EXPECT_EQ(progress["rows_read"], 10);
  EXPECT_EQ(progress["active"][0]["source"], "`d`.`a`");
  EXPECT_TRUE(progress["eta_s"].is_null());
  board.End(table, TableState::kDone);
  const auto summary = nlohmann::json::parse(RenderSummaryJson(board.Take(), "task", "done", 7));
  EXPECT_EQ(summary["event"], "summary");
  EXPECT_EQ(summary["table"][0]["rows_loaded"], 10);
  EXPECT_EQ(summary["table"][0]["seconds"], 2.0);
  EXPECT_NE(RenderSummary(board.Take()).find("1 of 1 tables done"), std::string::npos);
}

TEST(TextTable, AlignsByCharacters) {
  TextTable table({{"name"}, {"rows", TextTable::Align::kRight}});
  table.AddRow({"é", "1"});
  table.AddTotal({"2 tables", "12,345"});
  EXPECT_EQ(table.Render(),
            "name        rows\n"
            "----------------\n"
            "é              1\n"
            "----------------\n"
            "2 tables  12,345\n");
}

}  // namespace
}  // namespace starlift::sync
