"""Whatever comes in at a door is answered as docs/openapi.json says, and every parser raises what it says it raises."""
