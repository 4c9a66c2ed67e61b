# gateway/lib/cms: the sealed report
cutout_unit_test(cms LIBS cutout_cms)
