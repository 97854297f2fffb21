using RedLeafSharp.Kernel.Supervision;
using Xunit;

namespace RedLeafSharp.Tests.Supervision;

public sealed class RecordLogTests
{
    [Fact]
    public void Add_BeyondTheBound_DropsTheOldest()
    {
        var log = new RecordLog<int>();
        for (int i = 0; i < RecordLog<int>.CountMax + 3; i++)
        {
            Assert.Equal(i, log.Add(i));
        }

        Assert.Equal(RecordLog<int>.CountMax, log.Kept.Length);
        Assert.Equal((3, RecordLog<int>.CountMax + 2), (log.Kept[0], log.Kept[^1]));
    }

    [Fact]
    public void Replace_ARecord_ChangesItUnlessItHasGone()
    {
        var log = new RecordLog<string>();
        long first = log.Add("a"), second = log.Add("b");
        log.Replace(second, "c");
        Assert.Equal(["a", "c"], log.Kept);

        for (int i = 0; i < RecordLog<string>.CountMax - 1; i++)
        {
            log.Add("d");
        }

        log.Replace(first, "e");
        Assert.Equal(("c", "d"), (log.Kept[0], log.Kept[1]));
    }
}
