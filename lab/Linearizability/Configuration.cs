namespace RedLeafSharp.Lab.Linearizability;

/// <summary>Which operations have been put in order, and the value that this left.</summary>
internal readonly struct Configuration : IEquatable<Configuration>
{
    private readonly ulong[] done;
    private readonly string? state;

    /// <param name="done">A bit for each operation; not copied, and not to be changed afterwards.</param>
    /// <param name="state">The value.</param>
    internal Configuration(ulong[] done, string? state)
    {
        this.done = done;
        this.state = state;
    }

    public bool Equals(Configuration other) => state == other.state && done.AsSpan().SequenceEqual(other.done);

    public override bool Equals(object? obj) => obj is Configuration other && Equals(other);

    public override int GetHashCode()
    {
        var hash = default(HashCode);
        foreach (ulong word in done)
        {
            hash.Add(word);
        }

        hash.Add(state);
        return hash.ToHashCode();
    }
}
