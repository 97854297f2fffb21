using System.Buffers.Binary;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace RedLeafSharp.Tests.Hostile;

/// <summary>Where things lie in an assembly's file, for those who change single bytes of it.</summary>
internal static class Image
{
    private const int TinyHeaderBytes = 1;

    /// <summary>File offset of the first instruction of a method with a tiny header (ECMA-335 II.25.4.2).</summary>
    internal static int CodeOffsetOf(byte[] image, string type, string method)
    {
        using var file = new PEReader([.. image]);
        MetadataReader reader = file.GetMetadataReader();
        MethodDefinition found = reader.MethodDefinitions.Select(reader.GetMethodDefinition).Single(one =>
            reader.StringComparer.Equals(one.Name, method)
            && reader.StringComparer.Equals(reader.GetTypeDefinition(one.GetDeclaringType()).Name, type));
        return OffsetOf(file, found.RelativeVirtualAddress) + TinyHeaderBytes;
    }

    /// <summary>File offset of the metadata root (ECMA-335 II.24.2.1).</summary>
    internal static int MetadataOffset(byte[] image)
    {
        using var file = new PEReader([.. image]);
        return file.PEHeaders.MetadataStartOffset;
    }

    /// <summary>File offset and size of the #~ stream (ECMA-335 II.24.2.6).</summary>
    internal static (int Start, int Length) TableStream(byte[] image)
    {
        int root = MetadataOffset(image);
        int position = root + 16 + BinaryPrimitives.ReadInt32LittleEndian(image.AsSpan(root + 12)) + 4;
        return (root + BinaryPrimitives.ReadInt32LittleEndian(image.AsSpan(position)),
            BinaryPrimitives.ReadInt32LittleEndian(image.AsSpan(position + 4)));
    }

    /// <summary>File offset of the CLI header (ECMA-335 II.25.3.3).</summary>
    internal static int CliHeaderOffset(byte[] image)
    {
        using var file = new PEReader([.. image]);
        return file.PEHeaders.CorHeaderStartOffset;
    }

    /// <summary>File offset of the first row of a table, with the size of a row.</summary>
    internal static (int Start, int RowBytes, int RowCount) Table(byte[] image, TableIndex table)
    {
        using var file = new PEReader([.. image]);
        MetadataReader reader = file.GetMetadataReader();
        return (file.PEHeaders.MetadataStartOffset + reader.GetTableMetadataOffset(table),
            reader.GetTableRowSize(table),
            reader.GetTableRowCount(table));
    }

    /// <summary>A copy with some bytes replaced.</summary>
    internal static byte[] With(byte[] image, int offset, params byte[] bytes)
    {
        byte[] copy = [.. image];
        bytes.CopyTo(copy, offset);
        return copy;
    }

    private static int OffsetOf(PEReader file, int address)
    {
        SectionHeader section = file.PEHeaders.SectionHeaders[file.PEHeaders.GetContainingSectionIndex(address)];
        return address - section.VirtualAddress + section.PointerToRawData;
    }
}
