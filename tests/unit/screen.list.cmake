# gateway/screen; memory.c takes the place of malloc() where it is linked
set(screen_dir ${PROJECT_SOURCE_DIR}/gateway/screen)
cutout_unit_test(screen_memory SOURCES ${screen_dir}/memory.c
    ${PROJECT_SOURCE_DIR}/gateway/lib/arena.c LIBS cutout_base)
target_include_directories(check_screen_memory PRIVATE ${screen_dir})
if(TARGET cutout_report AND TARGET cutout_ctl_client)
	# jansson is a peer that this project did not write
	cutout_unit_test(screen_outcome SOURCES ${screen_dir}/outcome.c
	    LIBS cutout_report cutout_ctl_client)
	target_include_directories(check_screen_outcome PRIVATE ${screen_dir})
endif()
if(TARGET cutout_desk)
	cutout_unit_test(screen_load SOURCES desk_site.c program.c
	    report_contract.c ${screen_dir}/load.c LIBS cutout_desk)
	target_include_directories(check_screen_load PRIVATE ${screen_dir})
	add_dependencies(check_screen_load cutout-desk cutout-keys)
	target_compile_definitions(check_screen_load PRIVATE
	    BIN_DIR="${CUTOUT_BIN}")
endif()
