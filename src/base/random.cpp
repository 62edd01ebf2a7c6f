#include "base/random.h"

#include <mutex>
#include <random>

namespace starlift {
namespace {

class SeededRandom final : public Random {
 public:
  SeededRandom() {
    std::random_device device;
    std::seed_seq seed{device(), device(), device(), device()};
    engine_.seed(seed);
  }
  uint64_t Next() override {
    std::lock_guard lock(mutex_);
    return engine_();
  }

 private:
  std::mutex mutex_;
  std::mt19937_64 engine_;
};

}  // namespace

Random& SystemRandom() {
  static SeededRandom random;
  return random;
}

}  // namespace starlift
