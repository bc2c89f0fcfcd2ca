"""An invented partner newsroom on this machine, and feedwright pulling from it."""
