#pragma once

namespace starlift::cli {

// Takes the passwords out of URLs in the process's own argument list, so that `ps` and
// /proc/…/cmdline don't show them. Call once the arguments are copied, before anything else.
void WipePasswords(int argc, char** argv);

}  // namespace starlift::cli
