namespace RedLeafSharp.Verification;

/// <summary>
/// Every bound of the verifier. An image beyond one is refused: it takes no more time and memory than these allow, whatever is
/// in it. The largest domains stay below a tenth of each.
/// </summary>
internal static class VerificationLimits
{
    /// <summary>Violations kept; more of them tell an author nothing more.</summary>
    internal const int ViolationsMax = 200;

    /// <summary>Bytes of an image.</summary>
    internal const int ImageBytesMax = 64 << 20;

    /// <summary>Rows of any one metadata table.</summary>
    internal const int TableRowsMax = 200_000;

    /// <summary>Characters of the record of contracts: some forty for each member, of which there are a hundred.</summary>
    internal const int FingerprintCharactersMax = 64 << 10;

    /// <summary>Types an image may define; each is loaded.</summary>
    internal const int TypesMax = 20_000;

    /// <summary>
    /// IL bytes of one method: the compiler of the runtime takes a fifth of a second for so many, and cannot be stopped meanwhile. The
    /// longest method of the framework that we know of has 60 KB, of our domains 1.2.
    /// </summary>
    internal const int BodyBytesMax = 64 << 10;

    /// <summary>The same with what the rewriter has planted.</summary>
    internal const int RewrittenBodyBytesMax = 4 * BodyBytesMax;

    /// <summary>Locals, or parameters, of one method.</summary>
    internal const int LocalsMax = 1_024;

    /// <summary>Nesting of one signature: <c>A&lt;B&lt;C[]&gt;&gt;</c> has 4. The runtime's own parser recurses on it.</summary>
    internal const int SignatureDepthMax = 24;

    /// <summary>Types named in one signature.</summary>
    internal const int SignatureNodesMax = 512;

    /// <summary>Base classes above a class, types around a nested one, structs within a struct: the type loader recurses on each.</summary>
    internal const int TypeDepthMax = 64;

    /// <summary>Bytes of a struct: it is copied whole, in one instruction that no poll interrupts.</summary>
    internal const int TypeBytesMax = 4 << 10;

    /// <summary>
    /// Bytes of locals, arguments and temporaries of a method. A stack guard looks once for each frame, and keeps this much.
    /// </summary>
    internal const int FrameBytesMax = 16 << 10;

    /// <summary>
    /// Bytes of a struct as type argument. The frame of a generic method is judged before its type arguments are known, each at
    /// this size.
    /// </summary>
    internal const int TypeArgumentBytesMax = 512;

    /// <summary>Structs up to this size live in registers and need no temporary (System V ABI: two eightbytes).</summary>
    internal const int RegisterStructBytes = 16;

    /// <summary>Bytes of the values of one attribute; the record of contracts is the longest there is.</summary>
    internal const int AttributeBytesMax = FingerprintCharactersMax + 1024;

    /// <summary>Attributes of one member: whoever asks for one of them has all read.</summary>
    internal const int AttributesOfOneMax = 256;

    /// <summary>Arrays and boxed values within one value of an attribute. C# has two at most: an array of boxed ones.</summary>
    internal const int AttributeDepthMax = 4;

    /// <summary>Characters of a type's name in an attribute, with those of its type arguments and assemblies.</summary>
    internal const int TypeNameCharactersMax = 4 << 10;

    /// <summary>Type arguments, arrays and enclosing types in such a name: it is parsed by recursion.</summary>
    internal const int TypeNamePartsMax = 64;

    /// <summary>Characters of a name or of what the runtime says, in a message.</summary>
    internal const int MessageCharactersMax = 300;
}
