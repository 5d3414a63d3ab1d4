"""The lab: pages in the browser that play a scenario at once, served from this machine.

The only package that imports Starlette, Uvicorn and segno (the extra `lab`).
"""
