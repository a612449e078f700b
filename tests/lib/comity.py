"""Real nodes for system tests and benchmarks: start, stop, kill, call. Standard library only."""
import base64
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BINARY = os.environ.get("COMITY_BINARY", os.path.join(SOURCE, "build", "comity"))


class Skip(Exception):
    """This machine cannot run the test; the text says what it lacks."""


class ApiError(Exception):
    def __init__(self, status, error, message):
        super().__init__(f"{status} {error}: {message}")
        self.status, self.error, self.message = status, error, message


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class UnixHTTP(http.client.HTTPConnection):
    def __init__(self, path, timeout=60):
        super().__init__("localhost", timeout=timeout)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


def fields_of(measure="preserve"):
    """A complete, fictional request: what the forms ask."""
    with open(os.path.join(SOURCE, "tests", "lib", f"{measure}.json"), encoding="utf-8") as f:
        return json.load(f)


NODES = []


def stop_all():
    """After a test, whatever came of it: no process stays behind."""
    for n in NODES:
        if n.process:
            n.kill()
    NODES.clear()


class Node:
    def __init__(self, base, address, name=None, role="contact", economy=None, conf=None, init_args=()):
        self.address, self.role = address, role
        self.home = os.path.join(base, address)
        self.port = free_port()
        self.url = f"https://127.0.0.1:{self.port}"
        self.process = None
        self.conns = {}
        self.tokens = {}
        self.log = os.path.join(base, address + ".log")
        t = time.time()
        self.cli("init", self.home, "--address", address, "--name", name or f"Test desk {address}", "--economy",
                 economy or address[:2].upper(), "--role", role, "--url", self.url, "--desk", "off", *init_args, home=False)
        self.init_seconds = time.time() - t
        NODES.append(self)
        if conf:
            self.configure(conf)

    @classmethod
    def again(cls, home, address, conf=None):
        """A node that was made before, in its folder or a copy of it; at a port of its own."""
        n = cls.__new__(cls)
        n.address, n.role, n.home, n.port = address, "contact", home, free_port()
        n.url = f"https://127.0.0.1:{n.port}"
        n.process, n.conns, n.tokens, n.log = None, {}, {}, home.rstrip("/") + ".log"
        NODES.append(n)
        n.configure({"url": n.url, **(conf or {})})
        return n

    def configure(self, conf):
        path = os.path.join(self.home, "comity.conf")
        with open(path, encoding="utf-8") as f:
            lines = f.read().splitlines()
        for key, value in conf.items():
            lines = [x for x in lines if x.split("=")[0].strip() != key]
            lines.append(f"{key} = {value}")
        with open(path, "w", encoding="utf-8") as f:
            f.write("\n".join(lines) + "\n")

    def cli(self, *args, home=True, check=True, env=None, timeout=120):
        cmd = [BINARY, *args] + (["--home", self.home] if home else [])
        p = subprocess.run(cmd, capture_output=True, text=True, timeout=timeout, env={**os.environ, **(env or {})})
        if check and p.returncode != 0:
            raise AssertionError(f"{' '.join(cmd)}: exit {p.returncode}\n{p.stdout}{p.stderr}")
        return p

    def start(self, env=None, wait=True):
        self.out = open(self.log, "ab")
        self.process = subprocess.Popen([BINARY, "serve", "--home", self.home], stdout=subprocess.PIPE,
                                        stderr=self.out, env={**os.environ, **(env or {})})
        self.conns = {}
        if wait:
            self.wait_ready()
        return self

    def wait_ready(self, seconds=15):
        until = time.time() + seconds
        sock = os.path.join(self.home, "run", "api.sock")
        while time.time() < until:
            if self.process.poll() is not None:
                raise AssertionError(f"{self.address} stopped at start:\n" + self.log_tail())
            try:
                with socket.socket(socket.AF_UNIX) as s:
                    s.connect(sock)
                with socket.create_connection(("127.0.0.1", self.port), 1):
                    pass
                return
            except OSError:
                time.sleep(0.005)
        raise AssertionError(f"{self.address} does not serve:\n" + self.log_tail())

    def log_tail(self, n=3000):
        with open(self.log, "rb") as f:
            return f.read()[-n:].decode(errors="replace")

    def stop(self, seconds=20):
        if self.process is None:
            return None
        self.process.send_signal(signal.SIGTERM)
        try:
            rc = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"{self.address} did not stop within {seconds} s")
        finally:
            self.process.stdout.close()
            self.out.close()
            self.process = None
        return rc

    def kill(self):
        """kill -9; the keeper must follow by itself."""
        if self.process:
            self.process.kill()
            self.gone()

    def gone(self, seconds=30):
        """Wait for a death that was arranged."""
        self.process.wait(seconds)
        self.process.stdout.close()
        self.out.close()
        self.process = None

    def token(self, officer):
        if officer not in self.tokens:
            with open(os.path.join(self.home, "officers", officer + ".token"), encoding="utf-8") as f:
                self.tokens[officer] = f.read().strip()
        return self.tokens[officer]

    def api(self, op, _as="admin", _timeout=60, **args):
        key = (_as, _timeout)
        body = json.dumps(args)
        head = {"Authorization": "Bearer " + self.token(_as), "Content-Type": "application/json"}
        for attempt in (0, 1):
            conn = self.conns.get(key)
            fresh = conn is None
            if fresh:
                conn = self.conns[key] = UnixHTTP(os.path.join(self.home, "run", "api.sock"), _timeout)
            try:
                conn.request("POST", "/api/v1/" + op, body, head)
                r = conn.getresponse()
                data = r.read()
                break
            except (http.client.HTTPException, OSError):
                del self.conns[key]
                if fresh or attempt:
                    raise
        answer = json.loads(data) if data else {}
        if r.status != 200:
            raise ApiError(r.status, answer.get("error"), answer.get("message"))
        return answer

    def officer(self, name, role):
        """Adds an officer and keeps the token for api(_as=name)."""
        self.tokens[name] = self.api("user.add", name=name, role=role)["token"]

    def rss_kib(self):
        """Resident memory of node and keeper: {pid: KiB}."""
        pids = [self.process.pid]
        with open(f"/proc/{self.process.pid}/task/{self.process.pid}/children") as f:
            pids += [int(x) for x in f.read().split()]
        out = {}
        for pid in pids:
            with open(f"/proc/{pid}/status") as f:
                for line in f:
                    if line.startswith("VmRSS"):
                        out[pid] = int(line.split()[1])
        return out


def introduce(*nodes):
    """Every node accepts every other, as operators would after comparing fingerprints."""
    entries = {n.address: n.api("directory.self") for n in nodes}
    for n in nodes:
        for address, e in entries.items():
            if address != n.address:
                n.api("directory.offer", bytes=e["bytes"], sig=e["sig"])
                n.api("directory.accept", address=address)


PATIENCE = 3  # a slow or crowded machine is no fault; only failing tests wait this long


def wait_for(what, test, seconds=20, every=0.02):
    seconds *= PATIENCE
    until = time.time() + seconds
    while True:
        value = test()
        if value:
            return value
        if time.time() > until:
            raise AssertionError(f"waited {seconds} s for {what}")
        time.sleep(every)


def b64(x):
    return base64.b64encode(x).decode()


class Folder:
    """A temporary folder that goes away unless KEEP is set."""

    def __init__(self, where=None):
        self.path = tempfile.mkdtemp(prefix="comity-", dir=where)

    def __enter__(self):
        return self.path

    def __exit__(self, *_):
        if not os.environ.get("KEEP"):
            shutil.rmtree(self.path, ignore_errors=True)
