# gateway/lib/cms: the sealed report
cutout_unit_test(cms LIBS cutout_cms)
cutout_unit_test(cms_der LIBS cutout_cms)
