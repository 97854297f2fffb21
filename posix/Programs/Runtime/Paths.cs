namespace RedLeafSharp.Posix.Programs;

/// <summary>Paths as text.</summary>
internal static class Paths
{
    /// <summary>A name in a directory.</summary>
    public static string Join(string directory, string name) =>
        directory.EndsWith('/') ? directory + name : $"{directory}/{name}";

    /// <summary>The last name of a path, as basename(1) finds it.</summary>
    public static string LastName(string path)
    {
        string trimmed = path.TrimEnd('/');
        return trimmed.Length == 0 && path.Length > 0 ? "/" : trimmed[(trimmed.LastIndexOf('/') + 1)..];
    }

    /// <summary>What is before the last name, as dirname(1) finds it.</summary>
    public static string Parent(string path)
    {
        string trimmed = path.TrimEnd('/');
        int slash = trimmed.LastIndexOf('/');
        if (slash < 0)
        {
            return trimmed.Length == 0 && path.Length > 0 ? "/" : ".";
        }

        string parent = trimmed[..slash].TrimEnd('/');
        return parent.Length == 0 ? "/" : parent;
    }
}
