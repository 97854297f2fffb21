using System.Diagnostics;
using System.Globalization;

namespace RedLeafSharp.Bench.Network;

/// <summary>The C peer of the forward loop as a running process that measures on demand.</summary>
internal sealed class ForwardPeer : IDisposable
{
    private const string Source = "forward_peer.c";

    private readonly Process process;
    private readonly string folder;

    private ForwardPeer(Process process, string folder)
    {
        this.process = process;
        this.folder = folder;
    }

    /// <summary>Compiles and starts the peer; null without gcc.</summary>
    internal static ForwardPeer? Start()
    {
        string folder = Directory.CreateTempSubdirectory("redleaf-peer-").FullName;
        string source = Path.Combine(folder, Source);
        string program = Path.Combine(folder, "peer");
        using (Stream text = typeof(ForwardPeer).Assembly.GetManifestResourceStream(Source)!)
        using (FileStream file = File.Create(source))
        {
            text.CopyTo(file);
        }

        try
        {
            using Process compiler = Process.Start("gcc", ["-O3", "-march=native", "-o", program, source]);
            compiler.WaitForExit();
            if (compiler.ExitCode == 0)
            {
                var start = new ProcessStartInfo(program) { RedirectStandardInput = true, RedirectStandardOutput = true };
                return new ForwardPeer(Process.Start(start)!, folder);
            }
        }
        catch (System.ComponentModel.Win32Exception)
        {
            // No gcc: the table has no rows of the peer.
        }

        Directory.Delete(folder, recursive: true);
        return null;
    }

    /// <summary>Runs one slice; nanoseconds a frame, in total and without the controller.</summary>
    /// <param name="hasHandles">Whether buffers are indices with what is known of them beside; else it is in their headers.</param>
    /// <param name="batch">Frames a call.</param>
    /// <param name="count">Frames.</param>
    internal (double Total, double Driver) Measure(bool hasHandles, int batch, int count)
    {
        process.StandardInput.WriteLine($"{(hasHandles ? 1 : 0)} {batch} {count}");
        process.StandardInput.Flush();
        string[] answer = process.StandardOutput.ReadLine()!.Split(' ');
        return (double.Parse(answer[0], CultureInfo.InvariantCulture), double.Parse(answer[1], CultureInfo.InvariantCulture));
    }

    public void Dispose()
    {
        process.StandardInput.Close();
        process.WaitForExit();
        process.Dispose();
        Directory.Delete(folder, recursive: true);
    }
}
