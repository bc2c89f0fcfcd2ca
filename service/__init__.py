"""The application: holds a newsroom's articles, pulls partners' feeds, publishes them all."""
