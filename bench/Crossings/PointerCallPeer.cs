using System.Diagnostics;
using System.Globalization;

namespace RedLeafSharp.Bench.Crossings;

/// <summary>What the C peer measured; optional, because it needs gcc.</summary>
/// <param name="TscGigahertz">Ticks of the time-stamp counter per nanosecond.</param>
/// <param name="BestNanos">Best round of a call through a function pointer.</param>
/// <param name="MedianNanos">Median round.</param>
internal sealed record PointerCallPeer(double TscGigahertz, double BestNanos, double MedianNanos)
{
    private const string Source = "pointer_call.c";

    /// <summary>Compiles and runs the peer; null without gcc, or when it fails.</summary>
    internal static PointerCallPeer? Run()
    {
        string folder = Directory.CreateTempSubdirectory("redleaf-peer-").FullName;
        try
        {
            string source = Path.Combine(folder, Source);
            string program = Path.Combine(folder, "peer");
            using (Stream text = typeof(PointerCallPeer).Assembly.GetManifestResourceStream(Source)!)
            using (FileStream file = File.Create(source))
            {
                text.CopyTo(file);
            }

            return Start("gcc", "-O2", "-o", program, source) is null ? null : Parse(Start(program));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static PointerCallPeer? Parse(string? output)
    {
        double[] numbers = [.. (output ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(number => double.Parse(number, CultureInfo.InvariantCulture))];
        return numbers is [> 0, _, _] ? new PointerCallPeer(numbers[0], numbers[1], numbers[2]) : null;
    }

    private static string? Start(string program, params string[] arguments)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? output : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
