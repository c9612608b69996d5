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
        "native/core/frame.cc",
        "native/core/site_table.cc",
        "native/core/wire.cc",
        "native/v8/safe_read.cc",
        "native/v8/public_sampler.cc"
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
            "native/core/frame.cc",
            "native/core/site_table.cc",
            "native/test/probe_addon.cc",
            "native/test/recorded_stacks.cc",
            "<!@(node -p \"require('fs').readdirSync('native/v8').filter((f) => f.endsWith('.cc')).map((f) => 'native/v8/' + f).join(' ')\")"
          ]
        }
      ]
    }]
  ]
}
