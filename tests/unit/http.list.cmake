# gateway/lib/http: strict requests
cutout_unit_test(http LIBS cutout_http)
# it allocates nothing, and looking for leaks after each of its hundreds of
# tests took a minute
set_tests_properties(unit_http PROPERTIES
    ENVIRONMENT ASAN_OPTIONS=detect_leaks=0)
