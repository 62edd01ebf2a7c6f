#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "sources/hive/options.h"
#include "sources/text_rows.h"

namespace starlift::hive {

// One session of HiveServer2 (or of Spark's Thrift Server, which speaks the same). Used by one
// thread. Errors: kUnreachable, kRefused with Hive's own words; native_code is Hive's error code.
class Session {
 public:
  // Where ZooKeeper tells of several servers: the first that answers.
  static Result<Session> Open(const ConnectOptions& options);
  ~Session();
  Session(Session&&) noexcept;
  Session& operator=(Session&&) noexcept;

  // Runs a statement to its end and takes all rows, as text.
  Result<TextRows> Query(const std::string& statement);

  // TABLE_CAT, TABLE_SCHEM, TABLE_NAME, TABLE_TYPE, REMARKS of all tables and views; an empty
  // database means all.
  Result<TextRows> ListTables(const std::string& database);

  // "Apache Hive 4.0.1"
  Result<std::string> Product();

 private:
  struct State;
  explicit Session(std::unique_ptr<State> state);
  static Result<Session> OpenAt(const ConnectOptions& options);
  std::unique_ptr<State> state_;
};

}  // namespace starlift::hive
