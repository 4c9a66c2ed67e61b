# gateway/signer
if(TARGET cutout_signer)
	cutout_unit_test(signer_judge SOURCES signer_site.c LIBS cutout_signer)
	cutout_unit_test(signer_limits LIBS cutout_signer)
	cutout_unit_test(signer_peers SOURCES signer_site.c LIBS cutout_signer)
endif()
