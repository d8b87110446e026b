"""docs/nginx.conf, run: nginx on loopback with a certificate of its own, in front of a Franked on the simulator.

`python -m tests.behind_nginx`: needs nginx and openssl. Prints one JSON object; an answer that is not as the page
says ends it with an error. Only the ports and the paths of the certificate are others than in the file.
"""

import asyncio
import io
import json
import re
import ssl
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import aiohttp

from franked.doors.http.keyring import make_key
from franked.doors.running import Running, running
from franked.doors.serving import listening
from franked.wiring import Ses
from tests.product import settings_in

EXAMPLE = Path(__file__).parents[1] / "docs" / "nginx.conf"
WHOLE = """daemon off; user root; pid {folder}/nginx.pid; error_log stderr;
events {{ worker_connections 256; }}
http {{
  access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  include {folder}/franked.conf;
}}
"""
CERTIFICATE = (
    "openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=mail.example.com -keyout {0}/key -out {0}/chain"
)
STRANGER = "127.0.0.2"  # another address than the proxy's
NAMED = {"Host": "mail.example.com"}


async def main() -> dict[str, Any]:
    log = io.StringIO()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settings = settings_in(folder, ("port = 0\n\n[sim", 'port = 0\ntrusted_proxies = ["127.0.0.1"]\n\n[sim'))
        async with running(settings, Ses.SIMULATED, log_to=log) as franked, nginx(folder, franked.url) as url:
            shown, record = make_key("nginx", frozenset(), frozenset(), franked.world.now())
            await franked.world.store.add_keys([record])
            franked.keyring.forget()
            return await asked(url, shown, franked, log)


@asynccontextmanager
async def nginx(folder: Path, franked: str) -> AsyncIterator[str]:
    """Its URL. In the foreground, under a folder of its own; ended by its own id."""
    with closing(listening("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    changed = EXAMPLE.read_text().replace("server 127.0.0.1:8025", f"server {franked.removeprefix('http://')}")
    changed = changed.replace("listen 443", f"listen 127.0.0.1:{port}")
    changed = re.sub(r"/etc/ssl/mail.example.com/(full)?(chain|privkey).pem", rf"{folder}/\2", changed)
    (folder / "franked.conf").write_text(changed.replace(f"{folder}/privkey", f"{folder}/key"))
    (folder / "nginx.conf").write_text(WHOLE.format(folder=folder))
    await _ran(*CERTIFICATE.format(folder).split())
    command = ["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf")]
    await _ran(*command, "-t")
    process = await asyncio.create_subprocess_exec(*command)
    try:
        await _answers(port)
        yield f"https://127.0.0.1:{port}"
    finally:
        process.terminate()
        await process.wait()


async def _ran(*command: str) -> str:
    process = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE)
    _, said = await process.communicate()
    assert process.returncode == 0, said.decode()
    return said.decode().strip()


async def _answers(port: int) -> None:
    for _ in range(100):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.05)
        else:
            writer.close()
            return
    raise TimeoutError("nginx does not answer")


async def asked(url: str, key: str, franked: Running, log: io.StringIO) -> dict[str, Any]:
    found: dict[str, Any] = {"nginx": await _ran("nginx", "-v")}
    trusting = ssl.create_default_context()
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    headers = NAMED | {"Authorization": f"Bearer {key}"}
    trigger = {"act": "purchase", "by": "account-1", "at": franked.world.now().isoformat()}
    mail = {"stream": "receipt", "to": "ana@example.net", "variables": {"number": "R-1"}, "trigger": trigger}
    wanted = {}
    connector = aiohttp.TCPConnector(ssl=trusting, local_addr=(STRANGER, 0))
    async with aiohttp.ClientSession(url, headers=headers, connector=connector) as http:

        async def ask(said: str, method: str, path: str, status: int, **more: Any) -> aiohttp.ClientResponse:
            async with http.request(method, path, **more) as answer:
                await answer.read()
                found[said], wanted[said] = answer.status, status
                return answer

        told = await ask("a mail", "POST", "/v1/messages", 202, json=mail)
        found["its request id is nginx's"] = bool(re.fullmatch("[0-9a-f]{32}", told.headers["X-Request-Id"]))
        spaces = b" " * 10_000_000
        whole = json.dumps({"messages": [mail]}).encode()
        await ask("a batch of 19.9 MB", "POST", "/v1/messages/batch", 200, data=whole + b" " * 19_900_000, **JSON)
        await ask("a batch over 20 MB", "POST", "/v1/messages/batch", 413, data=whole + 2 * spaces, **JSON)
        await ask("a mail of 9.9 MB", "POST", "/v1/messages", 202, data=json.dumps(mail) + " " * 9_900_000, **JSON)
        await ask("a mail over 10 MB", "POST", "/v1/messages", 413, data=spaces + b" ", **JSON)
        await ask("an event over 300 KB", "POST", "/v1/events/sns", 413, data=b" " * 300_001)
        await ask("an event that is none", "POST", "/v1/events/sns", 403, data=b"{}")
        await ask("metrics, from outside", "GET", "/metrics", 404)
        await ask("alive", "GET", "/livez", 200)
        forged = {"Authorization": "Bearer none", "X-Forwarded-For": "198.51.100.7"}
        await ask("a stranger", "GET", "/v1/keys", 401, headers=forged)
    lines = [json.loads(line) for line in log.getvalue().splitlines() if '"unauthorized"' in line]
    found["the stranger's address"] = [line["client"] for line in lines]
    assert found["the stranger's address"] == [STRANGER], "what the stranger wrote was believed"
    assert {said: found[said] for said in wanted} == wanted
    return found


JSON: dict[str, Any] = {"headers": {"Content-Type": "application/json"}}

if __name__ == "__main__":
    json.dump(asyncio.run(main()), sys.stdout, indent=2)
