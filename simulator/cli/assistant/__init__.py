"""Tools for assistants: commands of the simulator, confined to one folder and with limits."""
