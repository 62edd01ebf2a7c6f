// How fast batches become load bodies: one thread, bytes of cells per CPU second (others may use
// the machine, too), best of several runs. The yardstick beside each is memcpy of the same bytes.
#include <cstdio>
#include <cstring>
#include <ctime>
#include <random>
#include <string>
#include <vector>

#include "starrocks/encoder.h"

namespace starlift::starrocks {
namespace {

constexpr int kRuns = 7;
constexpr size_t kBatchBytes = 256 * 1024;  // what a reader hands over at once: fits a core's cache
constexpr size_t kBatchesPerRun = 400;
constexpr size_t kSpareBytes = 64;  // as a reader leaves behind what it received

struct Shape {
  const char* name;
  EncodePlan plan;
  RowBatch batch;
};

ColumnPlan Column(std::string name, TargetTypeKind kind, CellRule rule) {
  return ColumnPlan{.name = std::move(name),
                    .type = TargetType{.kind = kind, .length = 1048576},
                    .rule = rule,
                    .limit_bytes = 1048576,
                    .null_impossible = true};
}

EncodePlan PlanOf(std::vector<ColumnPlan> columns) {
  EncodePlan plan;
  plan.columns = std::move(columns);
  for (uint32_t i = 0; i < plan.columns.size(); ++i) plan.columns[i].source_index = i;
  FinishEncodePlan(plan, true);
  return plan;
}

std::string Letters(std::mt19937& random, size_t length) {
  std::string text;
  for (size_t i = 0; i < length; ++i) text += static_cast<char>('a' + random() % 26);
  return text;
}

Shape TextShape(const char* name, size_t length, const std::string& character) {
  std::mt19937 random(1);
  Shape shape{name,
              PlanOf({Column("a", TargetTypeKind::kVarchar, CellRule::kText),
                      Column("b", TargetTypeKind::kVarchar, CellRule::kText)}),
              RowBatch(2)};
  while (shape.batch.byte_size() < kBatchBytes) {
    for (int i = 0; i < 2; ++i) {
      std::string text = Letters(random, length);
      for (size_t at = 0; at + character.size() < length && !character.empty(); at += 8) {
        text.replace(at, character.size(), character);
      }
      shape.batch.AppendCopy(text);
    }
  }
  return shape;
}

Shape OrdinaryShape() {
  std::mt19937 random(2);
  using enum TargetTypeKind;
  Shape shape{
      "ordinary row, 12 columns",
      PlanOf(
          {Column("id", kBigInt, CellRule::kNumber), Column("n", kInt, CellRule::kNumber),
           Column("price", kDecimal, CellRule::kNumber), Column("name", kVarchar, CellRule::kText),
           Column("city", kVarchar, CellRule::kText), Column("state", kVarchar, CellRule::kText),
           Column("note", kVarchar, CellRule::kText), Column("day", kDate, CellRule::kDate),
           Column("at", kDateTime, CellRule::kDateTime), Column("score", kDouble, CellRule::kFloat),
           Column("flag", kTinyInt, CellRule::kNumber), Column("mail", kVarchar, CellRule::kText)}),
      RowBatch(12)};
  for (int64_t id = 1'000'000; shape.batch.byte_size() < kBatchBytes; ++id) {
    shape.batch.AppendCopy(std::to_string(id));
    shape.batch.AppendCopy(std::to_string(random() % 100'000));
    shape.batch.AppendCopy("1234.5600");
    shape.batch.AppendCopy(Letters(random, 12));
    shape.batch.AppendCopy(Letters(random, 9));
    shape.batch.AppendCopy("open");
    shape.batch.AppendCopy(Letters(random, 80));
    shape.batch.AppendCopy("2024-02-17");
    shape.batch.AppendCopy("2024-02-17 12:34:56.789012");
    shape.batch.AppendCopy("3.14159");
    shape.batch.AppendNull();
    shape.batch.AppendCopy(Letters(random, 24));
  }
  return shape;
}

Shape RuleShape(const char* name, TargetTypeKind kind, CellRule rule, const std::string& value) {
  Shape shape{name, PlanOf({Column("a", kind, rule), Column("b", kind, rule)}), RowBatch(2)};
  while (shape.batch.byte_size() < kBatchBytes) shape.batch.AppendCopy(value);
  if (shape.batch.cells().size() % 2 != 0) shape.batch.AppendCopy(value);
  return shape;
}

double CpuSeconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

template <typename Work>
double BestSeconds(Work work) {
  double best = 1e9;
  for (int run = 0; run < kRuns; ++run) {
    const double begin = CpuSeconds();
    for (size_t i = 0; i < kBatchesPerRun; ++i) work(i);
    best = std::min(best, CpuSeconds() - begin);
  }
  return best;
}

void Measure(Shape shape) {
  shape.batch.arena().Reserve(shape.batch.arena().size() + kSpareBytes);
  RowEncoder encoder(shape.plan);
  ByteArena body(64 << 20);
  std::vector<RowReject> rejects;
  EncodeCounts counts;
  const double cells = static_cast<double>(shape.batch.arena().size()) * kBatchesPerRun;
  double seconds[2] = {};
  for (const LoadFormat format : {LoadFormat::kCsv, LoadFormat::kJson}) {
    seconds[format == LoadFormat::kJson] = BestSeconds([&](size_t i) {
      if (i % 64 == 0) body.Clear();
      encoder.Encode(format, shape.batch, body, rejects, counts);
    });
  }
  const double copy = BestSeconds([&](size_t i) {
    if (i % 64 == 0) body.Clear();
    body.Append(std::string_view(shape.batch.arena().data(), shape.batch.arena().size()));
  });
  std::printf(
      "%-28s csv %6.2f GB/s  %5.1f ns/cell   json %6.2f GB/s   memcpy %6.2f GB/s\n", shape.name,
      cells / seconds[0] / 1e9,
      seconds[0] * 1e9 /
          (static_cast<double>(shape.batch.rows() * shape.batch.columns()) * kBatchesPerRun),
      cells / seconds[1] / 1e9, cells / copy / 1e9);
}

}  // namespace
}  // namespace starlift::starrocks

int main() {
  using namespace starlift::starrocks;
  Measure(TextShape("text, 8 bytes", 8, ""));
  Measure(TextShape("text, 20 bytes", 20, ""));
  Measure(TextShape("text, 100 bytes", 100, ""));
  Measure(TextShape("text, 1000 bytes", 1000, ""));
  Measure(TextShape("text, 100 bytes, accents", 100, "\xC3\xA9"));
  Measure(OrdinaryShape());
  Measure(RuleShape("BIGINT", TargetTypeKind::kBigInt, CellRule::kNumber, "1234567890"));
  Measure(
      RuleShape("DATETIME", TargetTypeKind::kDateTime, CellRule::kDateTime, "2024-02-29 12:34:56"));
  Measure(RuleShape("JSON", TargetTypeKind::kJson, CellRule::kJson,
                    R"({"name": "a name", "tags": ["x", "y"], "count": 12, "open": true})"));
  Measure(RuleShape("VARBINARY", TargetTypeKind::kVarbinary, CellRule::kBinary,
                    std::string(64, '\xAB')));
}
