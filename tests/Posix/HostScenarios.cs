using System.Diagnostics;
using RedLeafSharp.Contracts;
using RedLeafSharp.Tests.Tidy;
using Xunit;

namespace RedLeafSharp.Tests.Posix;

/// <summary>Scenarios of calls, a call a line, with the answers that the host's Linux gives; asked once for all of them.</summary>
/// <param name="script">The program in Python that makes the calls on the host; in this folder.</param>
/// <param name="scenarios">The calls of each, parted by semicolons or lines.</param>
internal sealed class HostScenarios(string script, IReadOnlyDictionary<string, string> scenarios)
{
    private readonly Lazy<Dictionary<string, List<string>>> answers = new(() => Ask(script, scenarios.Select(one => (one.Key, Split(one.Value)))));

    internal string[] Calls(string name) => Split(scenarios[name]);

    /// <summary>Fails with the first call whose answer here is another than the host's.</summary>
    internal void AssertSame(string name, List<string> here) =>
        Assert.Equal(Join(Calls(name), answers.Value[name]), Join(Calls(name), here));

    private static string[] Split(string calls) =>
        calls.Split([';', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static string Join(string[] calls, List<string> answers) =>
        string.Join('\n', calls.Zip(answers).Select(pair => $"{pair.First} -> {pair.Second}"));

    /// <summary>Has the host's Linux make the calls of each scenario, in a new directory and a process of its own.</summary>
    /// <param name="script">See the constructor.</param>
    /// <param name="scenarios">Names, and the calls of each.</param>
    /// <param name="arguments">Of the script.</param>
    internal static Dictionary<string, List<string>> Ask(
        string script, IEnumerable<(string Name, string[] Calls)> scenarios, params string[] arguments)
    {
        var start = new ProcessStartInfo("python3", [Path.Combine(Repository.Root, "tests", "Posix", script), .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        foreach ((string name, string[] calls) in scenarios)
        {
            process.StandardInput.WriteLine($"= {name}\n{string.Join('\n', calls)}");
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
