# What every target of ours is compiled with; all warnings are errors.
add_library(tocsin_warnings INTERFACE)
target_compile_definitions(tocsin_warnings INTERFACE _GNU_SOURCE)
target_compile_options(tocsin_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Werror)
