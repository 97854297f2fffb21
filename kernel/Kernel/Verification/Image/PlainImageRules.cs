using System.Buffers.Binary;
using System.Reflection.PortableExecutable;
using System.Text;
using PEMachine = System.Reflection.PortableExecutable.Machine;

namespace RedLeafSharp.Verification.Image;

/// <summary>
/// The file itself: a PE image of IL and metadata only (ECMA-335 II.25), read in the same way by every reader. Native code, in
/// whatever form, would run unverified.
/// </summary>
internal static class PlainImageRules
{
    /// <summary>ECMA-335 II.24.2.1.</summary>
    private const uint MetadataSignature = 0x424A5342;

    private const int StreamsMax = 8;

    private static readonly string[] Streams = ["#~", "#Strings", "#US", "#GUID", "#Blob"];

    /// <summary>Looks at the headers.</summary>
    /// <returns>Whether the metadata can be read.</returns>
    internal static bool Check(PEReader reader, byte[] image, ViolationLog log)
    {
        PEHeaders headers = reader.PEHeaders;
        if (!reader.HasMetadata || headers.CorHeader is not { } header || headers.PEHeader is not { } optional)
        {
            log.Add(RuleId.NotPlainIL, string.Empty, "not a managed image");
            return false;
        }

        if (NativeParts(headers, optional, header) is { } objection)
        {
            log.Add(RuleId.NotPlainIL, string.Empty, objection);
            return false;
        }

        if (SectionFault(headers, image.Length) is { } sectionFault)
        {
            log.Add(RuleId.Malformed, string.Empty, sectionFault);
            return false;
        }

        if (ResourceRules.FaultOf(headers, image) is { } resourceFault)
        {
            log.Add(RuleId.Malformed, string.Empty, resourceFault);
            return false;
        }

        if (StreamFault(image.AsSpan(headers.MetadataStartOffset, headers.MetadataSize)) is { } streamFault)
        {
            log.Add(RuleId.Malformed, string.Empty, streamFault);
            return false;
        }

        return true;
    }

    private static string? NativeParts(PEHeaders headers, PEHeader optional, CorHeader header)
    {
        if (header.ManagedNativeHeaderDirectory.Size != 0)
        {
            return "a ReadyToRun image: domains are loaded as IL only, publish without PublishReadyToRun";
        }

        if ((header.Flags & CorFlags.ILOnly) == 0 || (header.Flags & CorFlags.NativeEntryPoint) != 0)
        {
            return "a mixed-mode image: domains are loaded as IL only";
        }

        if (header.VtableFixupsDirectory.Size != 0 || header.ExportAddressTableJumpsDirectory.Size != 0
            || header.CodeManagerTableDirectory.Size != 0)
        {
            return "an image with entries for native code";
        }

        if (optional.ExportTableDirectory.Size != 0 || optional.ThreadLocalStorageTableDirectory.Size != 0
            || optional.DelayImportTableDirectory.Size != 0)
        {
            return "an image with native exports, delayed imports or thread-local storage";
        }

        return headers.CoffHeader.Machine is PEMachine.I386 or PEMachine.Amd64 or PEMachine.Arm64
            ? null : $"an image for the machine {headers.CoffHeader.Machine}";
    }

    /// <summary>Sections lie in the file and in memory one after the other: no reader can find different bytes at an address.</summary>
    private static string? SectionFault(PEHeaders headers, int length)
    {
        long memoryEnd = 0;
        long fileEnd = 0;
        foreach (SectionHeader section in headers.SectionHeaders)
        {
            if (section.VirtualAddress < memoryEnd || section.VirtualSize < 0 || section.SizeOfRawData < 0
                || (section.SizeOfRawData > 0 && section.PointerToRawData < fileEnd)
                || (long)section.PointerToRawData + section.SizeOfRawData > length)
            {
                return "sections overlap or lie outside the file";
            }

            memoryEnd = (long)section.VirtualAddress + Math.Max(section.VirtualSize, section.SizeOfRawData);
            fileEnd = Math.Max(fileEnd, (long)section.PointerToRawData + section.SizeOfRawData);
        }

        return null;
    }

    /// <summary>
    /// Each stream once and none but the five of a compiler (ECMA-335 II.24.2.2). Readers differ in which of two streams of the
    /// same name counts.
    /// </summary>
    private static string? StreamFault(ReadOnlySpan<byte> metadata)
    {
        const string Damaged = "damaged metadata header";
        if (metadata.Length < 20 || BinaryPrimitives.ReadUInt32LittleEndian(metadata) != MetadataSignature)
        {
            return Damaged;
        }

        uint versionLength = BinaryPrimitives.ReadUInt32LittleEndian(metadata[12..]);
        if (versionLength > 255 || 20 + versionLength > metadata.Length)
        {
            return Damaged;
        }

        int position = 16 + (int)versionLength;
        int count = BinaryPrimitives.ReadUInt16LittleEndian(metadata[(position + 2)..]);
        position += 4;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (int index = 0; index < Math.Min(count, StreamsMax); index++)
        {
            ReadOnlySpan<byte> header = position + 8 <= metadata.Length ? metadata[(position + 8)..] : default;
            int nameLength = header[..Math.Min(header.Length, 32)].IndexOf((byte)0);
            if (nameLength < 0)
            {
                return Damaged;
            }

            string name = Encoding.ASCII.GetString(header[..nameLength]);
            if (!Streams.Contains(name) || !seen.Add(name))
            {
                return $"the metadata stream '{name}' is there twice, or is none of a compiler's";
            }

            position += 8 + ((nameLength + 4) & ~3);
        }

        return count > StreamsMax ? Damaged : null;
    }
}
