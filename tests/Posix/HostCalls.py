"""Runs scenarios of file calls on the host, each in a new directory and a process of its own.

Standard input: scenarios, each a line "= NAME" and a line for each call. Standard output: the same "= NAME" lines, and
for each call what it answered: "ok", "ok VALUE" or "!" and the number of the error. CallScenario.cs makes the same calls here.
With "jail" as its argument, "/" is the scenario's directory for its calls.
"""
import ctypes
import fcntl
import hashlib
import os
import stat
import struct
import sys
import tempfile

LIBC = ctypes.CDLL(None, use_errno=True)
FLAGS = {
    "r": os.O_RDONLY, "w": os.O_WRONLY, "rw": os.O_RDWR, "creat": os.O_CREAT, "excl": os.O_EXCL, "trunc": os.O_TRUNC,
    "append": os.O_APPEND, "dir": os.O_DIRECTORY, "nofollow": os.O_NOFOLLOW, "nonblock": os.O_NONBLOCK,
    "cloexec": os.O_CLOEXEC, "sync": os.O_SYNC, "dsync": os.O_DSYNC, "path": os.O_PATH,
}
WHENCE = {"set": 0, "cur": 1, "end": 2, "data": 3, "hole": 4}
LONG = {"NAME255": "n" * 255, "NAME256": "n" * 256, "PATH4095": "./" * 2047 + "f", "PATH4096": "./" * 2047 + "ff",
        "PATH4097": "./" * 2047 + "fff", "EMPTY": ""}


class Run:
    def __init__(self):
        self.files = {"cwd": -100}

    def path(self, text):
        for name, value in LONG.items():
            text = text.replace(name, value)
        return os.fsencode(text)

    def fd(self, name):
        return self.files[name] if name in self.files else 1 << 20 if name[0].isalpha() else int(name)

    def call(self, function, *arguments):
        result = function(*arguments)
        if result < 0:
            raise OSError(ctypes.get_errno(), "")
        return result

    def open(self, name, path, flags, mode="644"):
        return self.openat(name, "cwd", path, flags, mode)

    def openat(self, name, directory, path, flags, mode="644"):
        bits = 0
        for flag in flags.split(","):
            bits |= FLAGS[flag]
        self.files[name] = self.call(LIBC.openat, self.fd(directory), self.path(path), bits | os.O_CLOEXEC, int(mode, 8))

    def close(self, name):
        os.close(self.fd(name))

    def write(self, name, text):
        return os.write(self.fd(name), os.fsencode(text.replace("EMPTY", "")))

    def read(self, name, count):
        return os.read(self.fd(name), int(count)).replace(b"\0", b"0").decode()

    def pread(self, name, offset, count):
        buffer = ctypes.create_string_buffer(int(count) + 1)
        got = self.call(LIBC.pread64, self.fd(name), buffer, ctypes.c_size_t(int(count)), ctypes.c_int64(int(offset)))
        return buffer.raw[:got].replace(b"\0", b"0").decode()

    def pwrite(self, name, offset, text):
        data = os.fsencode(text.replace("EMPTY", ""))
        return self.call(LIBC.pwrite64, self.fd(name), data, ctypes.c_size_t(len(data)), ctypes.c_int64(int(offset)))

    def parts(self, text):
        return [os.fsencode(part.replace("EMPTY", "")) for part in text.split(",")]

    def scatter(self, counts, read):
        buffers = [bytearray(int(count)) for count in counts.split(",")]
        got = read(buffers)
        return f"{got} " + b"|".join(bytes(buffer) for buffer in buffers).replace(b"\0", b"0").decode()

    def writev(self, name, parts):
        return os.writev(self.fd(name), self.parts(parts))

    def pwritev(self, name, offset, parts):
        return os.pwritev(self.fd(name), self.parts(parts), int(offset))

    def readv(self, name, counts):
        return self.scatter(counts, lambda buffers: os.readv(self.fd(name), buffers))

    def preadv(self, name, offset, counts):
        return self.scatter(counts, lambda buffers: os.preadv(self.fd(name), buffers, int(offset)))

    def seek(self, name, offset, whence):
        return os.lseek(self.fd(name), int(offset), WHENCE[whence])

    def mkdir(self, path, mode="755"):
        os.mkdir(self.path(path), int(mode, 8))

    def mkdirat(self, name, path, mode="755"):
        self.call(LIBC.mkdirat, self.fd(name), self.path(path), int(mode, 8))

    def rmdir(self, path):
        os.rmdir(self.path(path))

    def unlink(self, path):
        os.unlink(self.path(path))

    def unlinkat(self, name, path, removes="file"):
        self.call(LIBC.unlinkat, self.fd(name), self.path(path), 0x200 if removes == "dir" else 0)

    def link(self, path, new):
        self.call(LIBC.linkat, -100, self.path(path), -100, self.path(new), 0)

    def linkf(self, path, new):
        self.call(LIBC.linkat, -100, self.path(path), -100, self.path(new), 0x400)

    def symlink(self, target, path):
        os.symlink(self.path(target), self.path(path))

    def readlink(self, path):
        return os.fsdecode(os.readlink(self.path(path)))

    def rename(self, path, new):
        os.rename(self.path(path), self.path(new))

    def renameat2(self, path, new, flags):
        self.call(LIBC.renameat2, -100, self.path(path), -100, self.path(new), int(flags))

    def chmod(self, path, mode):
        os.chmod(self.path(path), int(mode, 8))

    def fchmod(self, name, mode):
        os.fchmod(self.fd(name), int(mode, 8))

    def chown(self, path, user, group):
        os.chown(self.path(path), int(user), int(group))

    def lchown(self, path, user, group):
        os.lchown(self.path(path), int(user), int(group))

    def fchown(self, name, user, group):
        os.fchown(self.fd(name), int(user), int(group))

    def describe(self, found):
        size = found.st_size if stat.S_ISREG(found.st_mode) or stat.S_ISLNK(found.st_mode) else 0
        return f"{found.st_mode:o} {found.st_uid} {found.st_gid} {found.st_nlink} {size}"

    def stat(self, path):
        return self.describe(os.stat(self.path(path)))

    def lstat(self, path):
        return self.describe(os.lstat(self.path(path)))

    def fstat(self, name):
        return self.describe(os.fstat(self.fd(name)))

    def times(self, path):
        found = os.stat(self.path(path))
        return f"{found.st_atime_ns} {found.st_mtime_ns}"

    def truncate(self, path, size):
        self.call(LIBC.truncate64, self.path(path), ctypes.c_int64(int(size)))

    def ftruncate(self, name, size):
        self.call(LIBC.ftruncate64, self.fd(name), ctypes.c_int64(int(size)))

    def utime(self, path, access, modification):
        times = (ctypes.c_int64 * 4)()
        for index, text in enumerate((access, modification)):
            if text == "now":
                times[2 * index + 1] = 0x3FFFFFFF
            elif text == "omit":
                times[2 * index + 1] = 0x3FFFFFFE
            elif text == "bad":
                times[2 * index + 1] = 1000000000
            else:
                times[2 * index] = int(text)
        self.call(LIBC.utimensat, -100, self.path(path), times, 0)

    def access(self, path, modes):
        self.call(LIBC.faccessat, -100, self.path(path), self.modes(modes), 0)

    def eaccess(self, path, modes):
        self.call(LIBC.faccessat, -100, self.path(path), self.modes(modes), 0x200)

    def modes(self, text):
        return sum({"r": 4, "w": 2, "x": 1, "f": 0}[letter] for letter in text)

    def mkfifo(self, path, mode="644"):
        os.mkfifo(self.path(path), int(mode, 8))

    def mknod(self, path, kind, mode="644"):
        kinds = {"c": stat.S_IFCHR, "b": stat.S_IFBLK, "p": stat.S_IFIFO, "f": stat.S_IFREG, "d": stat.S_IFDIR, "s": stat.S_IFSOCK}
        os.mknod(self.path(path), kinds[kind] | int(mode, 8), os.makedev(1, 3))

    def user(self, user, group="0", *groups):
        if os.geteuid() != 0:
            os.seteuid(0)
        os.setgroups([int(one) for one in groups])
        os.setegid(int(group))
        os.seteuid(int(user))

    def umask(self, mask):
        return f"{os.umask(int(mask, 8)):o}"

    def chdir(self, path):
        os.chdir(self.path(path))

    def fchdir(self, name):
        self.call(LIBC.fchdir, self.fd(name))

    def list(self, path):
        return " ".join(sorted(os.listdir(os.fsdecode(self.path(path)))))

    def dup(self, name, new):
        self.files[new] = self.call(LIBC.fcntl, self.fd(name), 1030, 0)

    def getfl(self, name):
        return self.call(LIBC.fcntl, self.fd(name), 3, 0) & (3 | os.O_APPEND | os.O_NONBLOCK)

    def setfl(self, name, flags):
        bits = sum(FLAGS[flag] for flag in flags.split(","))
        self.call(LIBC.fcntl, self.fd(name), 4, bits)

    def pipe(self, reader, writer):
        self.files[reader], self.files[writer] = os.pipe2(os.O_NONBLOCK)

    def setxattr(self, path, name, value, flags="0"):
        os.setxattr(self.path(path), name, os.fsencode(value), int(flags))

    def getxattr(self, path, name):
        return os.fsdecode(os.getxattr(self.path(path), name))

    def listxattr(self, path):
        return " ".join(sorted(os.listxattr(self.path(path))))

    def removexattr(self, path, name):
        os.removexattr(self.path(path), name)

    def fallocate(self, name, modes, offset, length):
        self.call(LIBC.fallocate64, self.fd(name), int(modes), ctypes.c_int64(int(offset)), ctypes.c_int64(int(length)))

    def fsync(self, name):
        os.fsync(self.fd(name))

    def fdatasync(self, name):
        os.fdatasync(self.fd(name))

    def namemax(self, path):
        return os.statvfs(self.path(path)).f_namemax

    def dup2(self, name, new):
        self.call(LIBC.dup3 if self.fd(name) != self.fd(new) else LIBC.dup2, self.fd(name), self.fd(new), 0)

    def flock(self, name, kind):
        operation = {"sh": fcntl.LOCK_SH, "ex": fcntl.LOCK_EX, "un": fcntl.LOCK_UN}[kind]
        self.call(LIBC.flock, self.fd(name), operation | fcntl.LOCK_NB)

    def record(self, file, command, kind, whence, start, length):
        lock = ctypes.create_string_buffer(struct.pack("hh4xqqi4x", kind, whence, start, length, 0))
        self.call(LIBC.fcntl, file, command, lock)
        return struct.unpack("hh4xqqi4x", lock.raw[:32])

    def lock(self, name, kind, whence, start, length):
        self.record(self.fd(name), fcntl.F_SETLK, "rwu".index(kind), WHENCE[whence], int(start), int(length))

    def locks(self, path):
        """What another process sees of the locks."""
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            os.write(writer, self.see_locks(self.path(path)).encode())
            os._exit(0)
        os.close(writer)
        os.waitpid(child, 0)
        with os.fdopen(reader) as seen:
            text = seen.read()
        if text.startswith("!"):
            raise OSError(int(text[1:]), "")
        return text

    def see_locks(self, path):
        try:
            if os.geteuid() != 0:
                os.seteuid(0)
            file = os.open(path, os.O_RDWR | os.O_NONBLOCK)
            seen, start = [], 0
            while True:
                kind, _, start, length, _ = self.record(file, fcntl.F_GETLK, 1, 0, start, 0)
                if kind == 2:
                    return " ".join(seen)
                seen.append(f"{'rwu'[kind]}{start}+{length}")
                if length == 0:
                    return " ".join(seen)
                start += length
        except OSError as error:
            return f"!{error.errno}"

    def flistxattr(self, name):
        buffer = ctypes.create_string_buffer(4096)
        length = self.call(LIBC.flistxattr, self.fd(name), buffer, ctypes.c_size_t(4096))
        return " ".join(sorted(buffer.raw[:length].decode().split("\0")[:-1]))

    def statat(self, name, path, follows):
        return self.describe(os.stat(self.path(path), dir_fd=self.fd(name), follow_symlinks=follows == "follow"))

    def renameat(self, name, path, other, new):
        self.call(LIBC.renameat, self.fd(name), self.path(path), self.fd(other), self.path(new))

    def touched(self, path):
        """Times that the scenario has set, or "now"."""
        found = os.stat(self.path(path))
        return " ".join("now" if seconds > 1000 else f"{seconds:.0f}" for seconds in (found.st_atime, found.st_mtime))

    def tree(self, path):
        told = []
        for folder, folders, files in os.walk(path):
            folders.sort()
            told += [self.tell(os.path.join(folder, name)) for name in sorted(folders + files)]
        return " ".join(sorted(told))

    def tell(self, path):
        found = os.lstat(path)
        text = f"{path[2:]}:{self.describe(found)}"
        if stat.S_ISLNK(found.st_mode):
            text += " " + os.readlink(path)
        elif stat.S_ISREG(found.st_mode):
            file = os.open(path, os.O_RDONLY)
            text += f" {hashlib.sha256(os.pread(file, 32768, 0)).hexdigest()[:8]}"
            os.close(file)
        names = os.listxattr(path, follow_symlinks=False)
        return text + "".join(f" {name}={os.fsdecode(os.getxattr(path, name, follow_symlinks=False))}" for name in sorted(names))

    def getcwd(self):
        return "/" + os.path.relpath(os.getcwd(), self.top) if os.getcwd() != self.top else "/"


def run(lines):
    state = Run()
    state.top = os.getcwd()
    for line in lines:
        words = line.split()
        try:
            result = getattr(state, words[0])(*words[1:])
            answer = "ok" if result is None else f"ok {result}"
        except OSError as error:
            answer = f"!{error.errno}"
        sys.stdout.write(answer + "\n")
    sys.stdout.flush()


def main():
    scenarios = []
    for line in sys.stdin.read().splitlines():
        if line.startswith("= "):
            scenarios.append((line, []))
        elif line.strip():
            scenarios[-1][1].append(line)
    for title, lines in scenarios:
        print(title, flush=True)
        with tempfile.TemporaryDirectory(prefix="redleaf-calls-") as folder:
            os.chmod(folder, 0o755)
            child = os.fork()
            if child == 0:
                os.umask(0o022)
                os.chdir(folder)
                if sys.argv[1:] == ["jail"]:
                    os.chroot(folder)
                run(lines)
                os._exit(0)
            os.waitpid(child, 0)


main()
