using RedLeafSharp.Domains.TcpStack.Tcp;
using Xunit;

namespace RedLeafSharp.Tests.TcpStack;

/// <summary>Sequence numbers wrap: RFC 9293 section 3.4.</summary>
public sealed class SequenceTests
{
    [Fact]
    public void Follow_OverMoreThanTheWholeSpace_StaysBehind()
    {
        const uint Step = 1 << 20;
        uint point = 7;
        uint current = 7;
        for (int count = 0; count < 5_000; count++)
        {
            current += Step;
            point = Sequence.Follow(point, current);
            Assert.True(Sequence.IsBefore(point, current));
        }
    }

    [Fact]
    public void Follow_APointThatIsNearOrAhead_LeavesIt()
    {
        Assert.Equal(5U, Sequence.Follow(5, 6));
        Assert.Equal(9U, Sequence.Follow(9, 6));
        Assert.Equal(uint.MaxValue, Sequence.Follow(uint.MaxValue, 6));
    }
}
