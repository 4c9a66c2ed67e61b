# contrib/desk: cutout-desk, with curl and openssl as its peers
if(TARGET cutout_desk AND TARGET cutout-keys)
	foreach(part files open receive store)
		cutout_unit_test(desk_${part} SOURCES program.c desk_site.c
		    report_contract.c LIBS cutout_desk)
		add_dependencies(check_desk_${part} cutout-desk cutout-keys)
		target_compile_definitions(check_desk_${part} PRIVATE
		    BIN_DIR="${CUTOUT_BIN}")
	endforeach()
	# a TLS server that cutout-submit does not know
	if(TARGET cutout_partner)
		cutout_unit_test(submit_transport SOURCES program.c desk_site.c
		    report_contract.c LIBS cutout_partner cutout_cms)
		add_dependencies(check_submit_transport cutout-desk cutout-keys)
		target_compile_definitions(check_submit_transport PRIVATE
		    BIN_DIR="${CUTOUT_BIN}")
	endif()
endif()
