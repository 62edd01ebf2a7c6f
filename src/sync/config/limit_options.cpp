#include "sync/config/limit_options.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

#include "starrocks/load_target.h"

namespace starlift::sync {
namespace {

constexpr int64_t kMiB = int64_t{1} << 20;
constexpr int64_t kMaxReaders = 64;
constexpr int64_t kMaxLoads = 64;
constexpr int64_t kLeastChunkRows = 10'000;
constexpr uint64_t kBytesPerSlot = uint64_t{256} << 10;  // of CloudCanal's ring buffers

std::vector<TaskOption> FullLoadLimits() {
  return {
      {{.name = "readers",
        .section = "limits",
        .type = OptionType::kInteger,
        .default_text = "1",
        .placeholder = "N",
        .help = "Connections that read rows from the source at the same time, of several tables "
                "or of one.",
        .minimum = 1,
        .maximum = kMaxReaders},
       [](TaskConfig& config, const OptionValue& value) -> Status {
         config.limits.readers = static_cast<uint32_t>(value.number);
         return {};
       }},
      {{.name = "loads",
        .section = "limits",
        .type = OptionType::kInteger,
        .default_text = "3",
        .placeholder = "N",
        .help = "Loads that may be in flight to the target at the same time.",
        .minimum = 1,
        .maximum = kMaxLoads},
       [](TaskConfig& config, const OptionValue& value) -> Status {
         config.limits.loads = static_cast<uint32_t>(value.number);
         return {};
       }},
      {{.name = "memory",
        .section = "limits",
        .type = OptionType::kBytes,
        .default_text = "128MiB",
        .placeholder = "SIZE",
        .help = "Memory for rows on their way, all tables together. When it is used up, reading "
                "waits for the target.",
        .minimum = 16 * kMiB},
       [](TaskConfig& config, const OptionValue& value) -> Status {
         config.limits.memory_bytes = static_cast<uint64_t>(value.number);
         return {};
       }},
      {{.name = "load-bytes",
        .section = "limits",
        .type = OptionType::kBytes,
        .default_text = "32MiB",
        .placeholder = "SIZE",
        .help = "Size at which a load is closed and sent.",
        .minimum = 1 * kMiB,
        .maximum = 1024 * kMiB},
       [](TaskConfig& config, const OptionValue& value) -> Status {
         config.limits.load_bytes = static_cast<uint64_t>(value.number);
         return {};
       }},
      {{.name = "chunk-rows",
        .section = "limits",
        .type = OptionType::kInteger,
        .default_text = "0",
        .placeholder = "N",
        .help = "Rows per chunk, the unit that a resumed run doesn't read again. 0: so many that "
                "a chunk is about as large as a load."},
       [](TaskConfig& config, const OptionValue& value) -> Status {
         config.limits.chunk_rows = static_cast<uint64_t>(value.number);
         return {};
       }},
      {{.name = "max-errors",
        .section = "limits",
        .type = OptionType::kInteger,
        .default_text = "0",
        .placeholder = "N",
        .help = "Rows that the target can't take and that may go to the dead-letter file with "
                "their reason, before the task stops. 0: stop at the first."},
       [](TaskConfig& config, const OptionValue& value) -> Status {
         config.limits.max_errors = static_cast<uint64_t>(value.number);
         return {};
       }},
      {{.name = "retry-for",
        .section = "limits",
        .type = OptionType::kDuration,
        .default_text = "10min",
        .placeholder = "TIME",
        .help = "How long a source or target that doesn't answer is tried again, before the run "
                "ends with exit code 5. The next run goes on."},
       [](TaskConfig& config, const OptionValue& value) -> Status {
         config.limits.retry_for = value.duration();
         return {};
       }},
      {{.name = "compression",
        .section = "limits",
        .type = OptionType::kChoice,
        .default_text = "none",
        .placeholder = "HOW",
        .help = "Compression of loads on their way to the target. Worth it over slow networks.",
        .choices = {"none", "lz4", "zstd", "gzip"}},
       [](TaskConfig& config, const OptionValue& value) -> Status {
         SL_ASSIGN(config.compression, starrocks::ParseCompression(value.text));
         return {};
       }},
  };
}

std::vector<TaskOption> ChangeLimits() {
  return {
      {{.name = "flush-interval",
        .section = "limits",
        .type = OptionType::kDuration,
        .default_text = "200ms",
        .placeholder = "TIME",
        .help = "Between two loads of one table's changes. It stretches by itself where the "
                "target asks for fewer loads.",
        .minimum = 1,
        .maximum = 600'000},
       [](TaskConfig& config, const OptionValue& value) -> Status {
         config.limits.flush_interval = value.duration();
         return {};
       }},
      {{.name = "flush-rows",
        .section = "limits",
        .type = OptionType::kInteger,
        .default_text = "500000",
        .placeholder = "N",
        .help = "Changed rows of one table at which they are sent before the interval is over.",
        .minimum = 1},
       [](TaskConfig& config, const OptionValue& value) -> Status {
         config.limits.flush_rows = static_cast<uint64_t>(value.number);
         return {};
       }},
      {{.name = "changes-memory",
        .section = "limits",
        .type = OptionType::kBytes,
        .default_text = "64MiB",
        .placeholder = "SIZE",
        .help = "Memory for changes on their way, all tables together. When it is used up, the "
                "log is read no further until the target has taken some.",
        .minimum = 8 * kMiB},
       [](TaskConfig& config, const OptionValue& value) -> Status {
         config.limits.changes_memory_bytes = static_cast<uint64_t>(value.number);
         return {};
       }},
  };
}

// Settings under the names that CloudCanal's tasks have; in task files only.
std::vector<TaskOption> CloudCanalLimits() {
  return {
      {{.name = "realFlushPauseSec",
        .section = "limits",
        .type = OptionType::kInteger,
        .placeholder = "SECONDS",
        .help = "CloudCanal's name (10 there): flush-interval in seconds.",
        .minimum = 0,
        .maximum = 600,
        .places = kTaskFile},
       [](TaskConfig& config, const OptionValue& value) -> Status {
         config.limits.flush_interval =
             std::max(std::chrono::milliseconds(1), std::chrono::milliseconds(value.number * 1000));
         return {};
       }},
      {{.name = "fullBatchSize",
        .section = "limits",
        .type = OptionType::kInteger,
        .placeholder = "ROWS",
        .help = "CloudCanal's name: rows that a full load takes at a time, as chunk-rows; at least "
                "10000, as loads are large here.",
        .minimum = 1,
        .places = kTaskFile},
       [](TaskConfig& config, const OptionValue& value) -> Status {
         config.limits.chunk_rows = static_cast<uint64_t>(std::max(kLeastChunkRows, value.number));
         return {};
       }},
      {{.name = "fullRingBufferSize",
        .section = "limits",
        .type = OptionType::kInteger,
        .placeholder = "SLOTS",
        .help = "CloudCanal's name: what a full load keeps between reading and sending, as memory "
                "of 256 KiB per slot, at least 16 MiB.",
        .minimum = 1,
        .maximum = 65'536,
        .places = kTaskFile},
       [](TaskConfig& config, const OptionValue& value) -> Status {
         config.limits.memory_bytes =
             std::max(uint64_t{16 * kMiB}, static_cast<uint64_t>(value.number) * kBytesPerSlot);
         return {};
       }},
      {{.name = "increBatchSize",
        .section = "limits",
        .type = OptionType::kInteger,
        .placeholder = "ROWS",
        .help = "CloudCanal's name: changed rows that are sent at a time, as flush-rows.",
        .minimum = 1,
        .places = kTaskFile},
       [](TaskConfig& config, const OptionValue& value) -> Status {
         config.limits.flush_rows = static_cast<uint64_t>(value.number);
         return {};
       }},
      {{.name = "increRingBufferSize",
        .section = "limits",
        .type = OptionType::kInteger,
        .placeholder = "SLOTS",
        .help = "CloudCanal's name: what is kept between the log and the target, as changes-memory "
                "of 256 KiB per slot, at least 8 MiB.",
        .minimum = 1,
        .maximum = 65'536,
        .places = kTaskFile},
       [](TaskConfig& config, const OptionValue& value) -> Status {
         config.limits.changes_memory_bytes =
             std::max(uint64_t{8 * kMiB}, static_cast<uint64_t>(value.number) * kBytesPerSlot);
         return {};
       }},
  };
}

}  // namespace

std::vector<TaskOption> LimitTaskOptions() {
  std::vector<TaskOption> all = FullLoadLimits();
  for (std::vector<TaskOption> part : {ChangeLimits(), CloudCanalLimits()}) {
    std::move(part.begin(), part.end(), std::back_inserter(all));
  }
  return all;
}

}  // namespace starlift::sync
