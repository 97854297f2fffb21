using System.Globalization;

namespace RedLeafSharp.Isolation;

/// <summary>
/// What domain code may use of .NET and of the kernel: the rules of allowed-members.txt. The analyzers ask it while code is
/// written, the verifier when a binary is loaded, so both give the same answer.
/// </summary>
/// <remarks>What no rule names is denied. Names are those of metadata: <c>System.Span`1</c>, <c>Outer+Nested</c>.</remarks>
internal sealed class AllowList
{
    private const string ResourceName = "allowed-members.txt";
    private const string AnyType = ".*";

    private readonly Dictionary<string, TypeRule> types = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TypeRule> namespaces = new(StringComparer.Ordinal);

    private AllowList()
    {
    }

    /// <summary>The list that comes with this assembly.</summary>
    internal static AllowList Default { get; } = LoadDefault();

    /// <summary>Reads rules.</summary>
    /// <exception cref="FormatException">A line is no rule; the message names its number.</exception>
    internal static AllowList Parse(string text)
    {
        var list = new AllowList();
        TypeRule? last = null;
        int number = 0;
        foreach (string raw in text.Split('\n'))
        {
            number++;
            string line = raw.Split('#')[0].TrimEnd();
            if (line.Length == 0)
            {
                continue;
            }

            last = line.StartsWith("  - ", StringComparison.Ordinal)
                ? last?.Without(line.Substring(4).Trim()) ?? throw Bad(number, "an exception must follow the type it belongs to")
                : list.AddRule(line, number);
        }

        return list;
    }

    /// <summary>Whether a type may be used at all: as a local, a field, a type argument.</summary>
    internal AllowDecision FindType(string type) =>
        RuleFor(type) is not { } rule ? AllowDecision.NotListed
            : rule.IsAllowed ? AllowDecision.Allowed : AllowDecision.Denied(rule.Reason);

    /// <summary>Whether a member may be used.</summary>
    /// <param name="type">The type that declares it.</param>
    /// <param name="member">Its name in metadata: <c>.ctor</c>, <c>get_Length</c>, <c>op_Addition</c>.</param>
    /// <param name="parameters">
    /// Simple names of the parameter types, without namespace and type arguments: <c>Char</c>, <c>Int32[]</c>, <c>Span</c>,
    /// <c>T</c>, <c>Int32&amp;</c>. Not used for fields.
    /// </param>
    internal AllowDecision FindMember(string type, string member, IReadOnlyList<string> parameters)
    {
        if (RuleFor(type) is not { } rule)
        {
            return AllowDecision.NotListed;
        }

        return rule.IsAllowed ? rule.Find(member, parameters) : AllowDecision.Denied(rule.Reason);
    }

    private static AllowList LoadDefault()
    {
        using Stream stream = typeof(AllowList).Assembly.GetManifestResourceStream(ResourceName)
            ?? throw new InvalidOperationException($"the resource {ResourceName} is missing");
        using var reader = new StreamReader(stream);
        return Parse(reader.ReadToEnd());
    }

    private static FormatException Bad(int number, string reason) =>
        new(string.Format(CultureInfo.InvariantCulture, "allowed-members.txt:{0}: {1}", number, reason));

    private TypeRule AddRule(string line, int number)
    {
        bool isAllowed = line.StartsWith("allow ", StringComparison.Ordinal);
        if (!isAllowed && !line.StartsWith("deny ", StringComparison.Ordinal))
        {
            throw Bad(number, "expected 'allow TYPE', 'allow TYPE: MEMBER, ...', 'deny TYPE REASON' or '  - MEMBER REASON'");
        }

        string[] parts = line.Substring(line.IndexOf(' ') + 1).Trim().Split([' '], 2);
        string name = parts[0].TrimEnd(':');
        string rest = parts.Length > 1 ? parts[1].Trim() : string.Empty;
        var rule = new TypeRule(isAllowed, isAllowed ? rest : string.Empty, isAllowed ? string.Empty : rest);
        bool isNamespace = name.EndsWith(AnyType, StringComparison.Ordinal);
        Dictionary<string, TypeRule> rules = isNamespace ? namespaces : types;
        string key = isNamespace ? name.Substring(0, name.Length - AnyType.Length) : name;
        if (rules.ContainsKey(key))
        {
            throw Bad(number, $"'{name}' has a rule already");
        }

        rules.Add(key, rule);
        return rule;
    }

    /// <summary>The rule of the type itself, or else of the nearest enclosing type or namespace that has one.</summary>
    private TypeRule? RuleFor(string type)
    {
        if (types.TryGetValue(type, out TypeRule? rule))
        {
            return rule;
        }

        for (int end = type.LastIndexOfAny(['.', '+']); end > 0; end = type.LastIndexOfAny(['.', '+'], end - 1))
        {
            string prefix = type.Substring(0, end);
            if ((type[end] == '+' ? types : namespaces).TryGetValue(prefix, out rule))
            {
                return rule;
            }
        }

        return null;
    }

    /// <summary>The rule of one type or of the types of a namespace.</summary>
    private sealed class TypeRule
    {
        private readonly HashSet<string> only = new(StringComparer.Ordinal);
        private readonly Dictionary<string, string> exceptions = new(StringComparer.Ordinal);

        internal TypeRule(bool isAllowed, string members, string reason)
        {
            IsAllowed = isAllowed;
            Reason = reason;
            foreach (string member in members.Split([", "], StringSplitOptions.RemoveEmptyEntries))
            {
                only.Add(member.Trim());
            }
        }

        internal bool IsAllowed { get; }

        internal string Reason { get; }

        internal TypeRule Without(string exception)
        {
            string[] parts = exception.Split([' '], 2);
            exceptions[parts[0]] = parts.Length > 1 ? parts[1].Trim() : string.Empty;
            return this;
        }

        internal AllowDecision Find(string member, IReadOnlyList<string> parameters)
        {
            string signature = $"{member}({string.Join(",", parameters)})";
            if (exceptions.TryGetValue(signature, out string? reason) || exceptions.TryGetValue(member, out reason))
            {
                return AllowDecision.Denied(reason);
            }

            return only.Count == 0 || only.Contains(member) || only.Contains(signature)
                ? AllowDecision.Allowed : AllowDecision.NotListed;
        }
    }
}

/// <summary>What the list says of a type or a member.</summary>
internal readonly struct AllowDecision
{
    private AllowDecision(bool isAllowed, string reason)
    {
        IsAllowed = isAllowed;
        Reason = reason;
    }

    internal static AllowDecision Allowed { get; } = new(true, string.Empty);

    internal static AllowDecision NotListed { get; } = new(false, string.Empty);

    internal bool IsAllowed { get; }

    /// <summary>What to do instead; empty when the list does not say.</summary>
    internal string Reason { get; }

    internal static AllowDecision Denied(string reason) => new(false, reason);
}
