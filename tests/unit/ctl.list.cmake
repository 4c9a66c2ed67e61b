# gateway/ctl: the role, and cutoutctl
if(TARGET cutout_ctl)
	cutout_unit_test(ctl SOURCES program.c LIBS cutout_ctl)
	add_dependencies(check_ctl ctl)
	target_compile_definitions(check_ctl PRIVATE
	    ROLES_DIR="${CUTOUT_ROLES}")
	cutout_unit_test(ctl_daemon SOURCES program.c LIBS cutout_ctl_client)
	cutout_unit_test(ctl_watch LIBS cutout_ctl)
	cutout_unit_test(cutoutctl SOURCES program.c LIBS cutout_ctl_client)
	add_dependencies(check_cutoutctl cutoutctl)
	target_compile_definitions(check_cutoutctl PRIVATE
	    BIN_DIR="${CUTOUT_BIN}")
endif()
