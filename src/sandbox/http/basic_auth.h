#pragma once

#include <string>

#include "base/result.h"
#include "sandbox/frontend/user_store.h"
#include "wire/http/server.h"

namespace starlift::sandbox::http {

struct Credentials {
  std::string user;  // without what follows an '@'
  std::string password;
};

// The Basic credentials of a request. kRefused with the frontend's words where there are none.
Result<Credentials> ReadCredentials(const wire::http::Request& request);

// The same, checked against the users. kRefused: "Access denied for user@host".
Result<Credentials> Authenticate(const wire::http::Request& request,
                                 const frontend::UserStore& users);

}  // namespace starlift::sandbox::http
