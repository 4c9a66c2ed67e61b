# The prison of each process: brings libseccomp.
pkg_check_modules(SECCOMP REQUIRED IMPORTED_TARGET libseccomp)

# A copy whose table lets one forbidden call through: never installed, it shows
# that the prison tests can turn red.
option(CUTOUT_TEST_HOLE "let openat through (for the prison tests)" OFF)

add_library(cutout_sandbox STATIC sandbox.c sandbox_table.c)
target_include_directories(cutout_sandbox PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})
target_link_libraries(cutout_sandbox PUBLIC cutout_base PkgConfig::SECCOMP)
if(CUTOUT_TEST_HOLE)
	target_compile_definitions(cutout_sandbox PRIVATE CUTOUT_TEST_HOLE)
endif()
