# the pre-fork pool of session and screen
add_library(cutout_zygote STATIC zygote.c)
target_include_directories(cutout_zygote PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})
target_link_libraries(cutout_zygote PUBLIC cutout_base cutout_sandbox)
