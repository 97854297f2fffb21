using RedLeafSharp.Kernel;
using Xunit;

namespace RedLeafSharp.Tests.Systems;

/// <summary>Counts threads of the whole process, so no other test may run meanwhile.</summary>
[CollectionDefinition(nameof(FailedBootTests), DisableParallelization = true)]
[Collection(nameof(FailedBootTests))]
public sealed class FailedBootTests
{
    [Fact]
    public void Boot_Fails_LeavesNoThreadBehind()
    {
        string image = Path.Combine(Path.GetTempPath(), "redleaf-no-such-folder", "none.img");
        HashSet<string> before = KernelThreads();
        for (int round = 0; round < 5; round++)
        {
            Assert.Throws<BootException>(() => new TestSystem(disk: image));
        }

        // A thread that has been joined may be listed for a moment more; one that was left behind stays for ever.
        long patienceEnd = Environment.TickCount64 + 10_000;
        while (KernelThreads().Except(before).Any() && Environment.TickCount64 < patienceEnd)
        {
            Thread.Yield();
        }

        Assert.Empty(KernelThreads().Except(before));
    }

    /// <summary>The threads of systems, by number: those of earlier tests may be ending meanwhile.</summary>
    private static HashSet<string> KernelThreads() =>
        [.. Directory.GetDirectories("/proc/self/task").Where(task => Read(Path.Combine(task, "comm")) is var name
            && (name.StartsWith("redleaf-", StringComparison.Ordinal) || name.StartsWith("executor-", StringComparison.Ordinal)))];

    private static string Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (IOException)
        {
            return string.Empty;
        }
    }
}
