"""Where a node listens: at the address of its url, or, when the url names a host, everywhere at that port."""
import json
import os
import socket
import subprocess

import comity
from comity import Node, free_port, introduce, wait_for


def ipv6():
    try:
        with socket.socket(socket.AF_INET6) as s:
            s.bind(("::1", 0))
        return True
    except OSError:
        return False


def node_at(base, address, host):
    """As an administrator makes one: init, and nothing else."""
    n = Node.__new__(Node)
    n.address, n.role, n.home, n.port = address, "contact", os.path.join(base, address), free_port()
    n.url = f"https://{host}:{n.port}"
    n.process, n.conns, n.tokens, n.log = None, {}, {}, os.path.join(base, address + ".log")
    p = n.cli("init", n.home, "--address", address, "--name", address, "--economy", address[:2].upper(), "--role", "contact",
              "--url", n.url, "--desk", "off", "--json", home=False)
    comity.NODES.append(n)
    return n, json.loads(p.stdout)["listens"]


def reached(port, host):
    with socket.create_connection((host, port), 5):
        return True


def test_a_host_name_in_the_url(base):
    th, listens = node_at(base, "th.contact", "localhost")
    assert listens == f"all addresses, port {th.port}", listens
    us, _ = node_at(base, "us.contact", "localhost")
    th.start()
    us.start()
    assert reached(th.port, "127.0.0.1")
    if ipv6():
        assert reached(th.port, "::1")
    introduce(th, us)
    assert th.api("directory.ping", address="us.contact")["ledger_size"] > 0
    assert us.api("directory.ping", address="th.contact")["ledger_size"] > 0


def test_an_address_of_ipv6(base):
    if not ipv6():
        raise comity.Skip("no IPv6 here")
    th, listens = node_at(base, "th.contact", "[::1]")
    assert listens == f"[::1]:{th.port}", listens
    us = Node(base, "us.contact").start()
    th.start(wait=False)
    wait_for("th", lambda: os.path.exists(os.path.join(th.home, "run", "api.sock")))
    introduce(th, us)
    assert us.api("directory.ping", address="th.contact")["ledger_size"] > 0


def test_what_cannot_be_listened_at_says_where_it_stands(base):
    th, _ = node_at(base, "th.contact", "localhost")
    th.configure({"listen": "localhost:4501"})
    p = subprocess.run([comity.BINARY, "serve", "--home", th.home], capture_output=True, text=True, timeout=60, check=False)
    assert p.returncode == 2 and "comity.conf:" in p.stderr and 'listen is "localhost:4501"' in p.stderr, p
    assert "[::]:4501" in p.stderr, p.stderr
    # An address that is not this machine's (TEST-NET-1).
    th.configure({"listen": "192.0.2.1:4501"})
    p = subprocess.run([comity.BINARY, "serve", "--home", th.home], capture_output=True, text=True, timeout=60, check=False)
    assert p.returncode == 1 and "192.0.2.1 port 4501" in p.stderr and "listen in comity.conf" in p.stderr, p
