# `cmake --install build/release --prefix DIR` makes a tree that runs from anywhere:
#   bin/starlift, with links of the names of the tools that it takes the place of   lib/starlift/libduckdb.so   share/doc/starlift/
# `cpack --config build/release/CPackConfig.cmake` (or the target `package`) makes a .deb of it.

install(TARGETS starlift RUNTIME DESTINATION bin)
# By these names the program is the StarRocks Migration Tool, docs/guide/smt.md.
foreach(name starrocks-migrate-tool starrocks-migration-tool)
  install(CODE "file(CREATE_LINK starlift \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/bin/${name}\" SYMBOLIC)")
endforeach()
# DuckDB is not in Debian: it travels with us, next to the program and not among the system's libraries.
install(FILES ${DuckDB_LIBRARY} DESTINATION lib/starlift
  PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
get_filename_component(STARLIFT_DUCKDB_FOLDER ${DuckDB_LIBRARY} DIRECTORY)
install(FILES ${STARLIFT_DUCKDB_FOLDER}/LICENSE DESTINATION share/doc/starlift/licenses RENAME DuckDB)
install(FILES ${CMAKE_SOURCE_DIR}/packaging/third-party.md DESTINATION share/doc/starlift/licenses)
install(FILES ${CMAKE_SOURCE_DIR}/README.md DESTINATION share/doc/starlift)
install(DIRECTORY ${CMAKE_SOURCE_DIR}/docs/ DESTINATION share/doc/starlift/docs FILES_MATCHING PATTERN "*.md" PATTERN "*.svg")

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME starlift)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_CONTACT "Starlift developers <starlift@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "Moves other databases' data into StarRocks")
set(CPACK_PACKAGE_DIRECTORY ${CMAKE_BINARY_DIR})
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION database)
# Names the Debian packages of the libraries that the program really links.
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${STARLIFT_DUCKDB_FOLDER})
include(CPack)
