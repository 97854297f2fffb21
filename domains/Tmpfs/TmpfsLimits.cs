namespace RedLeafSharp.Domains.Tmpfs;

/// <summary>Every bound of the file system, with its reason.</summary>
internal static class TmpfsLimits
{
    /// <summary>Pages of 4 KiB: what holes and space are counted in, as on Linux.</summary>
    public const int PageShift = 12;

    public const int PageBytes = 1 << PageShift;

    /// <summary>Unless told otherwise: enough for scratch files, little beside what the process has.</summary>
    public const long MebibytesDefault = 256;

    /// <summary>64 GiB: more than a process of the host gets.</summary>
    public const long MebibytesMax = 64 * 1024;

    public const long InodesDefault = 100_000;

    /// <summary>What a dictionary holds with ease.</summary>
    public const long InodesMax = 10_000_000;

    /// <summary>NAME_MAX.</summary>
    public const int NameBytesMax = 255;

    /// <summary>Names of one file, as ext4 has it.</summary>
    public const uint LinkCountMax = 65_000;

    /// <summary>Largest file: offsets are 63 bits wide, and a page must not end beyond.</summary>
    public const ulong FileBytesMax = long.MaxValue - PageBytes + 1;

    /// <summary>Names and values of one file's extended attributes. Linux's limit for one value.</summary>
    public const int AttributeBytesMax = 65_536;

    /// <summary>How old a time of access may become before a read renews it, as Linux's relatime.</summary>
    public const long AccessTimeSeconds = 86_400;
}
