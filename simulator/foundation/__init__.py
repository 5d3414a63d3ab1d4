"""Foundation: units, errors and the plug-in mechanism that all other layers use."""
