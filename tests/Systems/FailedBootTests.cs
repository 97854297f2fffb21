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
        Assert.Throws<BootException>(() => new TestSystem(disk: image));
        int before = CountThreads();
        for (int round = 0; round < 5; round++)
        {
            Assert.Throws<BootException>(() => new TestSystem(disk: image));
        }

        Assert.Equal(before, CountThreads());
    }

    private static int CountThreads() =>
        Directory.GetDirectories("/proc/self/task")
            .Count(task => Read(Path.Combine(task, "comm")) is var name
                && (name.StartsWith("redleaf-", StringComparison.Ordinal) || name.StartsWith("executor-", StringComparison.Ordinal)));

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
