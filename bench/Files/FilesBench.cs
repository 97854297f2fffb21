using System.Diagnostics;
using RedLeafSharp.Cli.Fuse;
using RedLeafSharp.Kernel;
using Serilog.Core;

namespace RedLeafSharp.Bench.Files;

/// <summary>
/// Files in process and over FUSE, beside Linux's own ext4 on a loop device and fuse2fs, all on disks in memory. They take turns
/// phase by phase, and the best of the rounds counts: what an operation costs when nothing interrupts it. Needs root, gcc,
/// e2fsprogs and fuse2fs; with a third argument "alone" only the files in process are measured, which needs none of them.
/// </summary>
internal static class FilesBench
{
    private const long DiskBytes = 512L << 20;
    private const int WarmUps = 1;
    private const string Linux = "ext4 on loop";
    private const string Fuse2Fs = "fuse2fs";

    internal static int Run(string[] args)
    {
        int fileCount = args.Length > 0 && int.TryParse(args[0], out int files) ? files : 5000;
        int rounds = args.Length > 1 && int.TryParse(args[1], out int number) ? number : 5;
        string folder = Directory.CreateDirectory($"/dev/shm/redleaf-files-{Environment.ProcessId}").FullName;
        var peers = new List<IFilesPeer>();
        try
        {
            peers.Add(new InProcessPeer());
            if (args is not [_, _, "alone"])
            {
                string client = Compile(folder);
                peers.Add(OverFuse(client, folder));
                peers.Add(OnLoopDevice(client, folder));
                peers.Add(OverFuse2Fs(client, folder));
            }

            Report(Measure(peers, fileCount, rounds), peers, fileCount, rounds);
            return 0;
        }
        finally
        {
            peers.ForEach(peer => peer.Dispose());
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>The built-in system on a disk in memory.</summary>
    internal static RedLeafSystem Boot() => RedLeafSystem.Boot(SystemDescription.Default, new BootOptions
    {
        DomainsFolder = Path.Combine(AppContext.BaseDirectory, "domains"),
        MemoryDiskBytes = DiskBytes,
        Log = Logger.None,
    });

    private static Dictionary<(FilesPhase Phase, IFilesPeer Peer), double> Measure(
        List<IFilesPeer> peers, int fileCount, int rounds)
    {
        var best = new Dictionary<(FilesPhase, IFilesPeer), double>();
        for (int round = 0; round < rounds + WarmUps; round++)
        {
            foreach (FilesPhase phase in FilesPhase.All)
            {
                foreach (IFilesPeer peer in peers)
                {
                    if (peer.Measure(phase, phase.CountOf(fileCount)) is { } nanoseconds && round >= WarmUps)
                    {
                        best[(phase, peer)] = Math.Min(nanoseconds, best.GetValueOrDefault((phase, peer), double.MaxValue));
                    }
                }
            }
        }

        return best;
    }

    private static void Report(
        Dictionary<(FilesPhase Phase, IFilesPeer Peer), double> best, List<IFilesPeer> peers, int fileCount, int rounds)
    {
        Console.WriteLine($"{fileCount} files, best of {rounds} rounds, microseconds per operation; in brackets times as fast as ext4, as fuse2fs");
        Console.WriteLine($"{"",-18}{string.Concat(peers.Select(peer => $"{peer.Name,-26}"))}");
        foreach (FilesPhase phase in FilesPhase.All)
        {
            double? ext4 = FindOf(phase, Linux);
            double? fuse2Fs = FindOf(phase, Fuse2Fs);
            Console.WriteLine($"{phase.Name,-18}{string.Concat(peers.Select(peer => $"{Cell(Find(phase, peer), ext4, fuse2Fs),-26}"))}");
        }

        double? FindOf(FilesPhase phase, string name) => peers.Find(peer => peer.Name == name) is { } peer ? Find(phase, peer) : null;
        double? Find(FilesPhase phase, IFilesPeer peer) => best.TryGetValue((phase, peer), out double value) ? value : null;
    }

    private static string Cell(double? value, double? ext4, double? fuse2Fs) => value is { } nanoseconds
        ? $"{nanoseconds / 1000:F2} ({Ratio(ext4, nanoseconds)}, {Ratio(fuse2Fs, nanoseconds)})"
        : "-";

    private static string Ratio(double? other, double own) => other is { } nanoseconds ? $"{nanoseconds / own:F2}x" : "-";

    private static MountedPeer OverFuse(string client, string folder)
    {
        string mountPoint = Directory.CreateDirectory(Path.Combine(folder, "redleaf")).FullName;
        RedLeafSystem system = Boot();
        FuseBridge bridge = FuseBridge.Mount(system, mountPoint);
        return MountedPeer.Start("over FUSE", client, mountPoint, () =>
        {
            bridge.Dispose();
            system.Shutdown();
            system.Dispose();
        });
    }

    private static MountedPeer OnLoopDevice(string client, string folder)
    {
        string mountPoint = Directory.CreateDirectory(Path.Combine(folder, "ext4")).FullName;
        Tool("mount", "-o", "loop", MakeImage(folder, "ext4.img"), mountPoint);
        return MountedPeer.Start(Linux, client, mountPoint, () => Tool("umount", mountPoint));
    }

    private static MountedPeer OverFuse2Fs(string client, string folder)
    {
        string mountPoint = Directory.CreateDirectory(Path.Combine(folder, "fuse2fs")).FullName;
        Tool("fuse2fs", MakeImage(folder, "fuse2fs.img"), mountPoint, "-o", "fakeroot");
        return MountedPeer.Start(Fuse2Fs, client, mountPoint, () => Tool("umount", mountPoint));
    }

    private static string MakeImage(string folder, string name)
    {
        string image = Path.Combine(folder, name);
        using (FileStream file = File.Create(image))
        {
            file.SetLength(DiskBytes);
        }

        Tool("mkfs.ext4", "-q", "-F", image);
        return image;
    }

    private static string Compile(string folder)
    {
        const string Source = "files_client.c";
        string source = Path.Combine(folder, Source);
        string program = Path.Combine(folder, "client");
        using (Stream text = typeof(FilesBench).Assembly.GetManifestResourceStream(Source)!)
        using (FileStream file = File.Create(source))
        {
            text.CopyTo(file);
        }

        Tool("gcc", "-O2", "-o", program, source);
        return program;
    }

    private static void Tool(string name, params string[] arguments)
    {
        using Process process = Process.Start(name, arguments);
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{name} {string.Join(' ', arguments)} ended with status {process.ExitCode}");
        }
    }
}
