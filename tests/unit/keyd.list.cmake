# gateway/keyd
cutout_unit_test(keyd LIBS cutout_keyd)
