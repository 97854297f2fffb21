using Xunit;

namespace RedLeafSharp.Tests.TcpStack;

/// <summary>Whole transfers between two stacks over links that lose, delay, reorder, duplicate and corrupt.</summary>
public sealed class TransferTests
{
    [Fact]
    public void Transfer_CleanLink_IsExactAndTakesFewRoundTrips()
    {
        using var network = new SimulatedNetwork(new LinkFaults(), seed: 1);
        TimeSpan elapsed = Transfer.Run(network, 1_000_000, seed: 1);
        Assert.InRange(elapsed, TimeSpan.FromMilliseconds(60), TimeSpan.FromMilliseconds(1000));
        network.Left.AssertNoLeak();
        network.Right.AssertNoLeak();
    }

    [Theory]
    [InlineData(0.01, 0, 0, 0)]
    [InlineData(0.05, 0, 0, 0)]
    [InlineData(0.20, 0, 0, 0)]
    [InlineData(0.30, 0, 0, 0)]
    [InlineData(0, 0.2, 0, 0)]
    [InlineData(0, 0, 0.3, 0)]
    [InlineData(0, 0, 0, 0.02)]
    [InlineData(0.05, 0.05, 0.1, 0.01)]
    public void Transfer_BadLink_IsExact(double loss, double duplication, double reordering, double corruption)
    {
        for (int seed = 1; seed <= 3; seed++)
        {
            using var network = new SimulatedNetwork(new LinkFaults(loss, duplication, reordering, corruption), seed);
            Transfer.Run(network, 100_000, seed);
            network.Left.AssertNoLeak();
            network.Right.AssertNoLeak();
        }
    }

    [Theory]
    [InlineData(0, 0, 0, 0)]
    [InlineData(0.10, 0, 0, 0)]
    [InlineData(0.05, 0.05, 0.1, 0.01)]
    public void Transfer_OverIpv6_IsExact(double loss, double duplication, double reordering, double corruption)
    {
        using var network = new SimulatedNetwork(new LinkFaults(loss, duplication, reordering, corruption), seed: 5, isV6: true);
        Transfer.Run(network, 200_000, seed: 5);
        network.Left.AssertNoLeak();
        network.Right.AssertNoLeak();
    }

    /// <summary>One in seven of all combinations; which, changes from loss to loss.</summary>
    [Fact]
    public void Transfer_CombinationsOfFaults_AreExact()
    {
        int number = 0;
        foreach (LinkFaults faults in BadNetworks.All.Where(_ => number++ % 7 == 0))
        {
            _ = BadNetworks.Run(faults, 60_000, seed: number);
        }
    }

    [Fact]
    public void Transfer_SameSeed_TakesTheSameTime()
    {
        TimeSpan[] elapsed = new TimeSpan[2];
        for (int round = 0; round < 2; round++)
        {
            using var network = new SimulatedNetwork(new LinkFaults(Loss: 0.1, Reordering: 0.1), seed: 5);
            elapsed[round] = Transfer.Run(network, 50_000, seed: 5);
        }

        Assert.Equal(elapsed[0], elapsed[1]);
    }

    [Fact]
    public void Transfer_WithNewReno_IsExact()
    {
        using var network = new SimulatedNetwork(new LinkFaults(Loss: 0.05), seed: 9);
        network.Left.Stack.Tcp.UsesCubic = false;
        network.Right.Stack.Tcp.UsesCubic = false;
        Transfer.Run(network, 200_000, seed: 9);
        network.Left.AssertNoLeak();
    }
}
