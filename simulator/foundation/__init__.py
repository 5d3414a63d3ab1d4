"""The ground floor: units, errors and the plug-in mechanism every other room stands on."""
