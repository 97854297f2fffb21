using System.Runtime.InteropServices;

namespace RedLeafSharp.Safepoints;

/// <summary>
/// The word that the code of one generation reads at each of its safepoints. Native, so that its address can be a constant
/// of the code.
/// </summary>
/// <remarks>
/// Whoever keeps this object keeps the word. The load context of the generation does, and the runtime keeps that as long as
/// code of the context can run: the word is freed after the code.
/// </remarks>
internal sealed unsafe class PollWord
{
    /// <summary>Where the second word is: an int behind the first.</summary>
    private const int ArmedIndex = 1;

    /// <summary>A line of its own: a neighbour that is written to would slow down every loop that polls here.</summary>
    private const int Bytes = 64;

    private readonly int* word;

    internal PollWord()
    {
        // SAFETY: freed once, by the finalizer.
        word = (int*)NativeMemory.AlignedAlloc(Bytes, Bytes);
        word[0] = word[ArmedIndex] = 0;
    }

    ~PollWord() => NativeMemory.AlignedFree(word);

    /// <summary>What is patched into the code.</summary>
    internal long Address => (long)word;

    /// <summary>The address of a second word, read where others call into code that has fault sites.</summary>
    internal long ArmedAddress => (long)(word + ArmedIndex);

    /// <summary>Whether the code is to run with its fault sites, from the next call into it on. Any thread may set it.</summary>
    internal bool IsArmed
    {
        get
        {
            // SAFETY: as in IsRaised.
            bool isArmed = Volatile.Read(ref word[ArmedIndex]) != 0;
            GC.KeepAlive(this);
            return isArmed;
        }

        set
        {
            // SAFETY: as in IsRaised.
            Volatile.Write(ref word[ArmedIndex], value ? 1 : 0);
            GC.KeepAlive(this);
        }
    }

    internal bool IsRaised
    {
        get
        {
            // SAFETY: the word is freed by the finalizer, and this object is alive.
            bool isRaised = Volatile.Read(ref *word) != 0;
            GC.KeepAlive(this);
            return isRaised;
        }
    }

    /// <summary>Sends every thread that polls here to the scheduler, from its next poll on. Any thread may call it.</summary>
    internal void Raise() => Write(1);

    /// <summary>Lets threads pass again. The one who lowers has to know that nobody else wants it raised.</summary>
    internal void Lower() => Write(0);

    private void Write(int value)
    {
        // SAFETY: as in IsRaised.
        Volatile.Write(ref *word, value);
        GC.KeepAlive(this);
    }
}
