using RedLeafSharp.Kernel.Supervision;
using Xunit;

namespace RedLeafSharp.Tests.Supervision;

public sealed class RestartBudgetTests
{
    private static readonly RestartPolicy Policy = new()
    {
        RestartsMax = 3,
        WindowSeconds = 10,
        BackOffMicros = 100,
        BackOffMicrosMax = 350,
        YoungMicros = 1_000,
    };

    [Fact]
    public void TryRestart_WithinTheWindow_AllowsTheBudgetAndNoMore()
    {
        var budget = new RestartBudget(Policy);

        bool[] answers = [.. Enumerable.Range(0, 4).Select(second => budget.TryRestart(second * 1_000_000L, 5_000, out _))];

        Assert.Equal([true, true, true, false], answers);
    }

    [Fact]
    public void TryRestart_AfterTheWindow_AllowsAgain()
    {
        var budget = new RestartBudget(Policy);
        for (int second = 0; second < 3; second++)
        {
            Assert.True(budget.TryRestart(second * 1_000_000L, 5_000, out _));
        }

        Assert.False(budget.TryRestart(9_900_000, 5_000, out _));
        Assert.True(budget.TryRestart(10_000_001, 5_000, out _));
    }

    [Fact]
    public void TryRestart_DeathsOfOldGenerations_DoNotWait()
    {
        var budget = new RestartBudget(Policy);

        Assert.True(budget.TryRestart(0, 5_000, out long first));
        Assert.True(budget.TryRestart(1, 5_000, out long second));
        Assert.Equal((0, 0), (first, second));
    }

    [Fact]
    public void TryRestart_DeathsOfYoungGenerations_BackOffExponentiallyUpToTheLimit()
    {
        var budget = new RestartBudget(Policy with { RestartsMax = 100 });
        var waits = new List<long>();
        for (int death = 0; death < 6; death++)
        {
            Assert.True(budget.TryRestart(death, 10, out long wait));
            waits.Add(wait);
        }

        Assert.Equal([0, 100, 200, 350, 350, 350], waits);
    }
}
