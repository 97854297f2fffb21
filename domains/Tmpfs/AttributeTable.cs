using RedLeafSharp.Contracts;

namespace RedLeafSharp.Domains.Tmpfs;

/// <summary>The extended attributes of a file, in the order in which they came.</summary>
internal sealed class AttributeTable
{
    private readonly List<(byte[] Name, byte[] Value)> attributes = new();
    private int totalBytes;

    public Reply<int, Errno> Get(ReadOnlySpan<byte> name, Span<byte> value)
    {
        int index = Find(name);
        if (index < 0)
        {
            return Errno.NoData;
        }

        byte[] found = attributes[index].Value;
        if (value.Length > 0 && value.Length < found.Length)
        {
            return Errno.Range;
        }

        if (value.Length > 0)
        {
            found.AsSpan().CopyTo(value);
        }

        return found.Length;
    }

    public Errno Set(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, ExtendedAttributeFlags flags)
    {
        int index = Find(name);
        if (index >= 0 ? (flags & ExtendedAttributeFlags.Create) != 0 : (flags & ExtendedAttributeFlags.Replace) != 0)
        {
            return index >= 0 ? Errno.Exists : Errno.NoData;
        }

        int growth = index >= 0 ? value.Length - attributes[index].Value.Length : name.Length + value.Length;
        if (totalBytes + growth > TmpfsLimits.AttributeBytesMax)
        {
            return Errno.NoSpace;
        }

        totalBytes += growth;
        if (index >= 0)
        {
            attributes[index] = (attributes[index].Name, value.ToArray());
        }
        else
        {
            attributes.Add((name.ToArray(), value.ToArray()));
        }

        return Errno.None;
    }

    public Reply<int, Errno> List(Span<byte> names)
    {
        int length = 0;
        foreach ((byte[] name, byte[] _) in attributes)
        {
            length += name.Length + 1;
        }

        if (names.Length == 0 || names.Length < length)
        {
            return names.Length == 0 ? length : Errno.Range;
        }

        int position = 0;
        foreach ((byte[] name, byte[] _) in attributes)
        {
            name.AsSpan().CopyTo(names[position..]);
            names[position + name.Length] = 0;
            position += name.Length + 1;
        }

        return length;
    }

    public Errno Remove(ReadOnlySpan<byte> name)
    {
        int index = Find(name);
        if (index < 0)
        {
            return Errno.NoData;
        }

        totalBytes -= attributes[index].Name.Length + attributes[index].Value.Length;
        attributes.RemoveAt(index);
        return Errno.None;
    }

    private int Find(ReadOnlySpan<byte> name)
    {
        int index = attributes.Count - 1;
        while (index >= 0 && !name.SequenceEqual(attributes[index].Name))
        {
            index--;
        }

        return index;
    }
}
