# Tests of what stands around the code: it installs and can be built against, it keeps the rules, the unit is tight.
add_test(NAME rules_of_the_house COMMAND ${PROJECT_SOURCE_DIR}/packaging/dev/rules.sh)

add_test(NAME install
  COMMAND ${PROJECT_SOURCE_DIR}/tests/install_test.sh ${PROJECT_BINARY_DIR} ${CMAKE_C_COMPILER} ${TOCSIN_SANITIZE})
set_tests_properties(install PROPERTIES TIMEOUT 300)

find_program(SYSTEMD_ANALYZE systemd-analyze)
if(SYSTEMD_ANALYZE)
  add_test(NAME unit_is_tight
    COMMAND ${SYSTEMD_ANALYZE} security --offline=true --threshold=12 --no-pager ${PROJECT_BINARY_DIR}/tocsind.service)
endif()
