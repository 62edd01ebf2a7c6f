#include "sync/config/options_reference.h"

#include <fstream>
#include <iterator>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace starlift::sync {
namespace {

TEST(OptionsReference, ThePageInDocsIsCurrent) {
  std::ifstream file(STARLIFT_SOURCE_DIR "/docs/reference/sync-options.md");
  const std::string page{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  EXPECT_EQ(page, RenderOptionsReference())
      << "run: starlift sync --print-options >docs/reference/sync-options.md";
}

TEST(TaskSchema, IsJsonWithEverySection) {
  const auto schema = nlohmann::json::parse(RenderTaskSchema());
  EXPECT_EQ(schema["properties"]["version"]["const"], 1);
  EXPECT_EQ(schema["properties"]["limits"]["properties"]["readers"]["maximum"], 64);
  EXPECT_EQ(schema["properties"]["limits"]["additionalProperties"], false);
  EXPECT_TRUE(schema["properties"]["source"].contains("anyOf"));
  EXPECT_TRUE(schema["properties"]["rules"]["items"]["properties"].contains("target_table"));
}

}  // namespace
}  // namespace starlift::sync
