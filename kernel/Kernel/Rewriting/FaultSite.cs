namespace RedLeafSharp.Rewriting;

/// <summary>A point of a domain's code at which its crash can be ordered.</summary>
/// <param name="Id">Index into <see cref="RewrittenImage.Sites"/>; what the planted code passes on.</param>
/// <param name="Method">Type and name of the method, without its signature.</param>
/// <param name="Document">The source file; null when the image has no symbols for the method.</param>
/// <param name="Line">The first line of the statement, from 1; 0 without symbols.</param>
/// <param name="ILOffset">Offset of the statement's first instruction in the image before rewriting, in bytes.</param>
internal sealed record FaultSite(int Id, string Method, string? Document, int Line, int ILOffset)
{
    public override string ToString() =>
        Document is null ? $"{Method} IL_{ILOffset:x4}" : $"{Method} {Path.GetFileName(Document)}:{Line}";
}
