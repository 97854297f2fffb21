using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace RedLeafSharp.Tests.Tidy;

/// <summary>
/// What the source of a domain must not say although it would do no harm to others. What a domain must not use is not checked
/// here: the rules RL0001 to RL0019 run in every build of a domain, and know what a name means.
/// </summary>
internal static class DomainCode
{
    internal static readonly string[] Folders = ["drivers/", "domains/", "posix/"];

    internal static IEnumerable<string> Check(SourceText file) =>
        CodeShape.Parse(file).DescendantNodes().OfType<CatchClauseSyntax>().Where(CatchesEverything)
            .Select(found => $"{file.Path}:{CodeShape.LineOf(found)}: catch of everything: a domain's bug must become a fault");

    private static bool CatchesEverything(CatchClauseSyntax clause) =>
        clause.Filter is null && (clause.Declaration?.Type.ToString() ?? "Exception") is "Exception" or "System.Exception";
}
