using RedLeafSharp.Native;

namespace RedLeafSharp.Scheduling;

/// <summary>Which cores threads may run on.</summary>
internal static unsafe class Cores
{
    /// <summary>No core in particular.</summary>
    internal const int Any = -1;

    // As large as cpu_set_t of sched_setaffinity(2): 1,024 cores.
    private const int MaskWords = 16;
    private const nuint MaskBytes = MaskWords * sizeof(ulong);

    private static readonly ulong[] allowed = ReadAllowed();

    /// <summary>The core that the calling thread runs on now.</summary>
    internal static int Current => Linux.CurrentCore();

    /// <summary>Lets a thread run on one core only, or on all that the process was started with.</summary>
    /// <param name="thread">Of pthread_create(3), not joined yet.</param>
    /// <param name="core">The core, or <see cref="Any"/>.</param>
    /// <returns>Whether the system allows it.</returns>
    internal static bool Restrict(nuint thread, int core)
    {
        ulong* mask = stackalloc ulong[MaskWords];
        var words = new Span<ulong>(mask, MaskWords);
        allowed.CopyTo(words);
        if (core != Any)
        {
            words.Clear();
            words[core / 64 % MaskWords] = 1UL << (core % 64);
        }

        // SAFETY: the mask is as long as said.
        return Linux.SetThreadAffinity(thread, MaskBytes, mask) == 0;
    }

    private static ulong[] ReadAllowed()
    {
        ulong* mask = stackalloc ulong[MaskWords];
        var words = new Span<ulong>(mask, MaskWords);
        words.Clear();

        // SAFETY: the mask is as long as said. The first thread of the process has its number; nobody ties that one to a core.
        if (Linux.GetAffinity(Environment.ProcessId, MaskBytes, mask) < 0)
        {
            words.Fill(ulong.MaxValue);
        }

        return words.ToArray();
    }
}
