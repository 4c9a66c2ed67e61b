# contrib/partner: cutout-submit
if(TARGET cutout_partner)
	cutout_unit_test(submit_document LIBS cutout_partner)
	cutout_unit_test(submit_receipt LIBS cutout_partner)
	cutout_unit_test(submit_store LIBS cutout_partner)
	cutout_unit_test(submit_submit LIBS cutout_partner)
	cutout_unit_test(submit_template LIBS cutout_partner)
endif()
