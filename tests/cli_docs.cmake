# The manual in the tree is what its tables say.
foreach(form IN ITEMS markdown man)
  execute_process(COMMAND ${TOOL} ${form} OUTPUT_FILE ${OUTPUT}.${form} COMMAND_ERROR_IS_FATAL ANY)
  execute_process(COMMAND ${CMAKE_COMMAND} -E compare_files ${OUTPUT}.${form} ${EXPECTED_${form}} RESULT_VARIABLE result)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "${EXPECTED_${form}} is not what client/*.def say. After a change of them: "
                        "cmake --build BUILD --target cli_docs")
  endif()
endforeach()
