using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.Text;

namespace RedLeafSharp.CodeFixes;

/// <summary>
/// A change to one document that follows from a finding alone, so that all findings can be fixed at once. It is made of edits to
/// the text, as small as they can be: comments and layout stay as they are, and fixes of nested findings do not collide.
/// </summary>
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
        Document document = context.Document;
        if (await document.GetSemanticModelAsync(context.CancellationToken).ConfigureAwait(false) is not { } model)
        {
            return;
        }

        SyntaxNode root = await model.SyntaxTree.GetRootAsync(context.CancellationToken).ConfigureAwait(false);
        SourceText text = await document.GetTextAsync(context.CancellationToken).ConfigureAwait(false);
        foreach (Diagnostic diagnostic in context.Diagnostics)
        {
            SyntaxNode node = root.FindNode(diagnostic.Location.SourceSpan, findInsideTrivia: true, getInnermostNodeForTie: true);
            TextChange[] edits = [.. Edit(node, model, text)];
            if (edits.Length > 0)
            {
                Document changed = document.WithText(text.WithChanges(edits));
                context.RegisterCodeFix(CodeAction.Create(title, _ => Task.FromResult(changed), GetType().Name), diagnostic);
            }
        }
    }

    /// <summary>What to change in the text for the finding at a node; nothing if this fix cannot help there.</summary>
    private protected abstract IEnumerable<TextChange> Edit(SyntaxNode node, SemanticModel model, SourceText text);

    /// <summary>Takes out a part and the white space after it, so that what follows takes its place.</summary>
    private protected static TextChange Remove(SourceText text, int start, int end)
    {
        int next = end;
        while (next < text.Length && char.IsWhiteSpace(text[next]))
        {
            next++;
        }

        return new TextChange(TextSpan.FromBounds(start, next), string.Empty);
    }
}
