namespace RedLeafSharp.Lab.Faults;

/// <summary>A device that writes where nobody has told it to.</summary>
/// <param name="deaths">How many domains have died.</param>
internal sealed class StrayWrites(Func<int> deaths)
{
    private const int LengthBytes = 64;
    private const byte Pattern = 0xDB;
    private const int PageBytes = 4096;

    private readonly List<(ulong Address, int Deaths)> afterDeath = [];

    /// <summary>The device's own write, through its window: bus address, pattern and length.</summary>
    internal delegate bool Write(ulong busAddress, byte pattern, int lengthBytes);

    /// <summary>Writes into a page of the heap now.</summary>
    internal static void ToPage(long page, Write write) => _ = write((ulong)page * PageBytes, Pattern, LengthBytes);

    /// <summary>Memory that the device has been given is written after the next death.</summary>
    internal void Remember(ulong busAddress) => afterDeath.Add((busAddress, deaths()));

    /// <summary>Writes what somebody has died for since.</summary>
    internal void Strike(Write write)
    {
        foreach ((ulong address, int before) in afterDeath)
        {
            if (deaths() > before)
            {
                _ = write(address, Pattern, LengthBytes);
            }
        }
    }

    /// <summary>What has been written is not written again.</summary>
    internal void ForgetStruck() => _ = afterDeath.RemoveAll(one => deaths() > one.Deaths);
}
