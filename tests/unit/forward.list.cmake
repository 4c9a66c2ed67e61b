# gateway/forward, against the real desk and a false one
if(TARGET cutout_desk AND TARGET cutout_forward)
	cutout_unit_test(forward_push SOURCES desk_site.c program.c
	    report_contract.c ${PROJECT_SOURCE_DIR}/gateway/forward/connect.c
	    LIBS cutout_forward cutout_desk)
	add_dependencies(check_forward_push cutout-desk cutout-keys)
	target_compile_definitions(check_forward_push PRIVATE
	    BIN_DIR="${CUTOUT_BIN}")
endif()
