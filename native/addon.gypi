{
  # The targets, for whichever binding.gyp stands beside native/: the checkout's, and that of each
  # build directory (scripts/compile-addon.mjs). Commands run where that binding.gyp is.
  "variables": {
    # 1: the test-only addon as well (scripts/build-native.mjs --probe).
    "probe%": 0
  },
  "target_defaults": {
    "include_dirs": ["."],
    # As fast as -O3 here, and a tenth smaller.
    "cflags!": ["-O3"],
    "cflags": [
      # Sections of their own: the linker leaves out functions that nothing calls.
      "-O2", "-ffunction-sections", "-fdata-sections", "-fvisibility=hidden", "-Wall", "-Wextra", "-Wno-unused-parameter", "-Wno-cast-function-type",
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
      "sources": [
        "<!@(printf '%s ' native/core/*.cc native/report/*.cc native/process/*.cc native/layout/*.cc native/layout/bytecode/*.cc native/layout/frames/*.cc native/layout/verdicts/*.cc native/layout/<(target_arch)/*.cc native/retainers/*.cc native/v8/*.cc native/v8/*/*.cc)"
      ]
    },
    {
      "target_name": "tracemalloc",
      "dependencies": ["engine"],
      "include_dirs": ["<!(node -p \"require('node-addon-api').include_dir\")"],
      "defines": [
        "NODE_ADDON_API_CPP_EXCEPTIONS",
        # A worker that is being terminated takes no exception, and must not end the process.
        "NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS"
      ],
      "sources": ["<!@(printf '%s ' native/*.cc native/napi/*.cc)"]
    }
  ],
  "conditions": [
    ["probe==1", {
      "targets": [
        {
          "target_name": "tracemalloc_probe",
          "dependencies": ["engine"],
          "sources": [
            "test/probe_addon.cc",
            "test/recorded_stacks.cc",
            "test/traced_objects.cc"
          ]
        }
      ]
    }]
  ]
}
