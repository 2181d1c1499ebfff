# TOCSIN_SANITIZE: a list for -fsanitize, e.g. "address,undefined" or "thread". Empty: none.
set(TOCSIN_SANITIZE "" CACHE STRING "sanitizers to build with, e.g. address,undefined")
if(TOCSIN_SANITIZE)
  add_compile_options(-fsanitize=${TOCSIN_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${TOCSIN_SANITIZE})
endif()

# TOCSIN_FUZZ: all code tells libFuzzer where it has been; the fuzz targets themselves link with -fsanitize=fuzzer.
option(TOCSIN_FUZZ "build the fuzz targets (needs clang)" OFF)
if(TOCSIN_FUZZ)
  if(NOT CMAKE_C_COMPILER_ID MATCHES "Clang")
    message(FATAL_ERROR "TOCSIN_FUZZ needs clang: configure with -DCMAKE_C_COMPILER=clang, or use ./dev fuzz")
  endif()
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
