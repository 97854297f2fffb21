using System.Buffers.Binary;
using System.Reflection.PortableExecutable;

namespace RedLeafSharp.Verification.Image;

/// <summary>
/// Native resources: the runtime has no use for a domain's, but the rewriter's library moves them, and follows their directories by
/// recursion (PE format, the .rsrc section: directories of entries, of which each leads to a directory or to data).
/// </summary>
internal static class ResourceRules
{
    private const string SectionName = ".rsrc";
    private const uint IsDirectory = 0x8000_0000;
    private const int CountsAt = 12, EntriesAt = 16, EntryBytes = 8;

    /// <summary>Compilers nest type, name and language.</summary>
    private const int DepthMax = 8;

    /// <summary>A compiler has a version and a manifest.</summary>
    private const int EntriesMax = 4096;

    /// <summary>What is wrong with them, or null.</summary>
    internal static string? FaultOf(PEHeaders headers, ReadOnlySpan<byte> image)
    {
        foreach (SectionHeader section in headers.SectionHeaders)
        {
            int left = EntriesMax;
            if (section is { Name: SectionName, SizeOfRawData: > 0 }
                && !IsTree(image.Slice(section.PointerToRawData, section.SizeOfRawData), 0, DepthMax, ref left))
            {
                return $"native resources that contain themselves, nest more than {DepthMax} deep, or have more than {EntriesMax} entries";
            }
        }

        return null;
    }

    private static bool IsTree(ReadOnlySpan<byte> section, long position, int depthLeft, ref int entriesLeft)
    {
        if (depthLeft == 0 || position + EntriesAt > section.Length)
        {
            return false;
        }

        ReadOnlySpan<byte> directory = section[(int)position..];
        int count = BinaryPrimitives.ReadUInt16LittleEndian(directory[CountsAt..])
            + BinaryPrimitives.ReadUInt16LittleEndian(directory[(CountsAt + sizeof(ushort))..]);
        entriesLeft -= count;
        if (entriesLeft < 0 || directory.Length < EntriesAt + (count * EntryBytes))
        {
            return false;
        }

        for (int i = 0; i < count; i++)
        {
            uint leadsTo = BinaryPrimitives.ReadUInt32LittleEndian(directory[(EntriesAt + (i * EntryBytes) + sizeof(uint))..]);
            if ((leadsTo & IsDirectory) != 0 && !IsTree(section, leadsTo & ~IsDirectory, depthLeft - 1, ref entriesLeft))
            {
                return false;
            }
        }

        return true;
    }
}
