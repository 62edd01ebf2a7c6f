#include "load/loader.h"

#include <fmt/format.h>

#include "load/chunk_writer_state.h"
#include "load/loader_state.h"
#include "load/recovery.h"

namespace starlift::load {

const char* ThrottleName(Throttle throttle) {
  switch (throttle) {
    case Throttle::kNone:
      return "";
    case Throttle::kMemory:
      return "waiting for the target";
    case Throttle::kRetrying:
      return "retrying";
    case Throttle::kTargetBusy:
      return "the target asks for fewer loads";
    case Throttle::kOperator:
      return "something is to be mended at the target";
  }
  return "";
}

Loader::Loader(LoaderOptions options, LoadEnvironment environment)
    : state_(std::make_unique<State>(std::move(options), environment)) {}

Loader::~Loader() = default;

Result<Recovery> Loader::OpenTable(const mapping::TableMapping& mapping,
                                   const state::TableRecord& table) {
  auto context =
      std::make_shared<TableContext>(mapping, table, state_->options.dead_letter_directory);
  LabelRecovery recovery(state_->environment, state_->options, state_->progress, *context);
  SL_ASSIGN(const Recovery result, recovery.Run());
  // A chunk that turned out to be done counts, and so do its dead letters.
  SL_ASSIGN(const state::TableRecord now, state_->environment.store.GetTable(table.id));
  context = std::make_shared<TableContext>(mapping, now, state_->options.dead_letter_directory);
  SL_TRY(context->dead_letters.Recover());
  std::lock_guard lock(state_->tables_mutex);
  auto& place = state_->tables[table.id];
  if (!place) state_->rejects.AddTaken(now.done.rows_rejected);
  place = std::move(context);
  return result;
}

Result<std::unique_ptr<ChunkWriter>> Loader::OpenChunk(int64_t table, uint64_t chunk) {
  std::shared_ptr<TableContext> context = state_->FindTable(table);
  if (!context) {
    return Error{ErrorKind::kNotFound, fmt::format("loader: table {} is not open", table)};
  }
  auto state = std::make_unique<ChunkWriter::State>(*state_, std::move(context), chunk);
  return std::unique_ptr<ChunkWriter>(new ChunkWriter(std::move(state)));
}

std::shared_ptr<const TableProgress> Loader::FindProgress(int64_t table) const {
  const std::shared_ptr<TableContext> context = state_->FindTable(table);
  if (context == nullptr) return nullptr;
  return {context, &context->progress};
}

const LoaderProgress& Loader::progress() const { return state_->progress; }

}  // namespace starlift::load
