#pragma once

#include <string>

#include "base/result.h"
#include "smt/dialect.h"
#include "smt/model.h"
#include "sources/ddl_facts.h"

namespace starlift::smt {

// What the source says of the tables that a rule takes.
struct SourceReading {
  std::string description;  // "MariaDB 10.11.6"
  Catalog catalog;
  DdlFacts facts;
};

// kRefused for a kind of source whose structure can't be read yet; else the source's own errors.
Result<SourceReading> ReadSource(const Config& config, const Dialect& dialect);

}  // namespace starlift::smt
