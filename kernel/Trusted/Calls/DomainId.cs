namespace RedLeafSharp;

/// <summary>
/// Names one generation of one domain. Ids are never reused within a system; a restarted domain has a new one.
/// </summary>
/// <param name="Value">0 means no domain, 1 the kernel.</param>
public readonly record struct DomainId(uint Value)
{
    /// <summary>The kernel itself.</summary>
    public static readonly DomainId Kernel = new(1);

    /// <inheritdoc/>
    public override string ToString() => $"#{Value}";
}
