# gateway/lib: the prison, and the pool of processes in it
cutout_unit_test(sandbox SOURCES program.c LIBS cutout_sandbox)
cutout_unit_test(zygote LIBS cutout_zygote)
