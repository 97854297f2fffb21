using System.Diagnostics;
using System.Globalization;

namespace RedLeafSharp.Bench.Files;

/// <summary>A mounted file system, with the client in C as a process that measures on demand.</summary>
internal sealed class MountedPeer : IFilesPeer
{
    private readonly Process client;
    private readonly Action unmount;

    private MountedPeer(string name, Process client, Action unmount)
    {
        Name = name;
        this.client = client;
        this.unmount = unmount;
    }

    public string Name { get; }

    /// <param name="name">For the table.</param>
    /// <param name="program">The client.</param>
    /// <param name="mountPoint">Where the file system is mounted.</param>
    /// <param name="unmount">Takes it away.</param>
    internal static MountedPeer Start(string name, string program, string mountPoint, Action unmount)
    {
        var start = new ProcessStartInfo(program, [mountPoint]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        return new MountedPeer(name, Process.Start(start)!, unmount);
    }

    public double? Measure(FilesPhase phase, int count)
    {
        client.StandardInput.WriteLine($"{phase.Name} {count} {phase.Passes}");
        client.StandardInput.Flush();
        string answer = client.StandardOutput.ReadLine() ?? throw new IOException($"the client on {Name} has ended");
        double nanoseconds = double.Parse(answer, CultureInfo.InvariantCulture);
        return nanoseconds < 0 ? null : nanoseconds;
    }

    public void Dispose()
    {
        client.StandardInput.Close();
        client.WaitForExit();
        client.Dispose();
        unmount();
    }
}
