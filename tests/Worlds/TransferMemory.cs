using System.Buffers.Binary;
using RedLeafSharp.Machine.Nvme;
using RedLeafSharp.Tests.Machine;
using Xunit;

namespace RedLeafSharp.Tests.Worlds;

/// <summary>
/// Memory for transfers whose PRP entries may be of any shape (NVMe 1.4 section 4.3): pages out of order, an offset in the
/// first, a list that starts anywhere in its page and goes on in another.
/// </summary>
internal sealed class TransferMemory
{
    private const int PageBytes = 4096;
    private const int EntriesPerPage = PageBytes / sizeof(ulong);
    private const byte Canary = 0xA5;

    private readonly NvmeRig rig;
    private readonly ulong[] pages;
    private readonly ulong[] lists;

    internal TransferMemory(NvmeRig rig, int seed, int pageCount = 260)
    {
        this.rig = rig;
        pages = [.. Enumerable.Range(0, pageCount).Select(_ => rig.Map())];
        lists = [rig.Map(), rig.Map(), rig.Map()];
        new Random(seed).Shuffle(pages);
        new Random(seed).Shuffle(lists);
    }

    internal static int BytesMax(int pageCount) => (pageCount - 1) * PageBytes;

    /// <summary>A command that transfers this many bytes, which begin at the offset in the first page.</summary>
    internal SubmissionEntry Command(
        IoOpcode opcode, ulong block, int lengthBytes, int offset, int listEntry = 0, uint flags = 0)
    {
        int pageCount = PageCount(offset, lengthBytes);
        ulong second = pageCount switch
        {
            1 => 0,
            2 => pages[1],
            _ => WriteList(pages.AsSpan(1, pageCount - 1), listEntry),
        };
        return rig.Transfer(opcode, block, lengthBytes / 512, pages[0] + (ulong)offset, second, flags);
    }

    internal void Put(ReadOnlySpan<byte> data, int offset) => Walk(offset, data.Length, data, (page, part) => part.CopyTo(page));

    /// <summary>The bytes of a transfer; those around them must be as <see cref="Clear"/> has left them.</summary>
    internal byte[] Take(int lengthBytes, int offset)
    {
        byte[] data = new byte[lengthBytes];
        int done = 0;
        Walk(offset, lengthBytes, data, (page, _) =>
        {
            page.CopyTo(data.AsSpan(done));
            done += page.Length;
        });
        int end = (offset + lengthBytes) % PageBytes;
        bool isWhole = !rig.Bytes(pages[0], offset).ContainsAnyExcept(Canary)
            && (end == 0 || !rig.Bytes(pages[PageCount(offset, lengthBytes) - 1] + (ulong)end, PageBytes - end).ContainsAnyExcept(Canary));
        Assert.True(isWhole, $"a transfer of {lengthBytes} bytes at {offset} has touched the bytes around it");
        return data;
    }

    internal void Clear(int lengthBytes, int offset)
    {
        for (int page = 0; page < PageCount(offset, lengthBytes); page++)
        {
            rig.Bytes(pages[page], PageBytes).Fill(Canary);
        }
    }

    private static int PageCount(int offset, int lengthBytes) => (offset + lengthBytes + PageBytes - 1) / PageBytes;

    private ulong WriteList(ReadOnlySpan<ulong> entries, int firstEntry)
    {
        ulong start = lists[0] + (ulong)(firstEntry * sizeof(ulong));
        int list = 0;
        int at = firstEntry;
        for (int index = 0; index < entries.Length; index++)
        {
            if (at == EntriesPerPage - 1 && index < entries.Length - 1)
            {
                Write(lists[list], at, lists[list + 1]);
                list++;
                at = 0;
            }

            Write(lists[list], at++, entries[index]);
        }

        return start;
    }

    private void Write(ulong list, int entry, ulong value) =>
        BinaryPrimitives.WriteUInt64LittleEndian(rig.Bytes(list + (ulong)(entry * sizeof(ulong)), sizeof(ulong)), value);

    private delegate void Part(Span<byte> page, ReadOnlySpan<byte> data);

    private void Walk(int offset, int lengthBytes, ReadOnlySpan<byte> data, Part part)
    {
        int inPage = offset;
        for (int page = 0, done = 0; done < lengthBytes; page++)
        {
            int count = Math.Min(PageBytes - inPage, lengthBytes - done);
            part(rig.Bytes(pages[page] + (ulong)inPage, count), data.Slice(done, count));
            done += count;
            inPage = 0;
        }
    }
}
