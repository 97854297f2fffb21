namespace RedLeafSharp.Analyzers.Isolation;

/// <summary>The numbers of the rules.</summary>
internal static class IsolationLimits
{
    /// <summary>A struct. A frame holds several, and the guard of a domain's stack looks only once for each frame.</summary>
    internal const int StructBytesMax = 4 * 1024;

    /// <summary>The locals and parameters of a method. The reserve below a domain's stack takes sixteen such frames.</summary>
    internal const int FrameBytesMax = 16 * 1024;

    /// <summary>A struct within structs: deeper ones are cyclic, and an error of the compiler's.</summary>
    internal const int NestingMax = 32;

    /// <summary>The width of an interpolated value, $"{value,width}", and the digits of its format, $"{value:D99}".</summary>
    internal const int FormatWidthMax = 1024;
}
