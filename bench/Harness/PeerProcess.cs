using System.Diagnostics;
using System.Globalization;

namespace RedLeafSharp.Bench.Harness;

/// <summary>
/// A peer in C as a running process that measures on demand, so that it takes turns with the rungs here. It reads the parameters of
/// a slice as a line of numbers and answers with two times in nanoseconds.
/// </summary>
internal sealed class PeerProcess : IDisposable
{
    private readonly Process process;
    private readonly string folder;

    private PeerProcess(Process process, string folder)
    {
        this.process = process;
        this.folder = folder;
    }

    /// <summary>Compiles and starts a peer whose source is a resource of this assembly; null without gcc.</summary>
    internal static PeerProcess? Start(string resource)
    {
        string folder = Directory.CreateTempSubdirectory("redleaf-peer-").FullName;
        string source = Path.Combine(folder, resource);
        string program = Path.Combine(folder, "peer");
        using (Stream text = typeof(PeerProcess).Assembly.GetManifestResourceStream(resource)!)
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
                return new PeerProcess(Process.Start(start)!, folder);
            }
        }
        catch (System.ComponentModel.Win32Exception)
        {
            // No gcc: the table has nothing of the peer.
        }

        Directory.Delete(folder, recursive: true);
        return null;
    }

    /// <summary>Runs one slice; nanoseconds an operation, in total and without the device.</summary>
    internal (double Total, double Driver) Measure(params ReadOnlySpan<int> parameters)
    {
        process.StandardInput.WriteLine(string.Join(' ', parameters.ToArray()));
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
