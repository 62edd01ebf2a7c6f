#include "sync/cascades/cascade_window.h"

#include <gtest/gtest.h>

namespace starlift::sync {
namespace {

const TableId kChild{.database = "d", .name = "child"};
const TableId kGrandchild{.database = "d", .name = "grandchild"};

CascadeEffect Gone(size_t key, const std::string& value, size_t cause = CascadeEffect::kNoCause) {
  CascadeEffect effect;
  effect.key = key;
  effect.rule = KeyRule::kCascade;
  effect.deletes = true;
  effect.from = {value};
  effect.cause = cause;
  return effect;
}

// Parent 7 takes child 70 with it, which takes grandchild 700.
void TakeAway(CascadeWindow& window) {
  const size_t first = window.Begin(Gone(0, "7"));
  window.Touch(first, kChild, {"70"});
  const size_t second = window.Begin(Gone(1, "70", first));
  window.Touch(second, kGrandchild, {"700"});
}

TEST(CascadeWindow, RemembersNothingWhileItIsClosed) {
  CascadeWindow window;
  TakeAway(window);
  window.Suspect(kChild, {"1"});
  EXPECT_TRUE(window.is_empty());
}

TEST(CascadeWindow, TouchedRowsAreGivenOnce) {
  CascadeWindow window;
  TakeAway(window);
  EXPECT_TRUE(window.TakeTouched().empty());  // closed
  window.Open("p", false);
  TakeAway(window);
  EXPECT_EQ(window.TakeTouched(),
            (std::vector<CascadeWindow::Row>{{kChild, {"70"}}, {kGrandchild, {"700"}}}));
  EXPECT_TRUE(window.TakeTouched().empty());
}

TEST(CascadeWindow, RowsOfValuesThatDoNotComeAgainAreNoSuspects) {
  CascadeWindow window;
  window.Open("p", false);
  TakeAway(window);
  window.Arrive({0, {"8"}});
  window.Arrive({1, {"7"}});
  EXPECT_FALSE(window.is_empty());
  EXPECT_FALSE(window.has_suspects());
}

TEST(CascadeWindow, ValuesThatComeAgainMakeSuspectsOfAllThatFollowed) {
  CascadeWindow window;
  window.Open("p", false);
  TakeAway(window);
  window.Arrive({0, {"7"}});
  EXPECT_EQ(window.Take(), (CascadeWindow::Rows{{kChild, {{"70"}}}, {kGrandchild, {{"700"}}}}));
  EXPECT_TRUE(window.is_empty());
  EXPECT_EQ(window.size(), 0u);
}

TEST(CascadeWindow, ARowBetweenThatComesAgainMakesSuspectsOfThoseBelowIt) {
  CascadeWindow window;
  window.Open("p", false);
  TakeAway(window);
  window.Arrive({1, {"70"}});
  EXPECT_EQ(window.Take(), (CascadeWindow::Rows{{kGrandchild, {{"700"}}}}));
}

TEST(CascadeWindow, WhatTheLogTellsAfterwardsIsNoSuspect) {
  CascadeWindow window;
  window.Open("p", false);
  TakeAway(window);
  window.Arrive({0, {"7"}});
  window.Clear(kChild, {"70"});
  window.Clear(kChild, {"71"});
  EXPECT_EQ(window.Take(), (CascadeWindow::Rows{{kGrandchild, {{"700"}}}}));
}

TEST(CascadeWindow, GoesOnToALaterEnd) {
  CascadeWindow window;
  window.Open("p", false);
  window.Suspect(kChild, {"1"});
  window.Open("q", true);
  EXPECT_EQ(window.end(), "q");
  EXPECT_TRUE(window.rows_were_read());
  EXPECT_TRUE(window.has_suspects());
  window.Close();
  EXPECT_FALSE(window.is_open());
  EXPECT_TRUE(window.is_empty());
}

TEST(CascadeWindow, AllCanBeSuspected) {
  CascadeWindow window;
  window.Open("p", false);
  TakeAway(window);
  window.SuspectAll();
  EXPECT_EQ(window.size(), 2u);
  window.Arrive({0, {"7"}});
  EXPECT_EQ(window.Take().size(), 2u);
}

}  // namespace
}  // namespace starlift::sync
