{
  # Not in the root: npm and others would take that for a request to build at installation.
  # scripts/compile-addon.mjs gives each build a directory with this file and native/ in it.
  "variables": {
    # 1: the test-only addon as well (scripts/build-native.mjs --probe).
    "probe%": 0
  },
  "target_defaults": {
    "include_dirs": ["native"],
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
      "sources": [
        "<!@(printf '%s ' native/core/*.cc native/report/*.cc native/process/*.cc native/layout/*.cc native/layout/*/*.cc native/v8/*.cc native/v8/*/*.cc)"
      ]
    },
    {
      "target_name": "tracemalloc",
      "dependencies": ["engine"],
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
            "native/test/probe_addon.cc",
            "native/test/recorded_stacks.cc",
            "native/test/traced_objects.cc"
          ]
        }
      ]
    }]
  ]
}
