using System.CommandLine;
using RedLeafSharp.Cli.Host;
using RedLeafSharp.Lab.Trials;

namespace RedLeafSharp.Cli.CommandLine;

/// <summary><c>redleaf lab fault</c>: what can be made to go wrong, where, and what that does.</summary>
internal static class FaultCommands
{
    internal static Command Create(TextWriter output) => new("fault", "What can be made to go wrong.") { List(output), Sites(output), Explain(output) };

    private static Command List(TextWriter output)
    {
        Option<string?> target = Target();
        var command = new Command("list", "Lists the kinds of faults, with the number of places of each.") { target };
        command.SetAction(parsed => With(engine =>
        {
            foreach (FaultInfo fault in Of(engine, parsed.GetValue(target)))
            {
                output.WriteLine($"{fault.Kind,-30} {fault.Target,-6} {(fault.Sites.Count > 0 ? fault.Sites.Count : 1),5}  {fault.Summary}");
            }
        }));
        return command;
    }

    private static Command Sites(TextWriter output)
    {
        Argument<string> kind = Kind();
        Option<string?> target = Target();
        var command = new Command("sites", "Lists the places of a kind of fault.") { kind, target };
        command.SetAction(parsed => With(engine =>
        {
            foreach (SiteInfo site in Find(engine, parsed.GetRequiredValue(kind), parsed.GetValue(target)).Sites)
            {
                output.WriteLine($"{site.Site,5}  {site.Place}: {site.Effect}");
            }
        }));
        return command;
    }

    private static Command Explain(TextWriter output)
    {
        Argument<string> kind = Kind();
        Option<string?> target = Target();
        var number = new Argument<int>("SITE") { Description = "One of its places." };
        var command = new Command("explain", "Shows the line of the source that a fault strikes, and what it does there.")
        {
            kind, number, target,
        };
        command.SetAction(parsed => With(engine =>
        {
            FaultInfo fault = Find(engine, parsed.GetRequiredValue(kind), parsed.GetValue(target));
            int wanted = parsed.GetValue(number);
            SiteInfo site = fault.Sites.FirstOrDefault(one => one.Site == wanted)
                ?? throw new CommandFailure($"'{fault.Kind}' has no site {wanted}; 'redleaf lab fault sites {fault.Kind}' lists them", ExitCode.Usage);
            output.WriteLine($"{fault.Kind}: {fault.Summary}");
            output.WriteLine($"{site.Place}");
            output.WriteLine($"  {LineOf(site)}");
            output.WriteLine($"  {site.Effect}");
        }));
        return command;
    }

    private static Argument<string> Kind() => new("KIND") { Description = "A kind, as 'redleaf lab fault list' names it." };

    private static Option<string?> Target() => new("--target")
    {
        Description = "A driver, as experiments name it: nvme or e1000e; without it the first that has the kind.",
        HelpName = "NAME",
    };

    private static IReadOnlyList<FaultInfo> Of(TrialEngine engine, string? target)
    {
        FaultInfo[] found = [.. engine.Faults.Where(fault => target is null || fault.Driver == target)];
        return found.Length > 0 ? found : throw new CommandFailure(
            $"there is no driver '{target}'; there are {string.Join(", ", engine.Faults.Select(fault => fault.Driver).Distinct())}", ExitCode.Usage);
    }

    private static FaultInfo Find(TrialEngine engine, string kind, string? target) =>
        Of(engine, target).FirstOrDefault(fault => fault.Kind == kind)
        ?? throw new CommandFailure($"there is no fault '{kind}'; 'redleaf lab fault list' lists them", ExitCode.Usage);

    private static string LineOf(SiteInfo site)
    {
        if (site.Document is null || !File.Exists(site.Document))
        {
            return $"(the source {site.Document} is not here)";
        }

        return File.ReadLines(site.Document).ElementAtOrDefault(site.Line - 1)?.Trim() ?? "(the source has changed)";
    }

    private static int With(Action<TrialEngine> body)
    {
        using var engine = new TrialEngine(Domains.Folder);
        body(engine);
        return ExitCode.Pass;
    }
}
