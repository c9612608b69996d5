{
  "target_defaults": {
    "include_dirs": ["native"],
    "cflags": ["-fvisibility=hidden", "-Wall", "-Wextra", "-Wno-unused-parameter", "-Wno-cast-function-type"],
    "cflags_cc": ["-fvisibility-inlines-hidden"],
    "ldflags": ["-Wl,-z,nodelete", "-Wl,-z,now", "-Wl,--gc-sections"]
  },
  "targets": [
    {
      "target_name": "tracemalloc",
      "sources": [
        "native/addon.cc",
        "native/tracer.cc",
        "<!@(printf '%s ' native/core/*.cc native/v8/*.cc)"
      ]
    }
  ],
  "variables": { "probe%": 0 },
  "conditions": [
    ["probe==1", {
      "targets": [
        {
          "target_name": "tracemalloc_probe",
          "sources": [
            "native/test/probe_addon.cc",
            "native/test/recorded_stacks.cc",
            "native/test/traced_objects.cc",
            "<!@(printf '%s ' native/core/*.cc native/v8/*.cc)"
          ]
        }
      ]
    }]
  ]
}
