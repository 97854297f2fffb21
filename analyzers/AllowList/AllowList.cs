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

            bool continues = line.StartsWith("  ", StringComparison.Ordinal);
            last = !continues ? list.AddRule(line, number)
                : last?.Continue(line.Trim(), number) ?? throw Bad(number, "it must follow the type it belongs to");
        }

        return list;
    }

    /// <summary>The types and namespaces (<c>NAMESPACE.*</c>) that have a rule, each with the members the rule names.</summary>
    internal IEnumerable<(string Name, IEnumerable<string> Members)> Rules
    {
        get
        {
            foreach (KeyValuePair<string, TypeRule> rule in types)
            {
                yield return (rule.Key, rule.Value.Members);
            }

            foreach (KeyValuePair<string, TypeRule> rule in namespaces)
            {
                yield return (rule.Key + AnyType, rule.Value.Members);
            }
        }
    }

    /// <summary>Whether a type may be used at all: as a local, a field, a type argument.</summary>
    internal AllowDecision FindType(string type) =>
        RuleFor(type) is { } rule ? rule.Decision : AllowDecision.NotListed;

    /// <summary>Whether a member may be used.</summary>
    /// <param name="type">The type that declares it.</param>
    /// <param name="member">Its name in metadata: <c>.ctor</c>, <c>get_Length</c>, <c>op_Addition</c>.</param>
    /// <param name="parameters">
    /// Simple names of the parameter types, without namespace and type arguments: <c>Char</c>, <c>Int32[]</c>, <c>Span</c>,
    /// <c>T</c>, <c>Int32&amp;</c>. Not used for fields.
    /// </param>
    internal AllowDecision FindMember(string type, string member, IReadOnlyList<string> parameters) =>
        RuleFor(type) is { } rule ? rule.Find(member, parameters) : AllowDecision.NotListed;

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
        string verb = line.Split(' ')[0];
        if (verb is not ("allow" or "emitted" or "deny"))
        {
            throw Bad(number, "expected 'allow TYPE', 'emitted TYPE', either with ': MEMBER, ...', or 'deny TYPE REASON'");
        }

        string[] parts = line.Substring(verb.Length).Trim().Split([' '], 2);
        string name = parts[0].TrimEnd(':');
        string rest = parts.Length > 1 ? parts[1].Trim() : string.Empty;
        if (verb == "deny" ? rest.Length == 0 : rest.Length > 0 != parts[0].EndsWith(":", StringComparison.Ordinal))
        {
            throw Bad(number, verb == "deny" ? "a reason is missing" : "members are listed after ': '");
        }

        bool isNamespace = name.EndsWith(AnyType, StringComparison.Ordinal);
        Dictionary<string, TypeRule> rules = isNamespace ? namespaces : types;
        string key = isNamespace ? name.Substring(0, name.Length - AnyType.Length) : name;
        if (rules.ContainsKey(key))
        {
            throw Bad(number, $"'{name}' has a rule already");
        }

        var rule = new TypeRule(verb, rest);
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
        private readonly Dictionary<string, AllowDecision> exceptions = new(StringComparer.Ordinal);

        internal TypeRule(string verb, string rest)
        {
            Decision = verb switch
            {
                "deny" => AllowDecision.Denied(rest),
                "emitted" => AllowDecision.Emitted,
                _ => AllowDecision.Allowed,
            };
            if (Decision.IsAllowed)
            {
                AddMembers(rest);
            }
        }

        internal AllowDecision Decision { get; }

        internal IEnumerable<string> Members
        {
            get
            {
                var members = new List<string>(only);
                members.AddRange(exceptions.Keys);
                return members;
            }
        }

        internal TypeRule Continue(string line, int number)
        {
            string rest = line.Length > 2 ? line.Substring(2).Trim() : string.Empty;
            if (rest.Length == 0 || !Decision.IsAllowed || line[1] != ' ' || (line[0] == '+' && only.Count == 0))
            {
                throw Bad(number, "expected '  + MEMBER, ...' or '  - MEMBER REASON' below 'allow' or 'emitted'");
            }

            if (line[0] == '+')
            {
                AddMembers(rest);
                return this;
            }

            string[] parts = rest.Split([' '], 2);
            if (line[0] != '-' || parts.Length < 2 || exceptions.ContainsKey(parts[0]))
            {
                throw Bad(number, "expected '  - MEMBER REASON', once for each member");
            }

            exceptions.Add(parts[0], AllowDecision.Denied(parts[1].Trim()));
            return this;
        }

        internal AllowDecision Find(string member, IReadOnlyList<string> parameters)
        {
            if (!Decision.IsAllowed)
            {
                return Decision;
            }

            string signature = $"{member}({string.Join(",", parameters)})";
            return exceptions.TryGetValue(signature, out AllowDecision denied) ? denied
                : only.Contains(signature) ? Decision
                : exceptions.TryGetValue(member, out denied) ? denied
                : only.Count == 0 || only.Contains(member) ? Decision : AllowDecision.NotListed;
        }

        private void AddMembers(string members)
        {
            foreach (string member in members.Split([", "], StringSplitOptions.RemoveEmptyEntries))
            {
                only.Add(member.Trim().TrimEnd(','));
            }
        }
    }
}

/// <summary>What the list says of a type or a member.</summary>
internal readonly struct AllowDecision
{
    private const string RulePrefix = "RL";
    private const int RuleLength = 6;

    private AllowDecision(bool isAllowed, bool isEmitted, string rule, string reason)
    {
        IsAllowed = isAllowed;
        IsEmitted = isEmitted;
        Rule = rule;
        Reason = reason;
    }

    internal static AllowDecision Allowed { get; } = new(true, false, string.Empty, string.Empty);

    /// <summary>Allowed where the compiler puts it, in a binary; not in source.</summary>
    internal static AllowDecision Emitted { get; } = new(true, true, string.Empty, string.Empty);

    internal static AllowDecision NotListed { get; } = new(false, false, string.Empty, string.Empty);

    internal bool IsAllowed { get; }

    internal bool IsEmitted { get; }

    /// <summary>The rule that the offence belongs to; empty for RL0001, if a member, or RL0002, if a type.</summary>
    internal string Rule { get; }

    /// <summary>What to do instead; empty when the list does not say.</summary>
    internal string Reason { get; }

    /// <param name="reason">What to do instead, after the rule if it is not a plain one.</param>
    internal static AllowDecision Denied(string reason) =>
        reason.StartsWith(RulePrefix, StringComparison.Ordinal) && reason.IndexOf(' ') == RuleLength
            ? new(false, false, reason.Substring(0, RuleLength), reason.Substring(RuleLength + 1))
            : new(false, false, string.Empty, reason);
}
