# One library per room (folder). A room declares what it stands on; an include of anything else
# fails to link, which keeps the arrows of docs/architecture.md pointing downwards.

set(STARLIFT_OPTIMIZE "" CACHE STRING "Optimisation flags that replace the build type's own")
set(STARLIFT_SANITIZE "" CACHE STRING "Sanitizers: address,undefined or thread")

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  # Build folders and checkouts share what they can.
  set(STARLIFT_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_NOHASHDIR=1 CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} ${CCACHE_PROGRAM})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${STARLIFT_LAUNCHER})
  set(CMAKE_C_COMPILER_LAUNCHER ${STARLIFT_LAUNCHER})
endif()
find_program(MOLD_PROGRAM mold)
if(MOLD_PROGRAM)
  add_link_options(-fuse-ld=mold)
endif()

set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O2 -g1 -DNDEBUG")
set(CMAKE_C_FLAGS_RELWITHDEBINFO "-O2 -g1 -DNDEBUG")
set(CMAKE_CXX_FLAGS_DEBUG "-g1 ${STARLIFT_OPTIMIZE} -D_GLIBCXX_ASSERTIONS")

add_library(starlift_flags INTERFACE)
target_compile_options(starlift_flags INTERFACE
  -Wall -Wextra -Wpedantic -Werror -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual
  -Wno-missing-field-initializers)
target_include_directories(starlift_flags INTERFACE ${CMAKE_SOURCE_DIR}/src)
if(STARLIFT_SANITIZE)
  add_compile_options(-fsanitize=${STARLIFT_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${STARLIFT_SANITIZE})
endif()
# clang's libFuzzer needs its coverage in all code; see preset fuzz.
option(STARLIFT_COVERAGE_FUZZERS "Build the fuzzers that libFuzzer leads (clang only)" OFF)
if(STARLIFT_COVERAGE_FUZZERS)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
# g++ 12 warns falsely inside <string> (GCC bug 105651) and about std::optional (bug 80635).
target_compile_options(starlift_flags INTERFACE -Wno-restrict -Wno-maybe-uninitialized)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  target_compile_options(starlift_flags INTERFACE -Wno-unknown-warning-option)
endif()

# starlift_room(<name> [DEPENDS rooms...] [LIBRARIES external...])
# Builds lib starlift_<name> from the folder's *.cpp, and <name>_test from its *_test.cpp. FLAT: without those of the
# folders below, which are rooms of their own. EXCEPT names one such folder, where the others belong to the room.
function(starlift_room name)
  cmake_parse_arguments(ROOM "FLAT" "EXCEPT" "DEPENDS;LIBRARIES;TEST_LIBRARIES" ${ARGN})
  if(ROOM_FLAT)
    file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  else()
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  endif()
  if(ROOM_EXCEPT)
    list(FILTER sources EXCLUDE REGEX "^${CMAKE_CURRENT_SOURCE_DIR}/${ROOM_EXCEPT}/")
  endif()
  set(tests ${sources})
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
  list(FILTER sources EXCLUDE REGEX "_test\\.cpp$")
  list(FILTER sources EXCLUDE REGEX "/main\\.cpp$")
  list(TRANSFORM ROOM_DEPENDS PREPEND starlift_)
  if(sources)
    add_library(starlift_${name} STATIC ${sources})
    target_link_libraries(starlift_${name} PUBLIC starlift_flags ${ROOM_DEPENDS} ${ROOM_LIBRARIES})
  else()
    add_library(starlift_${name} INTERFACE)
    target_link_libraries(starlift_${name} INTERFACE starlift_flags ${ROOM_DEPENDS} ${ROOM_LIBRARIES})
  endif()
  if(tests AND BUILD_TESTING)
    add_executable(${name}_test ${tests})
    target_link_libraries(${name}_test PRIVATE starlift_${name} ${ROOM_TEST_LIBRARIES} GTest::gtest_main)
    add_test(NAME ${name} COMMAND ${name}_test)
    set_tests_properties(${name} PROPERTIES LABELS unit TIMEOUT 300)
  endif()
endfunction()
