pytest_plugins = ["unified.testing.plugin"]
