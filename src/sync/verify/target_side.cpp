#include "sync/verify/target_side.h"

#include <algorithm>
#include <charconv>
#include <string>

#include "sync/retry.h"
#include "sync/verify/target_sql.h"

namespace starlift::sync {
namespace {

constexpr size_t kKeysPerQuery = 100;

class TargetSide final : public RowSide {
 public:
  TargetSide(const mapping::TableMapping& mapping, const RowShape& shape,
             std::optional<ChecksumChoice> checksum, starrocks::Session& session,
             const Cancellation& cancellation)
      : mapping_(mapping),
        shape_(shape),
        checksum_(std::move(checksum)),
        session_(session),
        cancellation_(cancellation) {}

  Status ReadRange(const Chunk& range, const RowVisitor& visitor) override {
    return Stream(TargetRowsQuery(mapping_, TargetRange(mapping_, range)), visitor);
  }

  Status ReadKeys(const Chunk& range, const std::vector<RowKey>& keys,
                  const RowVisitor& visitor) override {
    // Without a primary key each question for some keys would read the whole range.
    if (shape_.keyless) return ReadRange(range, visitor);
    for (size_t begin = 0; begin < keys.size(); begin += kKeysPerQuery) {
      const size_t end = std::min(keys.size(), begin + kKeysPerQuery);
      const std::vector<RowKey> some(keys.begin() + static_cast<std::ptrdiff_t>(begin),
                                     keys.begin() + static_cast<std::ptrdiff_t>(end));
      SL_TRY(Stream(TargetRowsQuery(mapping_, TargetKeysCondition(shape_, some)), visitor));
    }
    return {};
  }

  Result<std::optional<RowChecksum>> Checksum(const Chunk& range) override {
    if (!checksum_) return std::optional<RowChecksum>();
    SL_ASSIGN(const starrocks::QueryRows answer,
              session_.Query(TargetChecksumQuery(mapping_, checksum_->columns, checksum_->method,
                                                 TargetRange(mapping_, range))));
    return answer.rows.empty() ? std::nullopt : ParseChecksum(answer.rows[0]);
  }

  Result<uint64_t> CountRows() override {
    SL_ASSIGN(const starrocks::QueryRows answer,
              session_.Query("SELECT count(*) FROM " + mapping_.target.QuotedName()));
    const std::string digits = answer.rows.at(0).at(0).value_or("");
    uint64_t rows = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), rows);
    return rows;
  }

 private:
  Status Stream(const std::string& sql, const RowVisitor& visitor) {
    values_.resize(mapping_.plan.columns.size());
    return session_.Stream(sql, [&](const RowBatch& batch) -> Status {
      if (cancellation_.requested()) return CancelledError();
      if (batch.columns() != values_.size()) {
        return Error{ErrorKind::kData, "the target answers other columns than were asked for"};
      }
      for (size_t row = 0; row < batch.rows(); ++row) {
        for (size_t i = 0; i < values_.size(); ++i) values_[i] = batch.Value(row, i);
        SL_TRY(visitor.take(values_));
      }
      return {};
    });
  }

  const mapping::TableMapping& mapping_;
  const RowShape& shape_;
  const std::optional<ChecksumChoice> checksum_;
  starrocks::Session& session_;
  const Cancellation& cancellation_;
  std::vector<std::optional<std::string_view>> values_;
};

}  // namespace

std::unique_ptr<RowSide> MakeTargetSide(const mapping::TableMapping& mapping, const RowShape& shape,
                                        std::optional<ChecksumChoice> checksum,
                                        starrocks::Session& session,
                                        const Cancellation& cancellation) {
  return std::make_unique<TargetSide>(mapping, shape, std::move(checksum), session, cancellation);
}

}  // namespace starlift::sync
