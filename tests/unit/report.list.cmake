# gateway/lib/report
pkg_check_modules(LIBXML2 REQUIRED IMPORTED_TARGET libxml-2.0)
cutout_unit_test(report_calendar LIBS cutout_report)
cutout_unit_test(report_complaint SOURCES report_contract.c LIBS cutout_report)
cutout_unit_test(report_contract SOURCES report_contract.c schema_walk.c
    LIBS cutout_report PkgConfig::LIBXML2)
cutout_unit_test(report_examples SOURCES report_contract.c LIBS cutout_report)
cutout_unit_test(report_findings LIBS cutout_report)
cutout_unit_test(report_order LIBS cutout_report)
cutout_unit_test(report_reader SOURCES report_contract.c LIBS cutout_report)
cutout_unit_test(report_routing SOURCES report_contract.c LIBS cutout_report)
cutout_unit_test(report_schema SOURCES report_contract.c
    LIBS cutout_report PkgConfig::LIBXML2)
cutout_unit_test(report_shapes LIBS cutout_report)
cutout_unit_test(report_stamps SOURCES report_contract.c LIBS cutout_report)
cutout_unit_test(report_utf8 LIBS cutout_report)
cutout_unit_test(report_writer SOURCES report_contract.c respell.c
    LIBS cutout_report)
