using RedLeafSharp.Cli.Host;
using RedLeafSharp.Contracts;

namespace RedLeafSharp.Tests.Cli;

/// <summary>A folder of the host that goes with the test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    internal string Path { get; } = Directory.CreateTempSubdirectory("redleaf-test-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);

    /// <summary>Writes a file and returns its full path.</summary>
    internal string Write(string name, string text)
    {
        string path = System.IO.Path.Combine(Path, name);
        File.WriteAllText(path, text);
        return path;
    }

    /// <summary>Makes a small tree "tree" of what trips copying programs up, and returns its path.</summary>
    internal string MakeTree()
    {
        string root = Directory.CreateDirectory(System.IO.Path.Combine(Path, "tree", "empty")).Parent!.FullName;
        string Name(string name) => System.IO.Path.Combine(root, name);
        File.WriteAllText(Name(new string('n', 255)), "longest name");
        File.WriteAllText(Name("日本 語\nnew line"), "strange name");
        File.WriteAllBytes(Name("sparse"), new byte[300_000]);
        File.WriteAllText(Name("setuid"), "");
        HostFile.SetPermissions(Name("setuid"), Convert.ToUInt32("4711", 8));
        HostFile.SetModificationTime(Name("setuid"), new FileTime { Seconds = -2_147_483_648, Nanoseconds = 1 });
        HostFile.Link(Name("setuid"), Name("z-hard"));
        File.CreateSymbolicLink(Name("dangling"), "nowhere");
        File.CreateSymbolicLink(Name("loop"), "loop");
        HostFile.SetModificationTime(Name("loop"), new FileTime { Seconds = 4_102_444_800, Nanoseconds = 123_456_789 });
        Directory.CreateDirectory(Name("sticky"));
        HostFile.SetPermissions(Name("sticky"), Convert.ToUInt32("1777", 8));
        return root;
    }
}
