"""A name server of our own on loopback: records are published as zone-file lines, faults on request."""

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import cast

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset
from dns.rdatatype import CNAME

from franked.rules.dns import Resolver

TTL = 60
_CHAIN, _SMALL = 8, 512
_TRIES = 20  # for a port that is free for both

Key = tuple[dns.name.Name, dns.rdatatype.RdataType]
_SOA = "ns.invalid. hostmaster.invalid. 1 3600 600 86400 60"


class NameFault(StrEnum):
    SERVFAIL = "servfail"
    REFUSED = "refused"
    SILENCE = "silence"
    TRUNCATED = "truncated"  # over UDP there is no room; over TCP all is said
    WRONG_ID = "wrong_id"  # as from somebody who guesses
    GARBAGE = "garbage"


class NotALine(ValueError):
    """What is no zone-file line. `str()` says which."""


@dataclass(slots=True)
class Zones:
    """Every name that there is. One that is not published, nor has anything below it, does not exist."""

    records: dict[Key, dns.rrset.RRset] = field(default_factory=dict)
    faults: dict[dns.name.Name, NameFault] = field(default_factory=dict)  # at a name and below it

    def publish(self, *lines: str) -> None:
        """`shop.example.com. IN MX 10 mx.example.com.`: what one call says of a name and type is all there is then;
        a CNAME stands alone. A line of `;` is a comment. Raises NotALine."""
        said: dict[Key, dns.rrset.RRset] = {}
        for line in lines:
            if line.strip() and not line.startswith(";"):
                one = _read(line)
                kept = said.setdefault((one.name, one.rdtype), one)
                for record in one:
                    kept.add(record)
        for (name, type), rrset in said.items():
            self._make_room(name, type)
            self.records[name, type] = rrset

    def withdraw(self, *names: str) -> None:
        gone = {_name(name) for name in names}
        self.records = {key: rrset for key, rrset in self.records.items() if key[0] not in gone}

    def fail(self, name: str, fault: NameFault | None) -> None:
        """From now on, at this name and below it; None: no longer."""
        self.faults.pop(_name(name), None)
        if fault:
            self.faults[_name(name)] = fault

    def fault_at(self, name: dns.name.Name) -> NameFault | None:
        return next((fault for at, fault in self.faults.items() if name.is_subdomain(at)), None)

    def answer(self, question: dns.message.Message) -> dns.message.Message:
        """As a resolver that knows everything gives it: aliases are followed."""
        said = dns.message.make_response(question, recursion_available=True)
        said.flags |= dns.flags.AA
        name, type = question.question[0].name, question.question[0].rdtype
        for _ in range(_CHAIN):
            if found := self.records.get((name, type)):
                said.answer.append(found)
                return said
            alias = self.records.get((name, CNAME))
            if alias is None:
                break
            said.answer.append(alias)
            name = alias[0].target
        if not self._exists(name):
            said.set_rcode(dns.rcode.NXDOMAIN)
        said.authority.append(dns.rrset.from_text(dns.name.root, TTL, "IN", "SOA", _SOA))
        return said

    def _exists(self, name: dns.name.Name) -> bool:
        return any(at.is_subdomain(name) for at, _ in self.records)

    def _make_room(self, name: dns.name.Name, type: dns.rdatatype.RdataType) -> None:
        alone = type == CNAME
        others = [key for key in self.records if key[0] == name and (alone or key[1] == CNAME)]
        for key in others:
            del self.records[key]


@dataclass(slots=True)
class NameServer:
    """One that runs. `asked`: what was asked, such as `TXT example.com`, and over what."""

    zones: Zones
    host: str
    port: int = 0
    asked: list[tuple[str, str]] = field(default_factory=list)

    @property
    def address(self) -> Resolver:
        return Resolver(self.host, self.port)

    def reply(self, wire: bytes, over: str) -> bytes | None:
        """None: silence."""
        try:
            question = dns.message.from_wire(wire)
        except (dns.exception.DNSException, ValueError):
            return None
        if len(question.question) != 1:
            return None
        asked = question.question[0]
        self.asked.append((f"{dns.rdatatype.to_text(asked.rdtype)} {asked.name.to_text(omit_final_dot=True)}", over))
        return self._reply(question, over)

    def _reply(self, question: dns.message.Message, over: str) -> bytes | None:
        said = self.zones.answer(question)
        names = [question.question[0].name, *(one[0].target for one in said.answer if one.rdtype == CNAME)]
        fault = next(filter(None, map(self.zones.fault_at, names)), None)
        match fault:
            case NameFault.SERVFAIL | NameFault.REFUSED:
                said = dns.message.make_response(question, recursion_available=True)
                said.set_rcode(dns.rcode.from_text(fault.value))
            case NameFault.SILENCE:
                return None
            case NameFault.GARBAGE:
                return said.to_wire()[:7]
            case NameFault.WRONG_ID:
                said.id ^= 1
            case NameFault.TRUNCATED | None:
                pass
        room = 65_535 if over == "tcp" else max(_SMALL, question.payload)
        if over == "udp" and (fault is NameFault.TRUNCATED or len(said.to_wire(max_size=65_535)) > room):
            said = dns.message.make_response(question, recursion_available=True)
            said.flags |= dns.flags.TC
        return said.to_wire(max_size=65_535)


@asynccontextmanager
async def name_server(zones: Zones, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[NameServer]:
    """Answers over UDP and TCP at one port. Raises OSError where it is taken."""
    server = NameServer(zones, host)
    udp, tcp = await _listening(server, port)
    try:
        yield server
    finally:
        udp.close()
        tcp.close()


async def _listening(server: NameServer, port: int) -> tuple[asyncio.DatagramTransport, asyncio.Server]:
    for left in reversed(range(1 if port else _TRIES)):
        tcp = await asyncio.start_server(lambda *ways: _over_tcp(server, *ways), server.host, port)
        server.port = tcp.sockets[0].getsockname()[1]
        try:
            udp, _ = await asyncio.get_running_loop().create_datagram_endpoint(
                lambda: _OverUdp(server), local_addr=(server.host, server.port)
            )
            return udp, tcp
        except OSError:
            tcp.close()
            if not left:
                raise
    raise AssertionError("unreachable")


class _OverUdp(asyncio.DatagramProtocol):
    def __init__(self, server: NameServer) -> None:
        self._server = server

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)  # asyncio's own is none by its class

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if reply := self._server.reply(data, "udp"):
            self._transport.sendto(reply, addr)


async def _over_tcp(server: NameServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        [length] = struct.unpack("!H", await reader.readexactly(2))
        if reply := server.reply(await reader.readexactly(length), "tcp"):
            writer.write(struct.pack("!H", len(reply)) + reply)
            await writer.drain()
        else:
            await reader.read(1)  # until whoever asked gives up
    except (OSError, asyncio.IncompleteReadError):
        pass
    finally:
        writer.close()


def _read(line: str) -> dns.rrset.RRset:
    try:
        name, _, type, value = line.split(None, 3)
        return dns.rrset.from_text(_name(name), TTL, "IN", type, value)
    except (dns.exception.DNSException, ValueError) as error:
        raise NotALine(f"{line[:100]!r} is no line of a zone file: {error}") from error


def _name(text: str) -> dns.name.Name:
    return dns.name.from_text(text.lower(), idna_codec=dns.name.IDNA_2008_Practical)
