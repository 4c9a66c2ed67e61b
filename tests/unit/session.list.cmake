# gateway/session
if(TARGET cutout_session)
	cutout_unit_test(session_answer LIBS cutout_session)
	cutout_unit_test(session_connection SOURCES session_site.c
	    LIBS cutout_session)
	cutout_unit_test(session_job LIBS cutout_session)
	cutout_unit_test(session_rates LIBS cutout_session)
	cutout_unit_test(session_routes LIBS cutout_session)
	cutout_unit_test(session_tls LIBS cutout_session cutout_keyd)
endif()
