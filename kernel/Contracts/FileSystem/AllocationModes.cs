namespace RedLeafSharp.Contracts;

/// <summary>What <see cref="IFileSystem.Allocate"/> does, with the numbers of fallocate(2)'s modes.</summary>
[Flags]
public enum AllocationModes
{
    /// <summary>Reserves space that reads as zeroes, and extends the file to the end of the range.</summary>
    None = 0,

    /// <summary>The size stays, though the range reaches beyond it.</summary>
    KeepSize = 1,

    /// <summary>Makes a hole; only together with <see cref="KeepSize"/>.</summary>
    PunchHole = 2,

    /// <summary>What the range holds becomes zeroes, with space reserved for all of it.</summary>
    ZeroRange = 16,
}
