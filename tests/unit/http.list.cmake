# gateway/lib/http: strict requests
cutout_unit_test(http LIBS cutout_http)
