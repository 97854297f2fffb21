using System.Diagnostics;
using RedLeafSharp.Kernel;
using RedLeafSharp.Tests.Support;
using Xunit;

namespace RedLeafSharp.Tests.Systems;

public sealed class LimitTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("redleaf-limits-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData(2, false)]
    [InlineData(1, true)]
    public void Boot_DomainThatTakesMoreThanItsLimit_IsKilledAndItsPagesAreFreed(int limitMebibytes, bool isKilled)
    {
        const string Hoarder = """
            public sealed class D : IDomain
            {
                readonly Cell<PageBuffer>[] pages = new Cell<PageBuffer>[6];

                public Reply<Unit, DomainError> Start(CallContext context, DomainServices services)
                {
                    for (int i = 0; i < pages.Length; i++)
                    {
                        PageBuffer page = PageBuffer.Allocate(context, 64);
                        pages[i].Put(ref page);
                    }

                    return default(Unit);
                }

                public Reply<Unit, DomainError> Stop(CallContext context) => default(Unit);
            }
            """;
        DomainCompiler.WriteFolder(
            Path.Combine(folder, "Test"), $"name: Test\nentry: D\nlimits: {{exchangeMebibytes: {limitMebibytes}}}\n", Hoarder);
        using var system = new TestSystem(
            SystemDescription.Parse("test.yaml", "domains:\n  - {name: Test}\n"), domainsFolder: folder);

        long start = Stopwatch.GetTimestamp();
        double patienceSeconds = isKilled ? 20 : 0.5;
        bool WasKilled() => system.Log.Any(line => line.StartsWith("202 ", StringComparison.Ordinal)
            && line.Contains("it holds 1572864 bytes of the exchange heap, its limit is 1048576", StringComparison.Ordinal));
        while (!WasKilled() && Stopwatch.GetElapsedTime(start).TotalSeconds < patienceSeconds)
        {
            Thread.Yield();
        }

        Assert.Equal(isKilled, WasKilled());
        system.System.Shutdown();
        Assert.True(
            SpinWait.SpinUntil(
                () => system.System.WaitForReclaims(TimeSpan.FromSeconds(20)) && system.System.Census().TotalBytes == 0,
                TimeSpan.FromSeconds(20)),
            $"{system.System.Census().TotalBytes} bytes are left");
    }
}
