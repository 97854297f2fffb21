using System.Buffers.Binary;
using System.Numerics;

namespace RedLeafSharp.Domains.Ext4;

/// <summary>
/// The names looked up last, those among them that are missing: what a path needs again is not searched for in the blocks of
/// its directory. <see cref="Directories"/> alone reads and changes it, in the operation that changes the directory, so that
/// an entry is right for as long as it is here.
/// </summary>
/// <remarks>
/// A name is kept with the place of its entry. A split moves entries of a block elsewhere; it has the block counted in
/// <see cref="NoteMoved"/>, after which places in it are not trusted. Names and inodes are right all the same.
/// </remarks>
internal sealed class NameCache
{
    /// <summary>Longer names are not kept: nearly all are shorter, and each takes so many bytes.</summary>
    private const int NameBytesMax = 48;

    /// <summary>A name can be in so many places.</summary>
    private const int Ways = 4;

    private const int MovedMask = 4095;

    private readonly CachedName[] entries;
    private readonly byte[] names;
    private readonly uint[] moves = new uint[MovedMask + 1];
    private readonly int setMask;
    private uint turn;

    /// <param name="countMax">How many names are kept; a power of two.</param>
    internal NameCache(int countMax)
    {
        entries = new CachedName[countMax];
        names = new byte[countMax * NameBytesMax];
        setMask = (countMax / Ways) - 1;
    }

    /// <summary>Looks a name up.</summary>
    /// <param name="directory">Number of the directory's inode.</param>
    /// <param name="name">The name.</param>
    /// <param name="place">Where it was when it was last seen; inode 0 says that the directory does not have it.</param>
    /// <param name="isPlaceKnown">Whether the entry is still in that place, if its block is still what it was.</param>
    internal bool TryFind(uint directory, ReadOnlySpan<byte> name, out DirectoryPlace place, out bool isPlaceKnown)
    {
        uint hash = Hash(directory, name);
        int index = Find(directory, name, hash);
        if (index < 0)
        {
            place = default;
            isPlaceKnown = false;
            return false;
        }

        ref readonly CachedName entry = ref entries[index];
        place = new DirectoryPlace(entry.Block, entry.Offset, entry.Inode);
        isPlaceKnown = entry.Inode != 0 && entry.Moves == moves[entry.Block & MovedMask];
        return true;
    }

    /// <summary>Notes where a name is, or with inode 0 that it is missing.</summary>
    internal void Put(uint directory, ReadOnlySpan<byte> name, DirectoryPlace place)
    {
        if (name.Length > NameBytesMax)
        {
            return;
        }

        uint hash = Hash(directory, name);
        int index = Find(directory, name, hash);
        if (index < 0)
        {
            index = ((int)(hash & setMask) * Ways) + FreeWay(hash);
            name.CopyTo(names.AsSpan(index * NameBytesMax));
        }

        entries[index] = new CachedName
        {
            Directory = directory,
            Hash = hash,
            Length = (byte)name.Length,
            Inode = place.Inode,
            Block = place.Block,
            Offset = (ushort)place.Offset,
            Moves = moves[place.Block & MovedMask],
        };
    }

    /// <summary>Entries of a block are elsewhere from now on, in it or in another one.</summary>
    internal void NoteMoved(ulong block) => moves[block & MovedMask]++;

    private int Find(uint directory, ReadOnlySpan<byte> name, uint hash)
    {
        int first = (int)(hash & setMask) * Ways;
        for (int index = first; index < first + Ways; index++)
        {
            ref readonly CachedName entry = ref entries[index];
            if (entry.Hash == hash && entry.Directory == directory && entry.Length == name.Length
                && names.AsSpan(index * NameBytesMax, entry.Length).SequenceEqual(name))
            {
                return index;
            }
        }

        return -1;
    }

    private int FreeWay(uint hash)
    {
        int first = (int)(hash & setMask) * Ways;
        for (int way = 0; way < Ways; way++)
        {
            if (entries[first + way].Directory == 0)
            {
                return way;
            }
        }

        return (int)(++turn % Ways);
    }

    /// <summary>Eight bytes a step; the multiplication spreads what a checksum leaves in few bits of short names.</summary>
    private static uint Hash(uint directory, ReadOnlySpan<byte> name)
    {
        uint crc = BitOperations.Crc32C(directory, (uint)name.Length);
        while (name.Length >= sizeof(ulong))
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(name));
            name = name[sizeof(ulong)..];
        }

        foreach (byte value in name)
        {
            crc = BitOperations.Crc32C(crc, value);
        }

        return (crc * 0x9E3779B1) >> 7 ^ crc;
    }

    private struct CachedName
    {
        /// <summary>0 where no name is kept.</summary>
        internal uint Directory;
        internal uint Hash;
        internal uint Inode;
        internal uint Moves;
        internal ulong Block;
        internal ushort Offset;
        internal byte Length;
    }
}
