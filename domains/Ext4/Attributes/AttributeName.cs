using RedLeafSharp.Contracts;
using Spec = RedLeafSharp.Domains.Ext4.AttributeSpec;

namespace RedLeafSharp.Domains.Ext4;

/// <summary>The name of an extended attribute as the disk has it: a number for the prefix, and the rest.</summary>
internal readonly ref struct AttributeName
{
    private AttributeName(byte index, ReadOnlySpan<byte> rest)
    {
        Index = index;
        Rest = rest;
    }

    internal byte Index { get; }

    internal ReadOnlySpan<byte> Rest { get; }

    internal bool IsAccessList => Index is Spec.IndexAccessList or Spec.IndexDefaultAccessList;

    /// <summary>Reads a name such as "user.mime".</summary>
    internal static Errno Parse(ReadOnlySpan<byte> text, out AttributeName name)
    {
        name = default;
        if (text.IsEmpty || text.Length > Spec.NameBytesMax)
        {
            return Errno.Range;
        }

        foreach (byte index in (ReadOnlySpan<byte>)[Spec.IndexUser, Spec.IndexTrusted, Spec.IndexSecurity])
        {
            if (text.StartsWith(Prefix(index)))
            {
                name = new AttributeName(index, text[Prefix(index).Length..]);
                return name.Rest.IsEmpty || name.Rest.Contains((byte)0) ? Errno.InvalidArgument : Errno.None;
            }
        }

        foreach (byte index in (ReadOnlySpan<byte>)[Spec.IndexAccessList, Spec.IndexDefaultAccessList])
        {
            if (text.SequenceEqual(Prefix(index)))
            {
                name = new AttributeName(index, default);
                return Errno.None;
            }
        }

        return Errno.NotSupported;
    }

    /// <summary>What stands before the rest of a name; empty for a number that is not known.</summary>
    internal static ReadOnlySpan<byte> Prefix(byte index) => index switch
    {
        Spec.IndexUser => "user."u8,
        Spec.IndexAccessList => "system.posix_acl_access"u8,
        Spec.IndexDefaultAccessList => "system.posix_acl_default"u8,
        Spec.IndexTrusted => "trusted."u8,
        Spec.IndexSecurity => "security."u8,
        _ => default,
    };

    /// <summary>The order of the entries in a block: by prefix, by length, by bytes.</summary>
    internal int CompareTo(byte index, ReadOnlySpan<byte> rest)
    {
        int order = Index.CompareTo(index);
        order = order != 0 ? order : Rest.Length.CompareTo(rest.Length);
        return order != 0 ? order : Rest.SequenceCompareTo(rest);
    }
}
