namespace RedLeafSharp.Posix.Programs.Shell;

/// <summary>The variables of a shell, which of them are given to programs, and which may not change.</summary>
internal sealed class ShellVariables
{
    private readonly Dictionary<string, string> values = new() { ["IFS"] = " \t\n", ["PS1"] = "$ ", ["PS2"] = "> " };
    private readonly HashSet<string> exported = new();
    private readonly HashSet<string> readOnly = new();

    /// <summary>Names of the variables that have a value.</summary>
    public List<string> Names => Sorted(values.Keys);

    /// <summary>Names that are exported, with or without a value.</summary>
    public List<string> ExportedNames => Sorted(exported);

    /// <summary>Names that are read-only, with or without a value.</summary>
    public List<string> ReadOnlyNames => Sorted(readOnly);

    /// <exception cref="ShellExpansionException">When it is set: the variable is read-only.</exception>
    public string this[string name]
    {
        get => values[name];
        set
        {
            CheckWritable(name);
            values[name] = value;
        }
    }

    public bool ContainsKey(string name) => values.ContainsKey(name);

    public string? GetValueOrDefault(string name) => values.GetValueOrDefault(name);

    public string GetValueOrDefault(string name, string substitute) => values.GetValueOrDefault(name, substitute);

    /// <summary>Gives a variable the value that it had; null when it had none.</summary>
    public void Restore(string name, string? value)
    {
        if (value is null)
        {
            values.Remove(name);
        }
        else
        {
            values[name] = value;
        }
    }

    /// <exception cref="ShellExpansionException">The variable is read-only.</exception>
    public void Unset(string name)
    {
        CheckWritable(name);
        values.Remove(name);
        exported.Remove(name);
    }

    public void Export(string name) => exported.Add(name);

    public void MakeReadOnly(string name) => readOnly.Add(name);

    /// <summary>Takes over what the process was given. A separator of fields is not taken (XCU 2.5.3, IFS).</summary>
    public void Import(List<string> environment)
    {
        foreach (string variable in environment)
        {
            int equals = variable.IndexOf('=');
            if (equals > 0 && Parser.IsName(variable[..equals]) && variable[..equals] != "IFS")
            {
                values[variable[..equals]] = variable[(equals + 1)..];
                exported.Add(variable[..equals]);
            }
        }
    }

    /// <summary>What a program is given: the exported variables, and the assignments before its name.</summary>
    public List<string> ToEnvironment(List<(string Name, string Value)> assignments)
    {
        var environment = new List<string>();
        foreach (string name in ExportedNames)
        {
            if (values.TryGetValue(name, out string? value) && !assignments.Exists(one => one.Name == name))
            {
                environment.Add($"{name}={value}");
            }
        }

        foreach ((string name, string value) in assignments)
        {
            environment.Add($"{name}={value}");
        }

        return environment;
    }

    private void CheckWritable(string name)
    {
        if (readOnly.Contains(name))
        {
            throw new ShellExpansionException($"{name}: is read only");
        }
    }

    private static List<string> Sorted(IEnumerable<string> names)
    {
        var sorted = new List<string>(names);
        sorted.Sort(string.CompareOrdinal);
        return sorted;
    }
}
