#pragma once

#include <string>

namespace starlift::sync {

// docs/reference/sync-options.md: every option with its names, default, range and meaning.
std::string RenderOptionsReference();

// The JSON Schema (draft 2020-12) of task files.
std::string RenderTaskSchema();

}  // namespace starlift::sync
