namespace RedLeafSharp.Verification.Flow;

/// <summary>Bounds of the interpretation: what a hostile image can make it cost.</summary>
internal static class FlowLimits
{
    /// <summary>Bytes of IL in one method, with what has been planted. As delivered less is admitted.</summary>
    internal const int CodeBytesMax = VerificationLimits.RewrittenBodyBytesMax;

    /// <summary>Arguments, locals or stack entries of one method. C# code rarely has more than a hundred.</summary>
    internal const int SlotsMax = 4_096;

    /// <summary>Exception clauses of one method; each instruction is looked up in all that enclose it.</summary>
    internal const int ClausesMax = 512;

    /// <summary>
    /// Steps for each byte of IL, where copying or joining one slot is a step. Code of compilers takes below ten; states grow
    /// monotonously, so only code made for it comes near.
    /// </summary>
    internal const int StepsPerByte = 400;

    /// <summary>Steps that each method has besides, so that small methods with many slots pass.</summary>
    internal const int StepsBase = 50_000;

    /// <summary>Nesting of generic arguments, arrays and fields of structs. The deepest in our own domains is four.</summary>
    internal const int TypeDepthMax = 32;

    /// <summary>
    /// Pairs of a virtual method that is called and one that it may reach; calls beyond count as emptying any cell.
    /// </summary>
    internal const int VirtualEdgesMax = 1_000_000;

    /// <summary>Distinct cells that a summary tells apart; an image with more is summarised as "any cell".</summary>
    internal const int CellsMax = 256;
}
