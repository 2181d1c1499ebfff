# What `cmake --install` puts where: the programs, the library with all that is needed to build against it, the unit for
# systemd, manual and examples. A package is made with DESTDIR.
include(CMakePackageConfigHelpers)

set_target_properties(tocsin_client PROPERTIES EXPORT_NAME tocsin)
set_target_properties(tocsin_client_static PROPERTIES EXPORT_NAME tocsin_static)

install(TARGETS tocsind RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT broker)
install(TARGETS tocsin_cli RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT client)
install(TARGETS tocsin_client EXPORT tocsin
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT client NAMELINK_COMPONENT development)
install(TARGETS tocsin_client_static EXPORT tocsin_static
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT development)
install(FILES ${TOCSIN_PUBLIC_HEADERS} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT development)
install(DIRECTORY bindings/cpp/include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT development)

# find_package(tocsin) gives tocsin::tocsin; with COMPONENTS static also tocsin::tocsin_static.
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/tocsin)
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/tocsinConfig.cmake.in tocsinConfig.cmake
  INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(tocsinConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/tocsinConfig.cmake ${PROJECT_BINARY_DIR}/tocsinConfigVersion.cmake
  DESTINATION ${package_dir} COMPONENT development)
install(EXPORT tocsin NAMESPACE tocsin:: FILE tocsinTargets.cmake DESTINATION ${package_dir} COMPONENT development)
install(EXPORT tocsin_static NAMESPACE tocsin:: FILE tocsinStaticTargets.cmake DESTINATION ${package_dir}
  COMPONENT development)

# Relative to where the file lies, so that it holds in a DESTDIR or another --prefix too.
file(RELATIVE_PATH tocsin_pc_prefix ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
file(RELATIVE_PATH tocsin_pc_libdir ${CMAKE_INSTALL_PREFIX} ${CMAKE_INSTALL_FULL_LIBDIR})
file(RELATIVE_PATH tocsin_pc_includedir ${CMAKE_INSTALL_PREFIX} ${CMAKE_INSTALL_FULL_INCLUDEDIR})
configure_file(${PROJECT_SOURCE_DIR}/packaging/tocsin.pc.in tocsin.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/tocsin.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT development)

# Units and users of the system have one place, whatever LIBDIR is.
configure_file(${PROJECT_SOURCE_DIR}/packaging/tocsind.service.in tocsind.service @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/tocsind.service DESTINATION lib/systemd/system COMPONENT broker)
configure_file(${PROJECT_SOURCE_DIR}/packaging/tocsin-gateway@.service.in tocsin-gateway@.service @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/tocsin-gateway@.service DESTINATION lib/systemd/system COMPONENT client)
configure_file(${PROJECT_SOURCE_DIR}/packaging/tocsin-alert.service.in tocsin-alert.service @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/tocsin-alert.service DESTINATION lib/systemd/system COMPONENT client)
install(FILES ${PROJECT_SOURCE_DIR}/packaging/tocsin.sysusers DESTINATION lib/sysusers.d RENAME tocsin.conf
  COMPONENT broker)

install(FILES ${PROJECT_SOURCE_DIR}/packaging/tocsind.yaml DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples
  COMPONENT broker)
install(FILES ${PROJECT_SOURCE_DIR}/packaging/alerts.yaml DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples COMPONENT client)
# The settings that the unit names belong to the administrator: put there once, never over what is there.
install(CODE "
  set(sysconfdir \"${CMAKE_INSTALL_SYSCONFDIR}\")
  if(CMAKE_INSTALL_PREFIX STREQUAL \"/usr\" AND sysconfdir STREQUAL \"etc\")
    set(sysconfdir \"/etc\")
  endif()
  cmake_path(ABSOLUTE_PATH sysconfdir BASE_DIRECTORY \"\${CMAKE_INSTALL_PREFIX}\")
  if(NOT EXISTS \"\$ENV{DESTDIR}\${sysconfdir}/tocsin/tocsind.yaml\")
    file(INSTALL \"${PROJECT_SOURCE_DIR}/packaging/tocsind.yaml\" DESTINATION \"\${sysconfdir}/tocsin\")
  endif()" COMPONENT broker)

install(FILES README.md CHANGELOG.md LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT client)
install(DIRECTORY docs/ DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT client
  FILES_MATCHING PATTERN *.md PATTERN *.json PATTERN man EXCLUDE)
install(FILES proto/PROTOCOL.md DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT client OPTIONAL)
install(FILES packaging/man/tocsin.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT client)
install(FILES packaging/man/tocsind.8 DESTINATION ${CMAKE_INSTALL_MANDIR}/man8 COMPONENT broker)
