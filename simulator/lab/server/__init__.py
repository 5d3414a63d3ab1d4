"""What every page of the lab is served with: application, safety, events, and processes that play.

| module | contents |
| --- | --- |
| `app` | `application`: routes in, Starlette application out, with everything below built in |
| `guard` | security headers, Host and Origin checks, the largest body |
| `access` | tokens, and who has sent too many requests |
| `assets` | files of pages, read once at the start; the browser never names a path |
| `answers` | JSON in and out, errors as sentences, self-contained pages, server-sent events |
| `worker` | `Worker`: a process that plays, so that the server never waits; newer requests cancel older ones |
| `listen` | address, port, invitation (link and QR code), and running until Ctrl-C |
"""
