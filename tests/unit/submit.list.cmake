# contrib/partner: cutout-submit
if(TARGET cutout_partner)
	cutout_unit_test(submit_document LIBS cutout_partner)
	cutout_unit_test(submit_judge SOURCES program.c report_contract.c
	    LIBS cutout_partner)
	cutout_unit_test(submit_options SOURCES program.c LIBS cutout_partner)
	# what it reads is kept for good, once in a program
	set_tests_properties(unit_submit_options PROPERTIES
	    ENVIRONMENT ASAN_OPTIONS=detect_leaks=0)
	cutout_unit_test(submit_receipt LIBS cutout_partner)
	cutout_unit_test(submit_show LIBS cutout_partner)
	cutout_unit_test(submit_store LIBS cutout_partner)
	cutout_unit_test(submit_submit LIBS cutout_partner)
	cutout_unit_test(submit_template LIBS cutout_partner)
endif()
