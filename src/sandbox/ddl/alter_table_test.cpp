#include <chrono>
#include <thread>

#include <gtest/gtest.h>

#include "sandbox/ddl/ddl_harness.h"

namespace starlift::sandbox::ddl {
namespace {

using catalog::JobState;

class AlterTable : public testing::Test {
 protected:
  AlterTable() {
    EXPECT_EQ(
        world_.Run("CREATE TABLE t (k1 INT, k2 INT, v1 INT, v2 VARCHAR(10)) DUPLICATE KEY(k1, k2) "
                   "DISTRIBUTED BY HASH(k1) BUCKETS 1 PROPERTIES(\"replication_num\"=\"1\")"),
        "OK");
  }

  // Until the newest job of the table is over.
  JobState WaitForJob() {
    for (int i = 0; i < 400; ++i) {
      const auto jobs = world_.catalog.Jobs(world_.catalog.FindDatabase("d")->id);
      if (!jobs.empty()) {
        const JobState state = jobs.back()->state;
        if (state == JobState::kFinished || state == JobState::kCancelled) return state;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return JobState::kPending;
  }

  std::string Columns() {
    std::string names;
    for (const auto& column : world_.catalog.FindTable("d", "t")->columns) {
      names += column.name + " ";
    }
    return names;
  }

  DdlWorld world_;
};

TEST_F(AlterTable, ValueColumnsComeAndGoAtOnce) {
  EXPECT_EQ(world_.Run("ALTER TABLE t ADD COLUMN a INT AFTER k2, DROP COLUMN v1"), "OK");
  EXPECT_EQ(Columns(), "k1 k2 a v2 ");
  EXPECT_EQ(WaitForJob(), JobState::kFinished);
  EXPECT_EQ(world_.store.applied.size(), 3u);  // made, column dropped, column added
  EXPECT_EQ(world_.Run("ALTER TABLE t ADD COLUMN A INT"),
            "1064: Can not add column which already exists in base table: A");
  EXPECT_EQ(world_.Run("ALTER TABLE t DROP COLUMN nosuch"), "1064: Column does not exists: nosuch");
  EXPECT_EQ(world_.Run("ALTER TABLE t DROP COLUMN k1"),
            "1064: Distribution column[k1] cannot be dropped. index[t]");
}

TEST_F(AlterTable, TypeChangesAreJobsOneAtATime) {
  EXPECT_EQ(world_.Run("ALTER TABLE t MODIFY COLUMN v1 BIGINT"), "OK");
  EXPECT_EQ(world_.catalog.FindTable("d", "t")->FindColumn("v1")->type.kind,
            catalog::TypeKind::kInt);
  EXPECT_NE(world_.Run("ALTER TABLE t ADD COLUMN a INT").find("operation is in progress"),
            std::string::npos);
  JobRunner runner(world_.environment);
  runner.Start();
  EXPECT_EQ(WaitForJob(), JobState::kFinished);
  EXPECT_EQ(world_.catalog.FindTable("d", "t")->FindColumn("v1")->type.kind,
            catalog::TypeKind::kBigInt);
  EXPECT_EQ(world_.Run("ALTER TABLE t MODIFY COLUMN v1 INT"), "1064: Can not change BIGINT to INT");
  EXPECT_EQ(world_.Run("ALTER TABLE t MODIFY COLUMN v2 VARCHAR(5)"),
            "1064: Cannot shorten string length");
}

TEST_F(AlterTable, JobsWaitForOlderTransactions) {
  world_.transactions.open = true;
  EXPECT_EQ(world_.Run("ALTER TABLE t MODIFY COLUMN v1 BIGINT"), "OK");
  JobRunner runner(world_.environment);
  runner.Start();
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  const auto table = world_.catalog.FindTable("d", "t");
  ASSERT_NE(world_.catalog.OpenJobOf(table->id), nullptr);
  EXPECT_EQ(world_.catalog.OpenJobOf(table->id)->state, JobState::kWaitingTxn);
  world_.transactions.open = false;
  EXPECT_EQ(WaitForJob(), JobState::kFinished);
}

TEST_F(AlterTable, ValuesThatDoNotFitCancelTheJob) {
  world_.transactions.open = true;  // holds the job until the error is in place
  EXPECT_EQ(world_.Run("ALTER TABLE t MODIFY COLUMN v2 INT"), "OK");
  JobRunner runner(world_.environment);
  runner.Start();
  while (world_.catalog.OpenJobs().front()->state == JobState::kPending) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  runner.Stop();
  world_.store.next_error = Error{ErrorKind::kData, "cannot cast 'x'"};
  world_.transactions.open = false;
  runner.Start();
  EXPECT_EQ(WaitForJob(), JobState::kCancelled);
  EXPECT_EQ(world_.catalog.FindTable("d", "t")->FindColumn("v2")->type.kind,
            catalog::TypeKind::kVarchar);
}

TEST_F(AlterTable, CancelEndsAJob) {
  EXPECT_EQ(world_.Run("CANCEL ALTER TABLE COLUMN FROM t"),
            "1064: Table[t] is not under SCHEMA_CHANGE/WAITING_STABLE.");
  EXPECT_EQ(world_.Run("ALTER TABLE t ORDER BY (k2, k1, v1, v2)"), "OK");
  EXPECT_EQ(world_.Run("CANCEL ALTER TABLE COLUMN FROM t"), "OK");
  EXPECT_EQ(Columns(), "k1 k2 v1 v2 ");
  EXPECT_EQ(world_.Run("ALTER TABLE t ADD COLUMN a INT"), "OK");
}

TEST_F(AlterTable, RenamesAreMetadataOnly) {
  EXPECT_EQ(world_.Run("ALTER TABLE t RENAME COLUMN k1 TO kk"), "OK");
  EXPECT_NE(world_.Run("SHOW CREATE TABLE t").find("HASH(`kk`)"), std::string::npos);
  EXPECT_NE(world_.Run("ALTER TABLE t ADD COLUMN k1 INT").find("already exists by column id"),
            std::string::npos);
  EXPECT_EQ(world_.Run("CREATE TABLE u (id INT)"), "OK");
  const auto id = world_.catalog.FindTable("d", "t")->id;
  EXPECT_EQ(world_.Run("ALTER TABLE t SWAP WITH u"), "OK");
  EXPECT_EQ(world_.catalog.FindTable("d", "u")->id, id);
  EXPECT_EQ(world_.Run("ALTER TABLE u RENAME t"), "1064: Table name[t] is already used");
  EXPECT_EQ(world_.store.applied.size(), 2u);  // two tables made, nothing else
}

TEST_F(AlterTable, PartitionsComeAndGoWithTheirRows) {
  ASSERT_EQ(
      world_.Run("CREATE TABLE p (d DATE, v INT) PARTITION BY RANGE(d) (START (\"2024-01-30\") END "
                 "(\"2024-02-02\") EVERY (INTERVAL 1 DAY)) DISTRIBUTED BY HASH(v)"),
      "OK");
  EXPECT_EQ(world_.Run("ALTER TABLE p ADD PARTITION p9 VALUES LESS THAN (\"2024-03-01\")"), "OK");
  EXPECT_EQ(world_.Run("ALTER TABLE p ADD PARTITION p9 VALUES LESS THAN (\"2025-03-01\")"),
            "1517: Getting analyzing error. Detail message: Duplicate partition name p9.");
  EXPECT_NE(world_.Run("ALTER TABLE p ADD PARTITION px VALUES [(\"2024-02-05\"), (\"2024-02-06\"))")
                .find("is intersected with range"),
            std::string::npos);
  const size_t before = world_.store.applied.size();
  EXPECT_EQ(world_.Run("ALTER TABLE p DROP PARTITION p20240131"), "OK");
  ASSERT_EQ(world_.store.applied.size(), before + 1);
  EXPECT_TRUE(std::holds_alternative<catalog::RemovePartitionRows>(world_.store.applied.back()));
  EXPECT_EQ(world_.catalog.FindTable("d", "p")->partitions.size(), 3u);
}

}  // namespace
}  // namespace starlift::sandbox::ddl
