# gateway/lib/report
cutout_unit_test(report_calendar LIBS cutout_report)
cutout_unit_test(report_findings LIBS cutout_report)
cutout_unit_test(report_order LIBS cutout_report)
cutout_unit_test(report_shapes LIBS cutout_report)
cutout_unit_test(report_utf8 LIBS cutout_report)
