namespace RedLeafSharp.Cli.Doctor;

/// <summary>A load context that has been unloaded and is still in memory.</summary>
/// <param name="Name">The domain's entry class.</param>
/// <param name="Allocator">Address of the object that lives as long as the context's code.</param>
internal sealed record HeldContext(string Name, ulong Allocator)
{
    private readonly List<Pin> pins = [];

    /// <summary>What holds it, nearest to a root first. None: the next collections free it.</summary>
    internal IReadOnlyList<Pin> Pins => pins;

    /// <summary>There are more pins than are kept.</summary>
    internal bool HasMore { get; private set; }

    internal void Add(Pin pin)
    {
        if (pins.Count < DoctorLimits.PinsPerContextMax)
        {
            pins.Add(pin);
        }
        else
        {
            HasMore = true;
        }
    }
}
