# gateway/cover
cutout_unit_test(cover_dummy SOURCES report_contract.c
    LIBS cutout_cover cutout_report)
cutout_unit_test(cover_streams LIBS cutout_cover)
