"""What nobody can guess, drawn where the world draws."""

from base64 import urlsafe_b64encode

from franked.ports import World

TOKEN_BYTES = 32


def token_of(world: World) -> str:
    drawn = world.draw(1 << 8 * TOKEN_BYTES).to_bytes(TOKEN_BYTES, "big")
    return urlsafe_b64encode(drawn).decode().rstrip("=")
