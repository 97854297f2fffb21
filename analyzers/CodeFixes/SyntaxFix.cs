using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;

namespace RedLeafSharp.CodeFixes;

/// <summary>A change to one document that follows from a finding alone, so that all findings can be fixed at once.</summary>
public abstract class SyntaxFix : CodeFixProvider
{
    private readonly string rule;
    private readonly string title;

    private protected SyntaxFix(string rule, string title)
    {
        this.rule = rule;
        this.title = title;
    }

    /// <inheritdoc/>
    public sealed override ImmutableArray<string> FixableDiagnosticIds => [rule];

    /// <inheritdoc/>
    public sealed override FixAllProvider GetFixAllProvider() => WellKnownFixAllProviders.BatchFixer;

    /// <inheritdoc/>
    public sealed override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        if (await context.Document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false) is not { } root)
        {
            return;
        }

        foreach (Diagnostic diagnostic in context.Diagnostics)
        {
            SyntaxNode node = root.FindNode(diagnostic.Location.SourceSpan, findInsideTrivia: true, getInnermostNodeForTie: true);
            if (await ApplyAsync(context.Document, root, node, context.CancellationToken).ConfigureAwait(false) is { } changed)
            {
                Document document = context.Document.WithSyntaxRoot(changed);
                context.RegisterCodeFix(CodeAction.Create(title, _ => Task.FromResult(document), GetType().Name), diagnostic);
            }
        }
    }

    /// <summary>The root with the finding at a node fixed, or null if this fix cannot.</summary>
    private protected abstract SyntaxNode? Apply(SyntaxNode root, SyntaxNode node, SemanticModel? model);

    /// <summary>Whether <see cref="Apply"/> needs to know what names mean.</summary>
    private protected virtual bool NeedsModel => false;

    private async Task<SyntaxNode?> ApplyAsync(Document document, SyntaxNode root, SyntaxNode node, CancellationToken token) =>
        Apply(root, node, NeedsModel ? await document.GetSemanticModelAsync(token).ConfigureAwait(false) : null);
}
