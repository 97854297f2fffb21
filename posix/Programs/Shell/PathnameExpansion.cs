using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Programs.Shell;

/// <summary>Pathname expansion (POSIX.1-2017, XCU 2.6.6).</summary>
internal static class PathnameExpansion
{
    /// <summary>The paths that match a pattern, in order; none when nothing does.</summary>
    public static List<string> Expand(Libc libc, string pattern)
    {
        var paths = new List<string> { pattern.StartsWith('/') ? "/" : "" };
        string[] parts = pattern.Split('/', StringSplitOptions.RemoveEmptyEntries);
        for (int index = 0; index < parts.Length; index++)
        {
            bool isLast = index == parts.Length - 1;
            var next = new List<string>();
            foreach (string path in paths)
            {
                ExpandPart(libc, path, parts[index], mustBeDirectory: !isLast || pattern.EndsWith('/'), next);
            }

            paths = next;
        }

        if (pattern.EndsWith('/'))
        {
            for (int index = 0; index < paths.Count; index++)
            {
                paths[index] += "/";
            }
        }

        return paths;
    }

    private static void ExpandPart(Libc libc, string path, string part, bool mustBeDirectory, List<string> found)
    {
        if (!IsPattern(part))
        {
            string joined = Join(path, Pattern.Unescape(part));
            if (libc.GetAttributes(joined, followsLinks: mustBeDirectory, out _) == Errno.None)
            {
                found.Add(joined);
            }

            return;
        }

        if (libc.ListDirectory(path.Length == 0 ? "." : path, out List<string> names) != Errno.None)
        {
            return;
        }

        foreach (string name in names)
        {
            // A leading period is only matched by a period (XCU 2.13.3).
            bool isHidden = name[0] == '.' && part[0] != '.' && !part.StartsWith("\\.", StringComparison.Ordinal);
            if (!isHidden && Pattern.Matches(part, name) && (!mustBeDirectory || libc.IsDirectory(Join(path, name))))
            {
                found.Add(Join(path, name));
            }
        }
    }

    private static string Join(string path, string name) => path.Length == 0 ? name : Paths.Join(path, name);

    private static bool IsPattern(string part)
    {
        for (int index = 0; index < part.Length; index++)
        {
            if (part[index] == '\\')
            {
                index++;
            }
            else if (part[index] is '*' or '?' or '[')
            {
                return true;
            }
        }

        return false;
    }
}
