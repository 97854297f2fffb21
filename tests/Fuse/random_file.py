"""Changes one file at random, also through maps of it, and compares it with the same changes in memory. Arguments: seed, steps."""
import mmap
import os
import random
import subprocess
import sys

SIZE_MAX = 300_000
random.seed(int(sys.argv[1]))
file = os.open("random", os.O_RDWR | os.O_CREAT | os.O_TRUNC)
model = bytearray()


def extend(size):
    model.extend(bytes(max(0, size - len(model))))


def step(at, count):
    kind = random.randrange(9)
    data = random.randbytes(count)
    inside = len(model) > at + count
    if kind < 2:
        assert os.pwrite(file, data, at) == count
        extend(at + count)
        model[at:at + count] = data
    elif kind == 2:
        os.ftruncate(file, at)
        del model[at:]
        extend(at)
    elif kind == 3 and inside:
        subprocess.run(["fallocate", "-p", "-o", str(at), "-l", str(count), "random"], check=True)
        model[at:at + count] = bytes(count)
    elif kind in (4, 5) and inside:
        with mmap.mmap(file, len(model)) as view:
            assert view[at:at + count] == model[at:at + count]
            if kind == 4:
                view[at:at + count] = data
                model[at:at + count] = data
    elif kind == 6:
        os.fsync(file)
        os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
    elif kind == 7:
        os.posix_fallocate(file, at, count)
        extend(at + count)
    else:
        assert os.pread(file, count, at) == model[at:at + count]
    assert os.fstat(file).st_size == len(model)


for _ in range(int(sys.argv[2])):
    step(random.randrange(SIZE_MAX), random.randrange(1, 40_000))
os.fsync(file)
os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
assert os.pread(file, 2 * SIZE_MAX, 0) == model
