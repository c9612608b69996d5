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
  ]
}
