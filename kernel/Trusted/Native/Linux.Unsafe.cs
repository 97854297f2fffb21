using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace RedLeafSharp.Native;

/// <summary>The Linux calls the trusted kernel makes, each as its manual page states it.</summary>
internal static unsafe partial class Linux
{
    internal const int ProtectionNone = 0;
    internal const int ProtectionRead = 1;
    internal const int ProtectionWrite = 2;
    internal const int MapShared = 0x01;
    internal const int MapPrivate = 0x02;
    internal const int MapFixed = 0x10;
    internal const int MapAnonymous = 0x20;
    internal const int MapNoReserve = 0x4000;
    internal const int MapStack = 0x20000;
    internal const int AdviseCollapse = 25;
    internal const uint MemfdCloseOnExec = 1;
    internal const int OpenReadOnly = 0;
    internal const int OpenNonBlocking = 0x800;
    internal const int OpenCloseOnExec = 0x80000;
    internal const int StatEmptyPath = 0x1000;
    internal const uint StatType = 1;

    [LibraryImport("libc", EntryPoint = "memfd_create", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int MemfdCreate(string name, uint flags);

    [LibraryImport("libc", EntryPoint = "ftruncate", SetLastError = true)]
    internal static partial int Truncate(int descriptor, long lengthBytes);

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    internal static partial void* Map(void* address, nuint lengthBytes, int protection, int flags, int descriptor, long offsetBytes);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    internal static partial int Unmap(void* address, nuint lengthBytes);

    [LibraryImport("libc", EntryPoint = "madvise")]
    internal static partial int Advise(void* address, nuint lengthBytes, int advice);

    [LibraryImport("libc", EntryPoint = "mprotect", SetLastError = true)]
    internal static partial int Protect(void* address, nuint lengthBytes, int protection);

    /// <summary>open(2) without a mode: it creates nothing.</summary>
    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int Stat(int folder, string path, int flags, uint mask, byte* stat);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    internal static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "pthread_attr_init")]
    internal static partial int ThreadAttributesInit(void* attributes);

    [LibraryImport("libc", EntryPoint = "pthread_attr_destroy")]
    internal static partial int ThreadAttributesDestroy(void* attributes);

    [LibraryImport("libc", EntryPoint = "pthread_attr_setstack")]
    internal static partial int ThreadAttributesSetStack(void* attributes, void* lowest, nuint lengthBytes);

    /// <summary>pthread_create(3): returns 0 or an errno.</summary>
    [LibraryImport("libc", EntryPoint = "pthread_create")]
    internal static partial int ThreadCreate(
        nuint* thread, void* attributes, delegate* unmanaged<void*, void*> entry, void* argument);

    /// <summary>pthread_join(3): returns 0 or an errno.</summary>
    [LibraryImport("libc", EntryPoint = "pthread_join")]
    internal static partial int ThreadJoin(nuint thread, void** result);

    /// <summary>pthread_getcpuclockid(3): returns 0 or an errno.</summary>
    [LibraryImport("libc", EntryPoint = "pthread_getcpuclockid")]
    internal static partial int ThreadClock(nuint thread, int* clock);

    /// <summary>clock_gettime(2): returns 0 or -1.</summary>
    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    internal static partial int ReadClock(int clock, TimeSpec* time);

    /// <summary>sched_getaffinity(2): returns 0 or -1.</summary>
    [LibraryImport("libc", EntryPoint = "sched_getaffinity")]
    internal static partial int GetAffinity(int thread, nuint maskBytes, ulong* mask);

    /// <summary>pthread_setaffinity_np(3): returns 0 or an errno.</summary>
    [LibraryImport("libc", EntryPoint = "pthread_setaffinity_np")]
    internal static partial int SetThreadAffinity(nuint thread, nuint maskBytes, ulong* mask);

    /// <summary>sched_getcpu(3): a read of the thread's own memory with glibc 2.35 and later.</summary>
    [LibraryImport("libc", EntryPoint = "sched_getcpu")]
    [SuppressGCTransition]
    internal static partial int CurrentCore();

    /// <summary>futex(2) by syscall(2): glibc has no wrapper for it.</summary>
    [LibraryImport("libc", EntryPoint = "syscall")]
    internal static partial long Futex(
        long number, int* word, int operation, int value, TimeSpec* timeout, int* secondWord, int thirdValue);

    /// <summary>ppoll(2).</summary>
    [LibraryImport("libc", EntryPoint = "ppoll")]
    internal static partial int Poll(PollDescriptor* descriptors, nuint count, TimeSpec* timeout, void* signals);

    /// <summary>eventfd(2).</summary>
    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    internal static partial SafeFileHandle MakeEvent(uint start, int flags);

    [LibraryImport("libc", EntryPoint = "read")]
    internal static partial nint Read(SafeFileHandle descriptor, void* data, nuint lengthBytes);

    [LibraryImport("libc", EntryPoint = "write")]
    internal static partial nint Write(SafeFileHandle descriptor, void* data, nuint lengthBytes);

    /// <summary>struct pollfd of poll(2).</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct PollDescriptor
    {
        internal int Descriptor;
        internal short Events;
        internal short Result;
    }

    /// <summary>struct timespec of a 64-bit Linux.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct TimeSpec
    {
        internal long Seconds;
        internal long Nanoseconds;
    }
}
