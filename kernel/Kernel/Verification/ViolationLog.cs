namespace RedLeafSharp.Verification;

/// <summary>Collects violations: each place and rule once, the first ones in full, the others counted.</summary>
internal sealed class ViolationLog
{
    private readonly record struct Found(string Rule, string Member, int Method, int ILOffset, string Message);

    private readonly HashSet<(string Rule, string Member, int Offset)> seen = [];
    private readonly List<Found> found = [];
    private readonly HashSet<string> rules = [];

    internal int Count { get; private set; }

    /// <summary>Whether a rule has been broken.</summary>
    internal bool Has(string rule) => rules.Contains(rule);

    /// <param name="rule">The rule's id.</param>
    /// <param name="member">The type or member.</param>
    /// <param name="message">What is wrong.</param>
    /// <param name="method">Metadata token of the method, for the source line; 0 outside a body.</param>
    /// <param name="ilOffset">Offset into its IL; -1 outside a body.</param>
    internal void Add(string rule, string member, string message, int method = 0, int ilOffset = -1)
    {
        rules.Add(rule);

        // The set is bounded as the list is: beyond it repetitions are counted again, which only makes the count larger.
        string place = OneLine(member);
        if (found.Count < VerificationLimits.ViolationsMax)
        {
            if (!seen.Add((rule, place, ilOffset)))
            {
                return;
            }

            found.Add(new Found(rule, place, method, ilOffset, OneLine(message)));
        }

        Count++;
    }

    /// <summary>What has been found, by member and offset, with source lines.</summary>
    internal IReadOnlyList<Violation> ToList(SourceLines lines)
    {
        IOrderedEnumerable<Found> ordered = found.OrderBy(one => one.Member, StringComparer.Ordinal).ThenBy(one => one.ILOffset)
            .ThenBy(one => one.Rule, StringComparer.Ordinal);
        return [.. ordered.Select(one =>
        {
            (string? document, int line) = lines.Find(one.Method, one.ILOffset);
            return new Violation(one.Rule, one.Member, one.ILOffset, document, line, one.Message);
        })];
    }

    /// <summary>Names come from the image and may hold anything: control characters must not reach a terminal.</summary>
    private static string OneLine(string text)
    {
        string cut = text.Length > VerificationLimits.MessageCharactersMax
            ? text[..VerificationLimits.MessageCharactersMax] + "..." : text;
        return string.Create(cut.Length, cut, (span, source) =>
        {
            for (int index = 0; index < span.Length; index++)
            {
                char character = source[index];
                span[index] = char.IsControl(character) || char.IsSurrogate(character) ? ' ' : character;
            }
        });
    }
}
