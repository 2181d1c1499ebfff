# cmake -DTOOL=… -DFORM=… -DOUTPUT=… [-DEXPECTED=…] -P catalog_print.cmake
# Lets catalog_doc print a form of the catalog to OUTPUT; fails when EXPECTED is given and differs.
execute_process(COMMAND ${TOOL} ${FORM} OUTPUT_FILE ${OUTPUT} RESULT_VARIABLE result)
if(NOT result EQUAL 0)
  message(FATAL_ERROR "${TOOL} ${FORM} failed: ${result}")
endif()
if(DEFINED EXPECTED)
  execute_process(COMMAND ${CMAKE_COMMAND} -E compare_files ${OUTPUT} ${EXPECTED} RESULT_VARIABLE result)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "${EXPECTED} is not what the catalog says (${OUTPUT}). After a change of proto/catalog.def: "
                        "cmake --build BUILD --target catalog")
  endif()
endif()
