# Tests of the programs that people run: keys, desk, audit. They also call the
# built programs, and openssl as a peer that this project did not write.
function(cutout_program_test name program)
	cutout_unit_test(${name} SOURCES program.c ${ARGN})
	add_dependencies(check_${name} ${program})
	target_compile_definitions(check_${name} PRIVATE
	    BIN_DIR="${CUTOUT_BIN}")
endfunction()

if(TARGET cutout-audit)
	cutout_unit_test(audit_entry LIBS cutout_ledger)
	cutout_program_test(audit cutout-audit LIBS cutout_ledger)
endif()
if(TARGET cutout-keys AND TARGET cutout-desk)
	cutout_program_test(keys cutout-keys LIBS cutout_pki)
	add_dependencies(check_keys cutout-desk)
	cutout_unit_test(keys_command SOURCES program.c
	    ${PROJECT_SOURCE_DIR}/keys/command.c LIBS cutout_pki)
endif()
