# TOCSIN_SANITIZE: a list for -fsanitize, e.g. "address,undefined" or "thread". Empty: none.
set(TOCSIN_SANITIZE "" CACHE STRING "sanitizers to build with, e.g. address,undefined")
if(TOCSIN_SANITIZE)
  add_compile_options(-fsanitize=${TOCSIN_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${TOCSIN_SANITIZE})
endif()
