using System.Buffers.Binary;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using RedLeafSharp.Safepoints;

namespace RedLeafSharp.Rewriting;

/// <summary>Where in a rewritten image the constants of a generation stand, as offsets into the file.</summary>
/// <param name="Words">The address of the poll word, 8 bytes each.</param>
/// <param name="Limit">The stack limit, 4 bytes.</param>
/// <param name="Armed">The address of the word that says whether faults are armed, 8 bytes; -1 without fault sites.</param>
internal sealed record PatchPoints(IReadOnlyList<int> Words, int Limit, int Armed)
{
    /// <summary>Looks into the planted methods only: elsewhere a domain may have written what it likes.</summary>
    internal static PatchPoints Find(byte[] image)
    {
        using var reader = new PEReader(new MemoryStream(image, writable: false));
        MetadataReader metadata = reader.GetMetadataReader();
        TypeDefinition holder = metadata.TypeDefinitions.Select(metadata.GetTypeDefinition).Single(type =>
            metadata.StringComparer.Equals(type.Name, SafepointSpec.HolderName)
            && metadata.StringComparer.Equals(type.Namespace, SafepointSpec.HolderNamespace));

        Span<byte> word = stackalloc byte[sizeof(long)];
        Span<byte> armed = stackalloc byte[sizeof(long)];
        Span<byte> limit = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt64LittleEndian(word, SafepointSpec.WordPlaceholder);
        BinaryPrimitives.WriteInt64LittleEndian(armed, SafepointSpec.ArmedPlaceholder);
        BinaryPrimitives.WriteInt32LittleEndian(limit, SafepointSpec.LimitPlaceholder);
        var words = new List<int>();
        int limitOffset = -1;
        int armedOffset = -1;
        foreach (MethodDefinitionHandle handle in holder.GetMethods())
        {
            MethodDefinition method = metadata.GetMethodDefinition(handle);
            int address = method.RelativeVirtualAddress;
            switch (metadata.GetString(method.Name))
            {
                case SafepointSpec.CheckStack:
                    limitOffset = Find(reader, image, address, limit);
                    break;
                case SafepointSpec.IsArmed:
                    armedOffset = Find(reader, image, address, armed);
                    break;
                default:
                    words.Add(Find(reader, image, address, word));
                    break;
            }
        }

        return new PatchPoints(words, limitOffset, armedOffset);
    }

    /// <summary>A copy of the image with the constants of one generation.</summary>
    internal byte[] Apply(byte[] image, PollWord word, int stackLimit)
    {
        byte[] copy = [.. image];
        foreach (int offset in Words)
        {
            BinaryPrimitives.WriteInt64LittleEndian(copy.AsSpan(offset), word.Address);
        }

        BinaryPrimitives.WriteInt32LittleEndian(copy.AsSpan(Limit), stackLimit);
        if (Armed >= 0)
        {
            BinaryPrimitives.WriteInt64LittleEndian(copy.AsSpan(Armed), word.ArmedAddress);
        }

        return copy;
    }

    private static int Find(PEReader reader, byte[] image, int address, ReadOnlySpan<byte> placeholder)
    {
        SectionHeader section = reader.PEHeaders.SectionHeaders[reader.PEHeaders.GetContainingSectionIndex(address)];
        int start = address - section.VirtualAddress + section.PointerToRawData;
        int found = image.AsSpan(start, reader.GetMethodBody(address).Size).IndexOf(placeholder);
        return found >= 0 ? start + found : throw new InvalidDataException("a planted method has lost its constant");
    }
}
