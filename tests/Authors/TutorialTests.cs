using System.Text;
using RedLeafSharp.Tests.Cli;
using RedLeafSharp.Tests.Support;
using RedLeafSharp.Tests.Tidy;
using Xunit;

namespace RedLeafSharp.Tests.Authors;

/// <summary>Carries out docs/tutorial.md, command by command, in a folder of its own.</summary>
public sealed class TutorialTests
{
    private const string Fence = "```";

    [Fact]
    public void Tutorial_EachCommand_PrintsWhatThePageShows()
    {
        using var folder = new TemporaryFolder();
        string[] page = File.ReadAllLines(Path.Combine(Repository.Root, "docs", "tutorial.md"));
        string script = folder.Write("tutorial.sh", Preamble(folder.Path) + string.Join('\n', Blocks(page, "sh")));

        (int status, string output) = Outside.Run("bash", script);

        Assert.True(status == 0, $"status {status}:\n{output}");
        string[] shown = [.. Blocks(page, "output")];
        Assert.True(shown.Length >= 4, $"{shown.Length} lines of output");
        Assert.All(shown, line => Assert.Contains(line, output, StringComparison.Ordinal));
    }

    /// <summary>What the page tells the reader to have, and places that leave the machine's own settings alone.</summary>
    private static string Preamble(string folder) => new StringBuilder()
        .Append("set -e\n")
        .Append($"cd '{folder}'\n")
        .Append($"export REDLEAF='{Repository.Root}' DOTNET_CLI_HOME='{folder}/home' NUGET_PACKAGES='{folder}/packages'\n")
        .Append($"export DOTNET_NOLOGO=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1 XDG_RUNTIME_DIR='{folder}'\n")
        .Append($"redleaf() {{ '{RedLeafProcess.Host}' '{RedLeafProcess.Command}' \"$@\"; }}\n")
        .ToString();

    /// <summary>The lines of the fenced blocks of one language, in order.</summary>
    private static IEnumerable<string> Blocks(IEnumerable<string> page, string language)
    {
        bool isInside = false;
        foreach (string line in page)
        {
            if (line.StartsWith(Fence, StringComparison.Ordinal))
            {
                isInside = line == Fence + language;
            }
            else if (isInside)
            {
                yield return line;
            }
        }
    }
}
