"""Look-alike search measured beside other tools: attacks detected, honest sites accused, time and memory."""
