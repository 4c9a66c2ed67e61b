# Compiler and linker settings for every target: strict warnings, hardened
# code, and the sanitizer and coverage variants.
add_compile_definitions(_GNU_SOURCE CUTOUT_VERSION="${PROJECT_VERSION}")
add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wpointer-arith
    -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition
    -Wwrite-strings -Wcast-qual -Wvla -Wformat=2 -Wundef
    -Wconversion -Wno-sign-conversion -Wimplicit-fallthrough
    -Wnull-dereference -Wunused-result)
add_compile_options(-fno-common -fno-strict-aliasing -fno-omit-frame-pointer)
if(CUTOUT_WERROR)
	add_compile_options(-Werror)
endif()

if(CUTOUT_ASAN)
	# without any optimising the tests take several times as long
	add_compile_options(-O1 -fsanitize=address,undefined
	    -fno-sanitize-recover=all)
	add_link_options(-fsanitize=address,undefined)
	add_compile_definitions(CUTOUT_SANITIZED)
elseif(CUTOUT_COVERAGE)
	add_compile_options(--coverage)
	add_link_options(--coverage)
	add_compile_definitions(CUTOUT_COVERED)
else()
	add_compile_options(-fstack-protector-strong -fstack-clash-protection
	    -fcf-protection=full)
	add_compile_options(
	    $<$<NOT:$<CONFIG:Debug>>:-D_FORTIFY_SOURCE=2>)
	add_link_options(-Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack
	    -Wl,-z,separate-code -pie)
endif()
# map no library that no symbol needs: the roles' lists are tested
add_link_options(-Wl,--as-needed)
