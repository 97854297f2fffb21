using RedLeafSharp.Isolation;

namespace RedLeafSharp.Verification;

/// <summary>How an image is verified.</summary>
internal sealed record VerificationOptions
{
    /// <summary>An image as its author delivers it.</summary>
    internal static VerificationOptions Delivered { get; } = new();

    /// <summary>An image as the rewriter leaves it: planted code is admitted where it is exactly the rewriter's.</summary>
    internal static VerificationOptions Rewritten { get; } = new() { IsRewritten = true };

    /// <summary>Whether code that the rewriter plants is admitted.</summary>
    internal bool IsRewritten { get; init; }

    /// <summary>What of .NET and the kernel the image may use.</summary>
    internal AllowList Allowed { get; init; } = AllowList.Default;
}
