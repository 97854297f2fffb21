namespace RedLeafSharp.Rewriting;

/// <summary>A place of an image that can be executed in another way: a mistake that its author could have made.</summary>
/// <param name="Id">What the planted code asks for; an index into <see cref="RewrittenImage.Mutants"/>.</param>
/// <param name="Operator">The kind of mistake, as G-SWFIT and the older injectors name it.</param>
/// <param name="Method">Type and name of the method, without its signature.</param>
/// <param name="Document">The source file; null when the image has no symbols for the method.</param>
/// <param name="Line">The first line of the statement, from 1; 0 without symbols.</param>
/// <param name="ILOffset">Offset of the statement's first instruction in the image before rewriting, in bytes.</param>
/// <param name="Effect">What is different, in words.</param>
internal sealed record Mutant(
    int Id, MutationOperator Operator, string Method, string? Document, int Line, int ILOffset, string Effect)
{
    public override string ToString() =>
        Document is null ? $"{Method} IL_{ILOffset:x4}" : $"{Method} {Path.GetFileName(Document)}:{Line}";
}

/// <summary>
/// Kinds of mistakes. The first group is that of G-SWFIT (Duraes and Madeira, "Emulation of Software Faults: A Field Data Study and a
/// Practical Approach", IEEE TSE 2006), the second that of the injectors of Rio and Nooks (Ng and Chen, FTCS 1999; Swift, Bershad and
/// Levy, SOSP 2003), the last is C#'s own.
/// </summary>
internal enum MutationOperator
{
    /// <summary>Missing if around statements and the statements.</summary>
    Mifs,

    /// <summary>Missing if and statements before an else, which is kept.</summary>
    Mieb,

    /// <summary>Missing if around statements that are kept.</summary>
    Mia,

    /// <summary>Missing leg of an "and" in a condition.</summary>
    Mlac,

    /// <summary>Missing leg of an "or" in a condition.</summary>
    Mloc,

    /// <summary>Missing function call.</summary>
    Mfc,

    /// <summary>Extraneous function call: made twice.</summary>
    Efc,

    /// <summary>Missing initialization of a variable.</summary>
    Mviv,

    /// <summary>Missing assignment of a constant.</summary>
    Mvav,

    /// <summary>Missing assignment of an expression.</summary>
    Mvae,

    /// <summary>Missing small part of the algorithm: two or three statements.</summary>
    Mlpa,

    /// <summary>Wrong order of two statements.</summary>
    Walr,

    /// <summary>Wrong value assigned to a variable.</summary>
    Wvav,

    /// <summary>Wrong arithmetic expression in a parameter.</summary>
    Waep,

    /// <summary>Wrong variable in a parameter.</summary>
    Wpfv,

    /// <summary>Wrong logical expression in a condition.</summary>
    Wlec,

    /// <summary>A bit of a constant in the code is wrong.</summary>
    Text,

    /// <summary>A value comes from another variable.</summary>
    Source,

    /// <summary>A value goes to another variable.</summary>
    Destination,

    /// <summary>An address is wrong: another field, or the element beside.</summary>
    Pointer,

    /// <summary>A loop makes one round too many or too few.</summary>
    Loop,

    /// <summary>A parameter arrives as zero.</summary>
    Interface,

    /// <summary>A branch goes the other way.</summary>
    Branch,

    /// <summary>A call gives null.</summary>
    Null,
}
