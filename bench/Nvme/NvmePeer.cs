using System.Diagnostics;
using System.Globalization;

namespace RedLeafSharp.Bench.Nvme;

/// <summary>The C peer as a running process that measures on demand, so that it takes turns with the rungs here.</summary>
internal sealed class NvmePeer : IDisposable
{
    private const string Source = "nvme_peer.c";

    private readonly Process process;
    private readonly string folder;

    private NvmePeer(Process process, string folder)
    {
        this.process = process;
        this.folder = folder;
    }

    /// <summary>Compiles and starts the peer; null without gcc.</summary>
    internal static NvmePeer? Start()
    {
        string folder = Directory.CreateTempSubdirectory("redleaf-peer-").FullName;
        string source = Path.Combine(folder, Source);
        string program = Path.Combine(folder, "peer");
        using (Stream text = typeof(NvmePeer).Assembly.GetManifestResourceStream(Source)!)
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
                return new NvmePeer(Process.Start(start)!, folder);
            }
        }
        catch (System.ComponentModel.Win32Exception)
        {
            // No gcc: the table has no column for the peer.
        }

        Directory.Delete(folder, recursive: true);
        return null;
    }

    /// <summary>Runs one slice; nanoseconds per request, in total and without the device.</summary>
    internal (double Total, double Driver) Measure(int depth, bool copies, int count)
    {
        process.StandardInput.WriteLine($"{depth} {(copies ? 1 : 0)} {count}");
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
