using RedLeafSharp.Contracts;
using FileAttributes = RedLeafSharp.Contracts.FileAttributes;
using FileMode = RedLeafSharp.Contracts.FileMode;

namespace RedLeafSharp.Tests.Posix;

/// <summary>One file of <see cref="MemoryFileSystem"/>.</summary>
internal sealed class MemoryInode
{
    internal FileAttributes Attributes;

    internal byte[] Data { get; set; } = [];

    internal Dictionary<string, ulong> Entries { get; } = [];

    internal ulong Parent { get; set; }

    internal int Holds { get; set; }

    internal uint Type => Attributes.Mode & FileMode.TypeMask;

    internal bool IsDirectory => Type == FileMode.Directory;

    internal FileAttributes Describe()
    {
        FileAttributes attributes = Attributes;
        attributes.SizeBytes = IsDirectory ? 4096 : (ulong)Data.Length;
        attributes.SectorCount = IsDirectory ? 8 : ((ulong)Data.Length + 4095) / 4096 * 8;
        return attributes;
    }

    internal int Read(ulong offset, Span<byte> buffer)
    {
        if (offset >= (ulong)Data.Length)
        {
            return 0;
        }

        int length = Math.Min(buffer.Length, Data.Length - (int)offset);
        Data.AsSpan((int)offset, length).CopyTo(buffer);
        return length;
    }

    internal void Write(ulong offset, ReadOnlySpan<byte> data)
    {
        if ((int)offset + data.Length > Data.Length)
        {
            Resize((int)offset + data.Length);
        }

        data.CopyTo(Data.AsSpan((int)offset));
    }

    internal void Apply(in FileAttributesChange change)
    {
        if (change.Fields.HasFlag(FileAttributeFields.Mode))
        {
            Attributes.Mode = Type | (change.Mode & FileMode.PermissionMask);
        }

        if (change.Fields.HasFlag(FileAttributeFields.UserId))
        {
            Attributes.UserId = change.UserId;
        }

        if (change.Fields.HasFlag(FileAttributeFields.GroupId))
        {
            Attributes.GroupId = change.GroupId;
        }

        if (change.Fields.HasFlag(FileAttributeFields.Size))
        {
            Resize((int)change.SizeBytes);
        }

        if (change.Fields.HasFlag(FileAttributeFields.AccessTime))
        {
            Attributes.AccessTime = change.AccessTime;
        }

        if (change.Fields.HasFlag(FileAttributeFields.ModificationTime))
        {
            Attributes.ModificationTime = change.ModificationTime;
        }
    }

    private void Resize(int length)
    {
        byte[] data = Data;
        Array.Resize(ref data, length);
        Data = data;
    }
}
