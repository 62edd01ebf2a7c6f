#pragma once

#include <memory>
#include <string>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "state/store.h"

namespace starlift::state {

// The store's file in a home directory.
inline constexpr char kStateFileName[] = "state.db";

// Opens `<home>/state.db`, makes home and file where they are missing and migrates an older file
// forward. Errors: kIo, and kConflict for a file that a newer Starlift wrote.
Result<std::unique_ptr<StateStore>> OpenSqliteStore(const std::string& home, Clock& clock,
                                                    Random& random);

}  // namespace starlift::state
