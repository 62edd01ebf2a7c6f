#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "sandbox/ddl/environment.h"

namespace starlift::sandbox::ddl {

// Carries ALTER jobs through PENDING, WAITING_TXN and RUNNING to FINISHED in a thread of its own.
// Start after the catalog is loaded; jobs that a crash interrupted go on.
class JobRunner {
 public:
  explicit JobRunner(const Environment& environment) : environment_(environment) {}
  ~JobRunner() { Stop(); }

  void Start();
  void Stop();

 private:
  void Run();
  void Advance(const catalog::AlterJob& job);
  void Finish(const catalog::AlterJob& job, catalog::CatalogEdit& edit) const;

  const Environment& environment_;  // not owned
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace starlift::sandbox::ddl
