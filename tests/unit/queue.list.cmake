# gateway/queue: its parts, and the role
if(TARGET cutout_queue)
	function(cutout_queue_test name)
		cutout_unit_test(queue_${name} SOURCES queue_site.c program.c
		    LIBS cutout_queue)
		add_dependencies(check_queue_${name} queue)
		target_compile_definitions(check_queue_${name} PRIVATE
		    ROLES_DIR="${CUTOUT_ROLES}")
	endfunction()

	cutout_queue_test(role)
endif()
