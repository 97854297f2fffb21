using System.Reflection.Metadata;

namespace RedLeafSharp.Verification.Image;

/// <summary>A type as a signature spells it (ECMA-335 II.23.2.12), or a whole signature: its parts are the arguments.</summary>
/// <param name="Code">The element type's code.</param>
/// <param name="Handle">The definition or reference it names; nil for others.</param>
/// <param name="Index">Number of a type parameter.</param>
/// <param name="Arguments">Element type, type arguments, or the types of a signature.</param>
internal sealed record SignatureType(SignatureTypeCode Code, EntityHandle Handle, int Index, IReadOnlyList<SignatureType> Arguments)
{
    /// <summary>This type and all types within.</summary>
    internal IEnumerable<SignatureType> All()
    {
        // The depth is bounded by the parser.
        yield return this;
        foreach (SignatureType inner in Arguments.SelectMany(argument => argument.All()))
        {
            yield return inner;
        }
    }
}
