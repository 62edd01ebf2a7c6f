#pragma once

#include "data/table.h"
#include "sources/postgres/types.h"

namespace starlift::postgres {

// Sets default_kind, default_text and auto_increment from what pg_get_expr() prints:
// 'none'::character varying, 0, '-1'::integer, now(), nextval('public.t_id_seq'::regclass).
void ReadDefault(const ColumnRow& row, Column& column);

}  // namespace starlift::postgres
