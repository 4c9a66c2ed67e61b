# HTTP/1.1 requests for whoever has bytes: needs nothing but libc.
add_library(cutout_http STATIC http.c http_head.c http_fields.c http_body.c)
target_include_directories(cutout_http PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})
