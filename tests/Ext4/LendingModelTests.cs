using RedLeafSharp.Contracts;
using Xunit;

namespace RedLeafSharp.Tests.Ext4;

/// <summary>
/// Random work on files whose pages are lent, beside a model: what a device reads are the file's bytes, and those that the file had last
/// from when the page's block is no longer the file's.
/// </summary>
public sealed class LendingModelTests
{
    private const int Page = LendingRig.Page;
    private const int Files = 6;
    private const int SizeMax = 60 * Page;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void LentPages_RandomWork_KeepTheirBytes(int seed)
    {
        using LendingRig lender = LendingRig.Formatted(12 << 20);
        var world = new World(lender, seed);
        for (int step = 0; step < 2500; step++)
        {
            world.Step();
            world.Check();
        }

        world.End();
        lender.UseCache("pressure");
        Assert.Equal(0, lender.Rig.Cache.LentCount);
        lender.Rig.Unmount();
        Assert.Equal(0, lender.Rig.Thread.Heap.Count(lender.Rig.Context.Self.Value).Blocks);
    }

    /// <summary>A page that is lent: the bytes of a file, from an offset on, or what they were.</summary>
    private sealed class Lent
    {
        internal PageRange Range;
        internal int File;
        internal int Offset;
        internal byte[] Bytes = [];
        internal bool IsFiles = true;
        internal bool IsReturned;
        internal int Mappings;
    }

    private sealed class World(LendingRig lender, int seed)
    {
        private readonly Random random = new(seed);
        private readonly byte[][] contents = [.. Enumerable.Range(0, Files).Select(_ => Array.Empty<byte>())];
        private readonly ulong[] inodes =
            [.. Enumerable.Range(0, Files).Select(file => lender.Rig.MakeFile(Ext4Rig.Root, $"file {file}"))];
        private readonly List<Lent> lent = [];

        internal void Step()
        {
            int file = random.Next(Files);
            switch (random.Next(11))
            {
                case 0 or 1:
                    Write(file);
                    break;
                case 2:
                    SetSize(file, random.Next(3) == 0 ? 0 : random.Next(SizeMax));
                    break;
                case 3:
                    Replace(file);
                    break;
                case 4 or 5:
                    Lend(file);
                    break;
                case 6:
                    Pick(one => !one.IsReturned, Map);
                    break;
                case 7 or 8:
                    Pick(one => !one.IsReturned, Return);
                    break;
                case 9:
                    Pick(one => one.Mappings > 0, Unmap);
                    break;
                default:
                    Assert.Equal(Errno.None, lender.Rig.Fs.Sync(lender.Rig.Context).Error);
                    Assert.Equal(contents[file], lender.Rig.ReadAll(inodes[file]));
                    break;
            }
        }

        internal void Check()
        {
            foreach (Lent one in lent)
            {
                Assert.True(one.Bytes.AsSpan().SequenceEqual(lender.BytesOf(one.Range)), $"file {one.File} at {one.Offset}");
            }

            Assert.InRange(lender.Rig.Cache.LentCount, 0, lender.Rig.Cache.PageCountMax / 4);
        }

        internal void End()
        {
            lent.ForEach(one => lender.Unmap([.. Enumerable.Repeat(one.Range, one.Mappings)]));
            lender.Return([.. lent.Where(one => !one.IsReturned).Select(one => one.Range)]);
            Assert.Equal(0, lender.MappedCount);
            for (int file = 0; file < Files; file++)
            {
                SetSize(file, 0);
            }
        }

        private void Write(int file)
        {
            byte[] data = Ext4Rig.Noise(1 + random.Next(20 * Page), random.Next());
            int offset = random.Next(SizeMax - data.Length);
            lender.Rig.Write(inodes[file], (ulong)offset, data);
            if (contents[file].Length < offset + data.Length)
            {
                Array.Resize(ref contents[file], offset + data.Length);
            }

            data.CopyTo(contents[file], offset);
            Renew(file);
        }

        private void SetSize(int file, int size)
        {
            lender.Rig.SetSize(inodes[file], (ulong)size);
            int old = contents[file].Length;
            Array.Resize(ref contents[file], size);
            foreach (Lent one in lent.Where(one => one.IsFiles && one.File == file && size < old))
            {
                // The rest of the last block is cleared; those behind it are freed as they are.
                one.IsFiles = one.Offset / Page * Page < size;
                if (one.IsFiles && one.Offset + one.Bytes.Length > size)
                {
                    one.Bytes.AsSpan(Math.Max(size - one.Offset, 0)).Clear();
                }
            }

            Renew(file);
        }

        private void Replace(int file)
        {
            Assert.Equal(Errno.None, lender.Rig.TryUnlink(Ext4Rig.Root, $"file {file}"));
            inodes[file] = lender.Rig.MakeFile(Ext4Rig.Root, $"file {file}");
            contents[file] = [];
            lent.ForEach(one => one.IsFiles &= one.File != file);
        }

        private void Lend(int file)
        {
            int offset = random.Next(contents[file].Length + 1);
            var ranges = new PageRange[1 + random.Next(20)];
            Reply<int, Errno> reply = lender.TryLend(inodes[file], (ulong)offset, 1 + random.Next(30 * Page), ranges);
            Assert.True(reply.IsOk || reply.Error == Errno.NotSupported, reply.ToString());
            foreach (PageRange range in ranges.AsSpan(0, reply.Value))
            {
                byte[] bytes = contents[file][offset..(offset + range.LengthBytes)];
                lent.Add(new Lent { Range = range, File = file, Offset = offset, Bytes = bytes });
                offset += range.LengthBytes;
            }
        }

        /// <summary>What is written to a file is in the pages that are lent of it.</summary>
        private void Renew(int file)
        {
            byte[] content = contents[file];
            foreach (Lent one in lent.Where(one => one.IsFiles && one.File == file && one.Offset < content.Length))
            {
                content.AsSpan(one.Offset, Math.Min(one.Bytes.Length, content.Length - one.Offset)).CopyTo(one.Bytes);
            }
        }

        private void Pick(Func<Lent, bool> isMeant, Action<Lent> action)
        {
            Lent[] meant = [.. lent.Where(isMeant)];
            random.Shuffle(meant);
            foreach (Lent one in meant.AsSpan(0, Math.Min(meant.Length, 12)))
            {
                action(one);
                if (one is { IsReturned: true, Mappings: 0 })
                {
                    lent.Remove(one);
                }
            }
        }

        private void Map(Lent one)
        {
            lender.Map(one.Range);
            one.Mappings++;
        }

        private void Unmap(Lent one)
        {
            lender.Unmap(one.Range);
            one.Mappings--;
        }

        private void Return(Lent one)
        {
            lender.Return(one.Range);
            one.IsReturned = true;
        }
    }
}
