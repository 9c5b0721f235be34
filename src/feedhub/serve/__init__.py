"""The HTTP face: published files as they lie, how the program is doing, and what hubs deliver.

`feedhub.serve.server.run` is the way in. Nothing here is loaded by other commands.
"""
