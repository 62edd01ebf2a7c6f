# ODPI-C's sources, as scripts/install-deps lays them out. Oracle's client library is no part of it: it is
# loaded at run time, where the user has it.
set(STARLIFT_DEPS "$ENV{STARLIFT_DEPS}" CACHE PATH "Where scripts/install-deps keeps what Debian lacks")
if(NOT STARLIFT_DEPS)
  set(STARLIFT_DEPS "$ENV{HOME}/.cache/starlift-deps")
endif()
find_path(ODPI_DIR embed/dpi.c HINTS ${STARLIFT_DEPS}/odpi)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(ODPI
  REASON_FAILURE_MESSAGE "run scripts/install-deps"
  REQUIRED_VARS ODPI_DIR)
if(ODPI_FOUND AND NOT TARGET ODPI::ODPI)
  add_library(starlift_odpi STATIC ${ODPI_DIR}/embed/dpi.c)
  target_include_directories(starlift_odpi SYSTEM PUBLIC ${ODPI_DIR}/include)
  target_compile_options(starlift_odpi PRIVATE -w)
  target_link_libraries(starlift_odpi PUBLIC ${CMAKE_DL_LIBS} Threads::Threads)
  add_library(ODPI::ODPI ALIAS starlift_odpi)
endif()
