using RedLeafSharp.Cli.Host;
using RedLeafSharp.Kernel;
using RedLeafSharp.Tests.Support;
using Xunit;

namespace RedLeafSharp.Tests.Systems;

/// <summary>
/// A tree of more than 5,000 files and 60 MB goes through the whole path while the disk's driver dies again and again; Linux
/// is the judge of what arrives.
/// </summary>
public sealed class LargeTreeTests : IDisposable
{
    private const int FileCount = 5_200;
    private const int DeathsWanted = 200;

    private readonly string folder = Directory.CreateTempSubdirectory("redleaf-tree-").FullName;
    private readonly string source;
    private readonly string image;
    private readonly string mountPoint;

    public LargeTreeTests()
    {
        source = Path.Combine(folder, "source");
        image = Path.Combine(folder, "disk.img");
        mountPoint = Directory.CreateDirectory(Path.Combine(folder, "mnt")).FullName;
        using FileStream file = File.Create(image);
        file.SetLength(512L << 20);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [FactNeeding(Need.E2fsprogs | Need.LoopMount)]
    public void Copy_WhileTheDriverDies200Times_IsWhatLinuxReads()
    {
        Assert.True(MakeTree() >= 60_000_000);
        using (var system = new TestSystem(TestSystem.WithRestarts(100_000, standbyCount: 6), image, format: true, crashSites: true))
        {
            using (new Saboteur(system.System))
            {
                HostProcess.Run(system.System, "import", files => new TreeImport(files).Copy(source, "/source"));
                int copies = 0;
                do
                {
                    (int status, string output) = system.Shell("rm -rf /copy && cp -r /source /copy && sync");
                    Assert.True(status == 0, output);
                    copies++;
                }
                while (system.System.Restarts.Count < DeathsWanted && copies < 50);
            }

            Assert.True(system.System.Restarts.Count >= DeathsWanted, $"{system.System.Restarts.Count} deaths");
            system.System.Shutdown();
            Assert.True(system.System.WaitForReclaims(TimeSpan.FromSeconds(60)));
            Assert.All(system.System.Reclaims, record => Assert.Equal((true, 0L), (record.IsCollected, record.ExchangeBytesLeft)));
        }

        AssertTool("e2fsck", "-fn", image);
        AssertTool("mount", "-o", "loop,ro", image, mountPoint);
        try
        {
            AssertTool("diff", "-r", "--no-dereference", source, Path.Combine(mountPoint, "source"));
            AssertTool("diff", "-r", "--no-dereference", source, Path.Combine(mountPoint, "copy"));
        }
        finally
        {
            Outside.Unmount(mountPoint);
        }
    }

    [FactNeeding(Need.E2fsprogs | Need.LoopMount)]
    public void Export_OfAnImageFilledByLinux_IsTheSameTree()
    {
        Assert.True(MakeTree() >= 60_000_000);
        AssertTool("mkfs.ext4", "-q", "-F", image);
        AssertTool("mount", "-o", "loop", image, mountPoint);
        try
        {
            AssertTool("cp", "-a", source, Path.Combine(mountPoint, "source"));
        }
        finally
        {
            Outside.Unmount(mountPoint);
        }

        string target = Path.Combine(folder, "target");
        using (var system = new TestSystem(disk: image))
        {
            HostProcess.Run(system.System, "export", files => new TreeExport(files).Copy("/source", target));
            system.System.Shutdown();
        }

        AssertTool("e2fsck", "-fn", image);
        AssertTool("diff", "-r", "--no-dereference", source, target);
    }

    private static void AssertTool(string tool, params string[] arguments)
    {
        (int status, string output) = Outside.Run(tool, arguments);
        Assert.True(status == 0, $"{tool} {string.Join(' ', arguments)}: status {status}: {output}");
    }

    /// <summary>Mostly small files, as in a source tree, some of a megabyte, empty ones and links. Returns the bytes.</summary>
    private long MakeTree()
    {
        var random = new Random(5);
        var buffer = new byte[1 << 20];
        long total = 0;
        for (int index = 0; index < FileCount; index++)
        {
            string parent = Path.Combine(source, $"d{index % 13}", $"e{index % 131}");
            Directory.CreateDirectory(parent);
            int length = index % 97 == 0 ? buffer.Length : index % 31 == 0 ? 0 : random.Next(4_000);
            random.NextBytes(buffer.AsSpan(0, length));
            File.WriteAllBytes(Path.Combine(parent, $"file {index}"), buffer.AsSpan(0, length));
            total += length;
            if (index % 101 == 0)
            {
                File.CreateSymbolicLink(Path.Combine(parent, $"link {index}"), $"file {index}");
            }
        }

        return total;
    }

    /// <summary>Makes the driver throw at a random point, again as soon as it has recovered.</summary>
    private sealed class Saboteur : IDisposable
    {
        private readonly RedLeafSystem system;
        private readonly CrashInjector crashes;
        private readonly ManualResetEventSlim stop = new();
        private readonly Thread thread;

        internal Saboteur(RedLeafSystem system)
        {
            this.system = system;
            crashes = system.Crashes("Nvme");
            thread = new Thread(Run);
            thread.Start();
        }

        public void Dispose()
        {
            stop.Set();
            thread.Join();
            crashes.Disarm();
            stop.Dispose();
        }

        private void Run()
        {
            var random = new Random(7);
            int seen = -1;
            while (!stop.Wait(TimeSpan.FromMilliseconds(5)))
            {
                int restarts = system.Restarts.Count;
                if (restarts != seen)
                {
                    seen = restarts;
                    crashes.ArmAfter(random.Next(500));
                }
            }
        }
    }
}
