#pragma once

namespace starlift::sandbox::query {

// LARGEINT's C++ type; a compiler extension, named in this one place.
__extension__ typedef __int128 Int128;
__extension__ typedef unsigned __int128 UInt128;

}  // namespace starlift::sandbox::query
