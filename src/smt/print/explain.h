#pragma once

#include <string>

#include "smt/model.h"

namespace starlift::smt {

// A table of text for people: each planned table, and for each of its columns the type at the
// source, in StarRocks and in Flink, and what is lost on the way.
std::string Explain(const Plan& plan);

}  // namespace starlift::smt
