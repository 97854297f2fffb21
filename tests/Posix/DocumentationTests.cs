using System.Text;
using RedLeafSharp.Contracts;
using RedLeafSharp.Tests.Tidy;
using Xunit;

namespace RedLeafSharp.Tests.Posix;

/// <summary>The tables of docs/posix.md are made of <see cref="CallTable"/>, and that says what the contract has.</summary>
public sealed class DocumentationTests
{
    private const string Begin = "<!-- calls: made by REDLEAF_WRITE_DOCS=1 dotnet test --filter Posix.DocumentationTests -->\n";
    private const string End = "<!-- end of calls -->\n";

    private static readonly string PagePath = Path.Combine(Repository.Root, "docs", "posix.md");

    [Fact]
    public void Page_HasTheTablesOfTheCode()
    {
        string page = File.ReadAllText(PagePath);
        int begin = page.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        int end = page.IndexOf(End, StringComparison.Ordinal);
        string expected = page[..begin] + Render() + page[end..];
        if (Environment.GetEnvironmentVariable("REDLEAF_WRITE_DOCS") == "1")
        {
            File.WriteAllText(PagePath, expected);
            page = expected;
        }

        Assert.Equal(expected, page);
    }

    [Fact]
    public void Table_NamesMethodsThatThereAre()
    {
        string[] methods = [.. MethodsOf(typeof(ISystem)), .. MethodsOf(typeof(PlainCalls))];

        Assert.Empty(Named().Except(methods));
    }

    [Fact]
    public void Table_NamesEachMethodOfTheContract() => Assert.Empty(MethodsOf(typeof(ISystem)).Except(Named()));

    [Fact]
    public void Table_SaysWhatIsDoneByNothing()
    {
        Assert.All(
            CallTable.Sections.SelectMany(section => section.Lines),
            line => Assert.True((line.By.Length == 0) == (line.Support == Support.Absent) && (line.By.Length > 0 || line.Note.Length > 0)));
    }

    private static IEnumerable<string> MethodsOf(Type type) => type.GetMethods().Select(method => method.Name).Distinct();

    private static IEnumerable<string> Named() => CallTable.Sections
        .SelectMany(section => section.Lines).SelectMany(line => line.By.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Distinct();

    private static string Render()
    {
        var text = new StringBuilder();
        foreach ((string title, CallLine[] lines) in CallTable.Sections)
        {
            text.Append($"\n### {title}\n\n| POSIX | here | by | what differs, or why not |\n|---|---|---|---|\n");
            foreach (CallLine line in lines)
            {
                text.Append($"| {line.Calls} | {line.Support.ToString().ToLowerInvariant()} | {line.By.Replace(" ", ", ")} | {line.Note} |\n");
            }
        }

        return text.Append('\n').ToString();
    }
}
