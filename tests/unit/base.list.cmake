# gateway/lib: what two processes share
cutout_unit_test(arena SOURCES ${PROJECT_SOURCE_DIR}/gateway/lib/arena.c
    LIBS cutout_base)
cutout_unit_test(archive LIBS cutout_base)
cutout_unit_test(buf LIBS cutout_base)
cutout_unit_test(frame LIBS cutout_base)
cutout_unit_test(hex LIBS cutout_base)
cutout_unit_test(log LIBS cutout_base)
cutout_unit_test(setup LIBS cutout_base)
