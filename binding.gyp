{
  # Not in the package: clients would take it for a request to build at installation.
  "includes": ["native/tracemalloc.gypi"],
  "variables": {
    # 1: the test-only addon as well (scripts/build-native.mjs --probe).
    "probe%": 0
  },
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
