using System.Diagnostics;
using System.Runtime.InteropServices;

namespace RedLeafSharp.Tests.Support;

/// <summary>Whether this machine lets a process trace its child: containers and security modules may refuse it.</summary>
internal static class Ptrace
{
    /// <summary>PTRACE_SEIZE of linux/ptrace.h: attaches without stopping.</summary>
    private const int Seize = 0x4206;

    /// <summary>PR_SET_PTRACER of linux/prctl.h.</summary>
    private const int SetPtracer = 0x59616d61;

    /// <summary>PR_SET_PTRACER_ANY.</summary>
    private const nint AnyTracer = -1;

    /// <summary>Lets others than its parent trace this process, which is otherwise refused where kernel.yama.ptrace_scope is 1.</summary>
    internal static void AllowAny() => _ = Control(SetPtracer, AnyTracer, 0, 0, 0);

    internal static bool Probe()
    {
        using Process child = Process.Start("sleep", "60");
        bool isAllowed = Request(Seize, child.Id, 0, 0) == 0;
        child.Kill();
        return isAllowed;
    }

    [DllImport("libc", EntryPoint = "prctl")]
    private static extern int Control(int option, nint argument, nint third, nint fourth, nint fifth);

    [DllImport("libc", EntryPoint = "ptrace")]
    private static extern nint Request(int request, int pid, nint address, nint data);
}
