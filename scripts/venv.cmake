# For the build by make, whose virtual environment lies inside of the source folder.

# Without a sourced ROS 2 the virtual environment is the ROS prefix.
if(NOT DEFINED ENV{ROS_DISTRO})
  set(ENV{AMENT_PREFIX_PATH} "$ENV{VIRTUAL_ENV}")
endif()

# CMake refuses two kinds of include directories, which are dropped here once all targets are declared:
# - of imported targets, if they do not exist: the wheels of ROS 2 name those of the machine that built them;
# - of our exported targets, if they lie in the source folder: NumPy's, which no user of the messages needs.
function(drop_include_directories)
  foreach(kind IMPORTED_TARGETS BUILDSYSTEM_TARGETS)
    get_property(targets DIRECTORY PROPERTY ${kind})
    foreach(target IN LISTS targets)
      get_target_property(directories ${target} INTERFACE_INCLUDE_DIRECTORIES)
      foreach(directory IN LISTS directories)
        cmake_path(IS_PREFIX CMAKE_SOURCE_DIR "${directory}" in_source)
        if((kind STREQUAL IMPORTED_TARGETS AND IS_ABSOLUTE "${directory}" AND NOT EXISTS "${directory}")
            OR (kind STREQUAL BUILDSYSTEM_TARGETS AND in_source))
          list(REMOVE_ITEM directories "${directory}")
          set_target_properties(${target} PROPERTIES INTERFACE_INCLUDE_DIRECTORIES "${directories}")
        endif()
      endforeach()
    endforeach()
  endforeach()
endfunction()

cmake_language(DEFER CALL drop_include_directories)
