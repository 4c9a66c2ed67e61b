# gateway/queue: its parts, and the role
if(TARGET cutout_queue AND TARGET cutout_ledger)
	function(cutout_queue_test name)
		cutout_unit_test(queue_${name} SOURCES queue_site.c program.c
		    ${ARGN} LIBS cutout_queue cutout_ledger)
		add_dependencies(check_queue_${name} queue)
		target_compile_definitions(check_queue_${name} PRIVATE
		    ROLES_DIR="${CUTOUT_ROLES}")
	endfunction()

	cutout_queue_test(days queue_audit.c)
	cutout_queue_test(intake)
	cutout_queue_test(kill queue_audit.c)
	cutout_queue_test(orders)
	cutout_queue_test(outbox)
	cutout_queue_test(mixing)
	cutout_queue_test(places)
	cutout_queue_test(role)
	cutout_queue_test(rows)
	cutout_queue_test(runs queue_audit.c)
	cutout_queue_test(settings)
	cutout_queue_test(slots)
	cutout_queue_test(store)
	cutout_queue_test(turn)
	set_tests_properties(unit_queue_kill unit_queue_role PROPERTIES
	    TIMEOUT 600)
endif()
