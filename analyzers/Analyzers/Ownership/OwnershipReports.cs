using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.FlowAnalysis;

namespace RedLeafSharp.Analyzers.Ownership;

/// <summary>Words the findings of the data flow. The same finding on several paths is reported once.</summary>
internal sealed class OwnershipReports(Action<Diagnostic> report)
{
    private readonly HashSet<(string Id, Location Place)> made = [];
    private readonly HashSet<Place> misused = [];
    private readonly List<(Place Place, Action Report)> leaks = [];

    /// <summary>Reports leaks, except of variables with another finding: its repair decides where they end.</summary>
    internal void Complete()
    {
        foreach ((Place place, Action report) in leaks)
        {
            if (!misused.Contains(place))
            {
                report();
            }
        }
    }

    /// <summary>A use of what is gone, or gone on some path.</summary>
    internal void UseOfGone(SyntaxNode use, Place place, string name, Ownership ownership, bool isMove)
    {
        misused.Add(place);
        SyntaxNode? site = ownership.Sites.OrderBy(s => s.SpanStart).FirstOrDefault();
        Holding holding = ownership.Holding;
        if (isMove && ownership.Sites.Contains(use))
        {
            Report(OwnershipDiagnostics.MoveInLoop, use, name);
        }
        else if ((holding & ~Holding.Gone) != 0 || ((holding & Holding.Freed) != 0 && holding != Holding.Freed))
        {
            Report(OwnershipDiagnostics.UseAfterMaybeMove, use, name, Line(site));
        }
        else
        {
            Report(holding == Holding.Freed ? OwnershipDiagnostics.UseAfterFree : OwnershipDiagnostics.UseAfterMove, use, name,
                Line(site));
        }
    }

    internal void EndedBorrow(SyntaxNode use, string name, Origin origin)
    {
        if (origin.Ending == Ending.Waited)
        {
            Report(OwnershipDiagnostics.BorrowAcrossWait, use, name, origin.Name, Short(origin.Site!), Line(origin.Site));
            return;
        }

        string what = origin.Ending switch
        {
            Ending.Freed => "freed",
            Ending.Emptied => "emptied",
            _ => "moved",
        };
        Report(OwnershipDiagnostics.BorrowAfterMove, use, name, origin.Name, what, Line(origin.Site));
    }

    internal void Leak(Place place, BasicBlock block)
    {
        if (place.Symbol is { } variable && variable.Locations.FirstOrDefault() is { IsInSource: true } location)
        {
            SyntaxNode? last = block.BranchValue?.Syntax ?? block.Operations.LastOrDefault()?.Syntax;
            string where = last is null ? "on a path" : $"on the path through line {Line(last)}";
            leaks.Add((place, () =>
                Report(OwnershipDiagnostics.Leak, location, $"'{variable.Name}' is still owned where its scope ends {where}")));
        }
    }

    internal void Overwritten(SyntaxNode target, Place place, string name) => leaks.Add((place, () =>
        Report(OwnershipDiagnostics.Leak, target,
            $"'{name}' still owns a reference on a path that leads here, and loses it by this")));

    internal void Dropped(SyntaxNode value) =>
        Report(OwnershipDiagnostics.Leak, value, "what this returns is owned by this method, and nothing takes it");

    internal void StaleForCaller(IParameterSymbol parameter, Ownership ownership)
    {
        foreach (SyntaxNode site in ownership.Sites)
        {
            Report(
                OwnershipDiagnostics.Copied, site,
                $"'{parameter.Name}' is the caller's variable, which keeps a copy of what is moved out of it here",
                "take the parameter by value, or assign 'default' to it after the move");
        }
    }

    internal void Copied(SyntaxNode use, string what, string instead) => Report(OwnershipDiagnostics.Copied, use, what, instead);

    internal void Kept(SyntaxNode use, string what, string instead) =>
        Report(OwnershipDiagnostics.KeptElsewhere, use, what, instead);

    private void Report(DiagnosticDescriptor rule, SyntaxNode place, params object[] arguments) =>
        Report(rule, place.GetLocation(), arguments);

    private void Report(DiagnosticDescriptor rule, Location location, params object[] arguments)
    {
        if (made.Add((rule.Id, location)))
        {
            report(Diagnostic.Create(rule, location, arguments));
        }
    }

    private static int Line(SyntaxNode? node) => node is null ? 0 : node.GetLocation().GetLineSpan().StartLinePosition.Line + 1;

    private static string Short(SyntaxNode node)
    {
        string text = node.ToString().Split('\n')[0].Trim();
        return text.Length <= 40 ? text : text.Substring(0, 37) + "...";
    }
}
