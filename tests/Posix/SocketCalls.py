"""Makes the socket calls of scenarios on the host; SocketScenario.cs makes the same ones on the system.

A line is a call, an answer "ok", "ok VALUE" or "!" and the number of the error. Sockets do not block.
"""
import array
import ctypes
import fcntl
import os
import select
import socket
import struct
import sys
import tempfile

FAMILIES = {"inet": socket.AF_INET, "inet6": socket.AF_INET6, "unix": socket.AF_UNIX, "none": 99}
KINDS = {"stream": socket.SOCK_STREAM, "dgram": socket.SOCK_DGRAM, "raw": socket.SOCK_RAW, "nine": 9}
EVENTS = {"in": 1, "pri": 2, "out": 4, "err": 8, "hup": 16, "nval": 32, "rdhup": 0x2000}
OPTIONS = {
    "error": (socket.SOL_SOCKET, socket.SO_ERROR), "reuse": (socket.SOL_SOCKET, socket.SO_REUSEADDR),
    "keepalive": (socket.SOL_SOCKET, socket.SO_KEEPALIVE), "broadcast": (socket.SOL_SOCKET, socket.SO_BROADCAST),
    "type": (socket.SOL_SOCKET, socket.SO_TYPE), "accepting": (socket.SOL_SOCKET, socket.SO_ACCEPTCONN),
    "domain": (socket.SOL_SOCKET, socket.SO_DOMAIN), "protocol": (socket.SOL_SOCKET, socket.SO_PROTOCOL),
    "nodelay": (socket.IPPROTO_TCP, socket.TCP_NODELAY), "ttl": (socket.IPPROTO_IP, socket.IP_TTL),
    "oobinline": (socket.SOL_SOCKET, socket.SO_OOBINLINE), "reuseport": (socket.SOL_SOCKET, socket.SO_REUSEPORT),
    "cork": (socket.IPPROTO_TCP, socket.TCP_CORK), "keepidle": (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE),
    "keepcnt": (socket.IPPROTO_TCP, socket.TCP_KEEPCNT), "keepintvl": (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL),
    "usertimeout": (socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT), "tos": (socket.IPPROTO_IP, socket.IP_TOS),
    "mttl": (socket.IPPROTO_IP, socket.IP_MULTICAST_TTL), "mloop": (socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP),
    "mall": (socket.IPPROTO_IP, 49), "hdrincl": (socket.IPPROTO_IP, socket.IP_HDRINCL),
    "v6only": (socket.IPPROTO_IPV6, socket.IPV6_V6ONLY), "hops": (socket.IPPROTO_IPV6, socket.IPV6_UNICAST_HOPS),
}
TIMEOUTS = {"rcvtimeo": socket.SO_RCVTIMEO, "sndtimeo": socket.SO_SNDTIMEO}
INPUT_CONTROLS = {"atmark": 0x8905, "inq": 0x541B}
FLAGS = {"peek": socket.MSG_PEEK, "trunc": socket.MSG_TRUNC, "waitall": socket.MSG_WAITALL, "oob": socket.MSG_OOB}


class Descriptor:
    """A number of a file that Python would refuse to have an object of, such as a directory."""

    def __init__(self, number):
        self.number = number

    def fileno(self):
        return self.number

    def close(self):
        os.close(self.number)


class Run:
    def __init__(self):
        self.files = {}
        self.ports = {}

    def fd(self, name):
        return self.files[name].fileno() if name in self.files else int(name)

    def sock(self, name):
        if isinstance(self.files.get(name), socket.socket):
            return self.files[name]
        return socket.socket(socket.AF_INET, socket.SOCK_STREAM, 0, fileno=os.dup(self.fd(name)))

    def address(self, text):
        kind, _, rest = text.partition(":")
        if kind == "unix":
            return rest
        if kind == "abs":
            return "\0redleaf-" + str(os.getpid()) + rest
        host = {"lo": "127.0.0.1", "any": "0.0.0.0", "two": "127.0.0.2", "far": "192.0.2.77", "grp": "239.7.7.7", "lo6": "::1", "any6": "::",
                "far6": "2001:db8::4d", "link6": "fe80::1", "map": "::ffff:127.0.0.1"}[kind]
        return (host, self.ports[rest] if rest in self.ports else int(rest))

    def shown(self, address):
        if isinstance(address, tuple):
            names = [name for name, port in self.ports.items() if port == address[1]]
            return address[0] + ":" + (names[0] if names else "0" if address[1] == 0 else "some")
        text = address.decode("latin1") if isinstance(address, bytes) else address or ""
        return "abs" if text.startswith("\0") else "unix:" + text

    def socket(self, name, family, kind, protocol="0"):
        self.files[name] = socket.socket(FAMILIES[family], KINDS[kind] | socket.SOCK_NONBLOCK, int(protocol))

    def pair(self, one, other, kind):
        first, second = socket.socketpair(socket.AF_UNIX, KINDS[kind])
        first.setblocking(False)
        second.setblocking(False)
        self.files[one], self.files[other] = first, second

    def pipe(self, one, other):
        read, write = os.pipe2(os.O_NONBLOCK)
        self.files[one], self.files[other] = os.fdopen(read, "rb", 0), os.fdopen(write, "wb", 0)

    def bind(self, name, address):
        self.sock(name).bind(self.address(address))

    def port(self, name, variable):
        self.ports[variable] = self.sock(name).getsockname()[1]

    def listen(self, name, backlog):
        self.sock(name).listen(int(backlog))

    def accept(self, new, name):
        made, peer = self.sock(name).accept()
        made.setblocking(False)
        self.files[new] = made
        return self.shown(peer)

    def connect(self, name, address):
        self.sock(name).connect(self.address(address))

    def connectcut(self, name, address, count):
        """A name that is too short, or another family's."""
        host, port = self.address(address)
        isv6 = ":" in host
        packed = socket.inet_pton(socket.AF_INET6 if isv6 else socket.AF_INET, host)
        family = struct.pack("<H", socket.AF_INET6 if isv6 else socket.AF_INET) + struct.pack(">H", port)
        self.connectraw(name, family + (bytes(4) + packed + bytes(4) if isv6 else packed + bytes(8)), int(count))

    def disconnect(self, name):
        self.connectraw(name, bytes(16), 16)

    def connectraw(self, name, address, count):
        if ctypes.CDLL(None, use_errno=True).connect(self.fd(name), address, count) < 0:
            raise OSError(ctypes.get_errno(), "connect")

    def select(self, readable, writable, exceptional, timeout):
        sets = [{self.fd(name): name for name in names.split(",") if name != "-"} for names in (readable, writable, exceptional)]
        answers = select.select(*[list(one) for one in sets], int(timeout) / 1000)
        return " ".join(",".join(sorted(names[fd] for fd in fds)) or "-" for names, fds in zip(sets, answers))

    def send(self, name, text):
        return self.sock(name).send(text.replace("EMPTY", "").encode())

    def sendoob(self, name, text):
        return self.sock(name).send(text.encode(), socket.MSG_OOB)

    def sendfd(self, name, text, *others):
        return socket.send_fds(self.sock(name), [text.encode()], [self.fd(other) for other in others])

    def recvfd(self, name, count, *news):
        data, fds, flags, _ = socket.recv_fds(self.sock(name), int(count), len(news))
        for new, fd in zip(news, fds):
            self.files[new] = os.fdopen(fd, "r+b" if os.path.islink(f"/proc/self/fd/{fd}") and "socket" in os.readlink(f"/proc/self/fd/{fd}") else "rb" if fcntl.fcntl(fd, fcntl.F_GETFL) & 3 == 0 else "wb", 0)
        return f"{data.decode()} {len(fds)}{' cut' if flags & socket.MSG_CTRUNC else ''}"

    def join(self, name, link):
        self.member(name, socket.IP_ADD_MEMBERSHIP, link)

    def leave(self, name, link):
        self.member(name, socket.IP_DROP_MEMBERSHIP, link)

    def member(self, name, option, link):
        request = socket.inet_aton("239.7.7.7") + struct.pack("Ii", 0, int(link))
        self.sock(name).setsockopt(socket.IPPROTO_IP, option, request)

    def multicast(self, name, link):
        self.sock(name).setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, struct.pack("IIi", 0, 0, int(link)))

    def block(self, name):
        os.set_blocking(self.fd(name), True)

    def fill(self, name):
        try:
            while True:
                self.sock(name).send(b"x" * 4096)
        except BlockingIOError:
            return "full"

    def drain(self, name):
        try:
            while self.sock(name).recv(65536):
                pass
            return "end"
        except BlockingIOError:
            return "empty"

    def sendto(self, name, text, address):
        return self.sock(name).sendto(text.replace("EMPTY", "").encode(), self.address(address))

    def big(self, name, count):
        return self.sock(name).send(b"x" * int(count))

    def recv(self, name, count, flag=""):
        data = self.sock(name).recv(int(count), FLAGS.get(flag, 0))
        return data.decode()

    def recvfrom(self, name, count):
        data, source = self.sock(name).recvfrom(int(count))
        return data.decode() + " " + (self.shown(source) if source else "nobody")

    def length(self, name, count):
        """The length of a datagram, though it is cut."""
        return self.sock(name).recv_into(bytearray(int(count)), int(count), socket.MSG_TRUNC)

    def shutdown(self, name, how):
        self.sock(name).shutdown({"rd": 0, "wr": 1, "rdwr": 2}[how])

    def close(self, name):
        self.files.pop(name).close()

    def getname(self, name):
        return self.shown(self.sock(name).getsockname())

    def getpeer(self, name):
        return self.shown(self.sock(name).getpeername())

    def getopt(self, name, option):
        if option == "linger":
            on, seconds = struct.unpack("ii", self.sock(name).getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, 8))
            return seconds if on else -1
        if option in INPUT_CONTROLS:
            answer = array.array("i", [0])
            fcntl.ioctl(self.fd(name), INPUT_CONTROLS[option], answer)
            return answer[0]
        if option in TIMEOUTS:
            seconds, micros = struct.unpack("ll", self.sock(name).getsockopt(socket.SOL_SOCKET, TIMEOUTS[option], 16))
            return seconds * 1000 + micros // 1000
        value = self.sock(name).getsockopt(*OPTIONS[option])
        return "!" + str(value) if option == "error" and value else int(value != 0) if option in ("reuse", "keepalive") else value

    def setopt(self, name, option, value):
        if option == "linger":
            packed = struct.pack("ii", int(int(value) >= 0), max(int(value), 0))
            self.sock(name).setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, packed)
        elif option in TIMEOUTS:
            packed = struct.pack("ll", int(value) // 1000, int(value) % 1000 * 1000)
            self.sock(name).setsockopt(socket.SOL_SOCKET, TIMEOUTS[option], packed)
        else:
            self.sock(name).setsockopt(*OPTIONS[option], int(value))

    def poll(self, name, events, timeout=0):
        poller = select.poll()
        poller.register(self.fd(name), self.bits(events))
        answer = poller.poll(timeout)
        return self.names(answer[0][1] if answer else 0)

    def wait(self, name, events):
        return self.poll(name, events, 10_000)

    def epoll(self, name):
        self.files[name] = select.epoll()

    def ctl(self, name, command, other, events="none"):
        bits = self.bits(events) | (select.EPOLLET if "et" in events.split(",") else 0)
        bits |= select.EPOLLONESHOT if "oneshot" in events.split(",") else 0
        poller = self.files[name]
        if command == "add":
            poller.register(self.fd(other), bits)
        elif command == "mod":
            poller.modify(self.fd(other), bits)
        else:
            poller.unregister(self.fd(other))

    def ewait(self, name):
        names = {value.fileno(): key for key, value in self.files.items()}
        return " ".join(sorted(names[fd] + "=" + self.names(bits) for fd, bits in self.files[name].poll(0)))

    def write(self, name, text):
        return os.write(self.fd(name), text.encode())

    def read(self, name, count):
        return os.read(self.fd(name), int(count)).decode()

    def file(self, name, path, count, how):
        with open(path, "wb") as made:
            made.write(bytes(ord("a") + index % 26 for index in range(int(count))))
        self.open(name, path, how)

    def open(self, name, path, how):
        flags = {"r": os.O_RDONLY, "w": os.O_WRONLY, "rw": os.O_RDWR, "a": os.O_WRONLY | os.O_APPEND, "p": os.O_PATH}[how]
        self.files[name] = Descriptor(os.open(path, flags))

    def seek(self, name, offset):
        os.lseek(self.fd(name), int(offset), os.SEEK_SET)

    def at(self, name):
        return os.lseek(self.fd(name), 0, os.SEEK_CUR)

    def sendfile(self, output, name, count, offset=None):
        return os.sendfile(self.fd(output), self.fd(name), None if offset is None else int(offset), int(count))

    def sendall(self, output, name):
        try:
            while True:
                os.sendfile(self.fd(output), self.fd(name), 0, 0x7FFFFFFF)
        except BlockingIOError:
            return "full"

    @staticmethod
    def bits(events):
        return sum(EVENTS.get(event, 0) for event in events.split(","))

    @staticmethod
    def names(bits):
        return ",".join(name for name, bit in EVENTS.items() if bits & bit) or "none"


def main():
    run = None
    for line in sys.stdin.read().splitlines():
        if line.startswith("= "):
            os.chdir(tempfile.mkdtemp())
            run = Run()
            print(line)
            continue
        words = line.split()
        try:
            value = getattr(run, words[0])(*words[1:])
            text = "ok" if value is None else str(value) if str(value).startswith("!") else "ok " + str(value)
            print(text.rstrip())
        except OSError as error:
            print("!" + str(error.errno))


main()
