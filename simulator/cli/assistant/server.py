"""The server of the Model Context Protocol: it hands calls to the tools, one process for each."""

from __future__ import annotations

import inspect
from functools import partial, wraps
from importlib.metadata import version

import anyio.to_thread
from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError

from simulator.cli.assistant.confined import ConfinedFolder
from simulator.cli.assistant.tools import INSTRUCTIONS, Tool, tools
from simulator.foundation.errors import UserError


def serve(here: ConfinedFolder) -> None:
    """Answer on standard input and output until the input ends."""
    server: MCPServer[None] = MCPServer(
        "backorder", instructions=INSTRUCTIONS, version=version("backorder-simulator"), log_level="ERROR"
    )
    for name, tool in tools(here).items():
        server.add_tool(_in_thread(tool), name=name, description=inspect.getdoc(tool), structured_output=False)
    server.run("stdio")


def _in_thread(tool: Tool) -> Tool:
    """The tool for the server's loop, which goes on answering while a call runs."""

    @wraps(tool)
    async def called(**given: object) -> str:
        try:
            return await anyio.to_thread.run_sync(partial(tool, **given))
        except UserError as error:
            raise ToolError(str(error)) from None

    return called  # type: ignore[return-value]
