# gateway/cutoutd: the supervisor's parts, with roles of a few lines of shell
if(TARGET cutoutd_parts)
	foreach(part config files gateway late material
	    setups sockets spawn)
		cutout_unit_test(cutoutd_${part} SOURCES cutoutd_site.c
		    program.c LIBS cutoutd_parts)
	endforeach()
endif()
