"""The HTTP server: uvicorn with more limits, in one process or several."""
