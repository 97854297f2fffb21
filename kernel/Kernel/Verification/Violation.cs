namespace RedLeafSharp.Verification;

/// <summary>One thing in an image that domain code may not have.</summary>
/// <param name="Rule">The rule's id; docs/rules has a page for each.</param>
/// <param name="Member">The type or member it is in, as <c>Namespace.Type.Member</c>; empty when it is the image itself.</param>
/// <param name="ILOffset">Offset into the member's IL; -1 when it is not in a body.</param>
/// <param name="Document">The source file, or null without symbols.</param>
/// <param name="Line">The line in it; 0 without symbols.</param>
/// <param name="Message">What is wrong, in one line.</param>
internal sealed record Violation(string Rule, string Member, int ILOffset, string? Document, int Line, string Message)
{
    /// <summary>One line: place, rule, message.</summary>
    public override string ToString()
    {
        string place = Document is null ? string.Empty : $"{Document}({Line}): ";
        string offset = ILOffset < 0 ? string.Empty : $" IL_{ILOffset:x4}";
        return $"{place}{Rule} {Member}{offset}: {Message}";
    }
}
