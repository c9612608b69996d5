{
  # What the addon is built from, and how: for the checkout's binding.gyp, and for the one that
  # scripts/compile-addon.mjs writes where the package is installed. Commands run where the gyp
  # file is that includes this one, with native/ beside it.
  "target_defaults": {
    "include_dirs": ["."],
    "cflags": [
      "-fvisibility=hidden", "-Wall", "-Wextra", "-Wno-unused-parameter", "-Wno-cast-function-type",
      "-ffile-prefix-map=<(module_root_dir)=.", "-include", "<(module_root_dir)/native/core/old_libraries.h"
    ],
    "cflags_cc!": ["-fno-exceptions"],
    "cflags_cc": ["-fvisibility-inlines-hidden", "-fexceptions"],
    "ldflags": [
      "-Wl,-z,nodelete", "-Wl,-z,now", "-Wl,--gc-sections",
      "-Wl,--version-script=<(module_root_dir)/native/exports.map"
    ]
  },
  "targets": [
    {
      "target_name": "engine",
      "type": "static_library",
      "sources": ["<!@(printf '%s ' native/core/*.cc native/process/*.cc native/v8/*.cc native/tracer.cc)"]
    },
    {
      "target_name": "tracemalloc",
      "dependencies": ["engine"],
      "include_dirs": ["<!(node -p \"require('node-addon-api').include_dir\")"],
      # Where a worker is being terminated nothing can be thrown any more.
      "defines": ["NAPI_CPP_EXCEPTIONS", "NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS"],
      "cflags_cc": ["-Os"], # called a few times a minute
      "sources": ["<!@(printf '%s ' native/addon.cc native/napi/*.cc)"]
    }
  ]
}
