#pragma once

#include <cstdint>
#include <string>

#include "sandbox/catalog/catalog.h"
#include "sandbox/load/faults.h"
#include "sandbox/load/load_settings.h"
#include "sandbox/storage/storage.h"
#include "sandbox/storage/transaction_ledger.h"

namespace starlift::sandbox::load {

// What all loads share. The pointers outlive every load.
struct LoadEnvironment {
  Storage* storage = nullptr;
  catalog::Catalog* catalog = nullptr;
  TransactionLedger* ledger = nullptr;
  Faults* faults = nullptr;
  LoadSettings settings;
  bool null_mode = false;
  std::string error_log_folder;
};

}  // namespace starlift::sandbox::load
