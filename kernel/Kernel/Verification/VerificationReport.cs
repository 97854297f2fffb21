namespace RedLeafSharp.Verification;

/// <summary>What the verifier found in one image.</summary>
/// <param name="Violations">The first ones, by member and offset.</param>
/// <param name="ViolationCount">How many there are, those that are not kept included.</param>
/// <param name="MethodCount">Methods with a body that were looked at.</param>
/// <param name="Duration">How long it took.</param>
internal sealed record VerificationReport(
    IReadOnlyList<Violation> Violations, int ViolationCount, int MethodCount, TimeSpan Duration)
{
    /// <summary>Whether the image may be loaded as a domain.</summary>
    internal bool IsClean => ViolationCount == 0;
}
