using RedLeafSharp.Contracts;
using Xunit;

namespace RedLeafSharp.Tests.Posix;

/// <summary>
/// What a file system in memory has lent: bytes by made-up bus addresses, each of which is used once. A range that is returned twice,
/// or read after it was returned, fails the test.
/// </summary>
internal sealed class LentMemory
{
    private readonly Dictionary<ulong, byte[]> lent = [];
    private ulong nextAddress = PageBuffer.PageBytes;

    /// <summary>Answers instead of lending, unless none; gets the offset.</summary>
    internal Func<CallContext, ulong, Errno>? Refuse { get; set; }

    /// <summary>Pages lent at once.</summary>
    internal int RangeCountMax { get; set; } = int.MaxValue;

    /// <summary>Ranges that have not been returned.</summary>
    internal int OutstandingCount => lent.Count;

    /// <summary>Ranges that have ever been lent.</summary>
    internal int Count { get; private set; }

    internal Reply<int, Errno> Lend(CallContext context, byte[] file, ulong offset, int lengthBytes, Span<PageRange> ranges)
    {
        Errno error = Refuse?.Invoke(context, offset) ?? Errno.None;
        if (error != Errno.None)
        {
            return error;
        }

        int count = 0;
        int at = (int)Math.Min(offset, (ulong)file.Length);
        int end = Math.Min(file.Length, at + Math.Min(lengthBytes, file.Length - at));
        while (at < end && count < Math.Min(ranges.Length, RangeCountMax))
        {
            int inPage = at % PageBuffer.PageBytes;
            int length = Math.Min(PageBuffer.PageBytes - inPage, end - at);
            ranges[count] = new PageRange { BusAddress = nextAddress + (ulong)inPage, LengthBytes = length };
            lent.Add(ranges[count].BusAddress, file[at..(at + length)]);
            nextAddress += PageBuffer.PageBytes;
            at += length;
            count++;
        }

        Count += count;
        return count;
    }

    internal Reply<Unit, Errno> Return(ReadOnlySpan<PageRange> ranges)
    {
        foreach (PageRange range in ranges)
        {
            Assert.True(lent.Remove(range.BusAddress, out byte[]? bytes), "a range that is not on loan was returned");
            Assert.Equal(bytes.Length, range.LengthBytes);
        }

        return default(Unit);
    }

    /// <summary>What a device reads.</summary>
    internal byte[] Read(PageRange range)
    {
        Assert.True(lent.TryGetValue(range.BusAddress, out byte[]? bytes), "a device reads what is not on loan");
        return bytes![..range.LengthBytes];
    }
}
