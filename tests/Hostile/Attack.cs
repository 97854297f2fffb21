namespace RedLeafSharp.Tests.Hostile;

/// <summary>What stops an attack, from the outside in.</summary>
internal enum Wall
{
    /// <summary>The files are refused before a line of IL is read: manifest, system file, the runtime's own loader.</summary>
    Loader,

    /// <summary>The binary is refused: the verifier names a rule.</summary>
    Verifier,

    /// <summary>It runs, goes on for ever, and is torn out by a kill from outside: planted safepoints.</summary>
    Rewriter,

    /// <summary>It runs and is answered by a check of the kernel: an error, an exception, a quota.</summary>
    Runtime,
}

/// <summary>One attack: a program of the hostile user, and the wall that must stop it.</summary>
/// <param name="Family">Its class.</param>
/// <param name="Name">Unique.</param>
/// <param name="Tries">What the attacker hopes for, in one sentence.</param>
/// <param name="Wall">The wall that must stop it.</param>
/// <param name="By">
/// The rules that may refuse it, with '/' between them; of a run the name of the exception that its barrier sees, "kill",
/// "quota", "deadline" or "answer" (it is told no and ends by itself). "/" separates what is equally right.
/// </param>
/// <param name="Build">Makes the assembly.</param>
internal sealed record Attack(string Family, string Name, string Tries, Wall Wall, string By, Func<byte[]> Build)
{
    /// <summary>The C# it was compiled from, for the analyzers; null when no compiler would make such IL.</summary>
    internal string? Source { get; init; }

    /// <summary>The entry class.</summary>
    internal string Entry { get; init; } = Guest.Entry;

    /// <summary>Whether it goes on until it is killed from outside, after it has said that it is inside.</summary>
    internal bool IsEndless => By.Split('/').Contains("kill");

    /// <summary>Whether it has no way to say that it is inside: its code runs before it is given a context.</summary>
    internal bool IsSilent { get; init; }

    /// <summary>The same attack where another wall than its class's must stop it.</summary>
    internal Attack At(Wall wall) => this with { Wall = wall };

    /// <summary>Whether an answer counts as a stop.</summary>
    internal bool Admits(string by) => By.Split('/').Contains(by);

    public override string ToString() => $"{Family}: {Name}";
}
