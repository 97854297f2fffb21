using System.Diagnostics;
using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.Tmpfs;
using RedLeafSharp.Tests.Support;
using RedLeafSharp.Tests.Tidy;
using Xunit;

namespace RedLeafSharp.Tests.Posix;

/// <summary>The same socket calls here and on the host's Linux: same answers, call by call.</summary>
public sealed class HostSocketTests
{
    private static readonly Lazy<Dictionary<string, List<string>>> HostAnswers = new(AskHost);

    public static TheoryData<string> Names() => [.. SocketScenarios.All.Keys.Order(StringComparer.Ordinal)];

    [TheoryNeeding(Need.PythonAsRoot)]
    [MemberData(nameof(Names))]
    public void Calls_HereAndOnTheHost_AnswerTheSame(string name)
    {
        string[] lines = Lines(name);
        using var rig = new PosixRig(
            detectsDeadlock: false, makeRoot: (context, _) => new TmpFileSystem(context, new Space(1024, 100)), hasNetwork: true);
        List<string> here = [];
        rig.Run(context => here = new SocketScenario(rig.System).Run(context, lines));

        Assert.Equal(Join(lines, HostAnswers.Value[name]), Join(lines, here));
    }

    private static string[] Lines(string name) =>
        SocketScenarios.All[name].Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static string Join(string[] lines, List<string> answers) =>
        string.Join('\n', lines.Zip(answers).Select(pair => $"{pair.First} -> {pair.Second}"));

    private static Dictionary<string, List<string>> AskHost()
    {
        var start = new ProcessStartInfo("python3", Path.Combine(Repository.Root, "tests", "Posix", "SocketCalls.py"))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        foreach (string name in SocketScenarios.All.Keys)
        {
            process.StandardInput.WriteLine($"= {name}\n{string.Join('\n', Lines(name))}");
        }

        process.StandardInput.Close();
        var answers = new Dictionary<string, List<string>>();
        foreach (string line in output.Result.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.StartsWith("= ", StringComparison.Ordinal))
            {
                answers.Add(line[2..], []);
            }
            else
            {
                answers.Last().Value.Add(line.StartsWith('!') ? $"!{(Errno)int.Parse(line[1..])}" : line);
            }
        }

        return answers;
    }
}
