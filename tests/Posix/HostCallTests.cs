using System.Diagnostics;
using RedLeafSharp.Contracts;
using RedLeafSharp.Tests.Support;
using RedLeafSharp.Tests.Tidy;
using Xunit;

namespace RedLeafSharp.Tests.Posix;

/// <summary>The same file calls here and on the host's Linux: same answers, call by call.</summary>
public sealed class HostCallTests
{
    private static readonly Lazy<Dictionary<string, List<string>>> HostAnswers = new(AskHost);

    public static TheoryData<string> Names() => [.. CallScenarios.All.Keys.Order(StringComparer.Ordinal)];

    [TheoryNeeding(Need.PythonAsRoot)]
    [MemberData(nameof(Names))]
    public void CallsOnTmpfs_HereAndOnTheHost_AnswerTheSame(string name) => Compare(name, () => PosixRig.OnTmpfs());

    [TheoryNeeding(Need.PythonAsRoot)]
    [MemberData(nameof(Names))]
    public void CallsOnExt4_HereAndOnTheHost_AnswerTheSame(string name) => Compare(name, PosixRig.OnExt4);

    private static void Compare(string name, Func<PosixRig> makeRig)
    {
        string[] lines = Lines(name);
        using PosixRig rig = makeRig();
        List<string> here = [];
        rig.Run(context =>
        {
            var mode = new FileAttributesChange { Fields = FileAttributeFields.Mode, Mode = 0x1ED };
            Assert.True(rig.System.SetAttributes(context, "/"u8, mode, followsLinks: true).IsOk);

            // The host's scenarios start in an empty directory; a new ext4 is empty but for this.
            Assert.True(rig.System.RemoveDirectory(context, "/lost+found"u8).Error is Errno.None or Errno.NoEntry);
            here = new CallScenario(rig.System).Run(context, lines);
        });

        Assert.Equal(Join(lines, HostAnswers.Value[name]), Join(lines, here));
    }

    private static string[] Lines(string name) =>
        CallScenarios.All[name].Split([';', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static string Join(string[] lines, List<string> answers) =>
        string.Join('\n', lines.Zip(answers).Select(pair => $"{pair.First} -> {pair.Second}"));

    private static Dictionary<string, List<string>> AskHost()
    {
        var start = new ProcessStartInfo("python3", Path.Combine(Repository.Root, "tests", "Posix", "HostCalls.py"))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        foreach (string name in CallScenarios.All.Keys)
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
                answers.Last().Value.Add(Named(line));
            }
        }

        return answers;
    }

    /// <summary>The host says the number of an error; ENOTSUP and EOPNOTSUPP have the same one on Linux.</summary>
    private static string Named(string answer) => answer.StartsWith('!') ? $"!{(Errno)int.Parse(answer[1..])}" : answer;
}
