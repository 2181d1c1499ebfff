# What catalog_doc prints, and the file in the tree that holds it.
set(CATALOG_FORMS markdown json helpers)
set(CATALOG_FILE_markdown ${PROJECT_SOURCE_DIR}/docs/CATALOG.md)
set(CATALOG_FILE_json ${PROJECT_SOURCE_DIR}/proto/catalog.json)
set(CATALOG_FILE_helpers ${PROJECT_SOURCE_DIR}/client/tocsin_catalog.h)
set(CATALOG_PRINT_SCRIPT ${CMAKE_CURRENT_LIST_DIR}/catalog_print.cmake)
