# gateway/lib: the prison, and the pool of processes in it
cutout_unit_test(sandbox SOURCES program.c LIBS cutout_sandbox)
cutout_unit_test(zygote LIBS cutout_zygote)
# a sanitizer's own handler asks for more than a role may, and would hide which
# signal ended it
set_tests_properties(unit_sandbox PROPERTIES
    ENVIRONMENT ASAN_OPTIONS=handle_segv=0:handle_sigill=0)
