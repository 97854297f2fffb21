namespace RedLeafSharp.Posix.Programs.Network;

/// <summary>What a request makes its answer depend on (RFC 9110 section 13): the state of the file that its sender knows.</summary>
internal sealed class HttpConditions
{
    private string? match;
    private string? noneMatch;
    private string? modifiedSince;
    private string? unmodifiedSince;
    private string? range;

    /// <summary>Takes a field of the header, if it is one of these. Several of one name are one list (section 5.3).</summary>
    public void Take(string name, string value)
    {
        if (Is(name, "If-Match"))
        {
            match = match is null ? value : $"{match}, {value}";
        }
        else if (Is(name, "If-None-Match"))
        {
            noneMatch = noneMatch is null ? value : $"{noneMatch}, {value}";
        }
        else if (Is(name, "If-Modified-Since"))
        {
            modifiedSince = value;
        }
        else if (Is(name, "If-Unmodified-Since"))
        {
            unmodifiedSince = value;
        }
        else if (Is(name, "If-Range"))
        {
            range = value;
        }
    }

    /// <summary>Looks at the conditions in the order of section 13.2.2, for GET and HEAD.</summary>
    /// <param name="tag">The file's entity tag, a strong one.</param>
    /// <param name="modifiedSeconds">When it was changed last.</param>
    /// <returns>0 to send it; 304 when the sender has it; 412 when it is not what the sender wants it to be.</returns>
    public int Evaluate(string tag, long modifiedSeconds)
    {
        bool isWanted = match is not null
            ? Lists(match, tag, isWeak: false)
            : !HttpDate.TryParse(unmodifiedSince, out long until) || modifiedSeconds <= until;
        if (!isWanted)
        {
            return 412;
        }

        bool isKnown = noneMatch is not null
            ? Lists(noneMatch, tag, isWeak: true)
            : HttpDate.TryParse(modifiedSince, out long since) && modifiedSeconds <= since;
        return isKnown ? 304 : 0;
    }

    /// <summary>Whether a range is of the file as it is now (section 13.1.5): without the condition, with its tag, or with its very date.</summary>
    public bool AllowsRange(string tag, string modified) => range is null || range == tag || range == modified;

    /// <summary>Whether a list of entity tags has one, or is a star. A comparison that is weak takes no notice of the mark for it.</summary>
    private static bool Lists(string list, string tag, bool isWeak)
    {
        foreach (string part in list.Split(','))
        {
            string one = part.Trim(' ', '\t');
            one = isWeak && one.StartsWith("W/", StringComparison.Ordinal) ? one[2..] : one;
            if (one == tag || one == "*")
            {
                return true;
            }
        }

        return false;
    }

    private static bool Is(string one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);
}
