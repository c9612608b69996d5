{
  # Not in the published package: its clients would take it for a request to build at installation.
  "includes": ["native/addon.gypi"]
}
