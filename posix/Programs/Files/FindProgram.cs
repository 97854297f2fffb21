using RedLeafSharp.Contracts;
using RedLeafSharp.Posix.Programs.Shell;

namespace RedLeafSharp.Posix.Programs;

/// <summary>find: walks trees and prints the paths; of the conditions it knows -name, -type and -maxdepth.</summary>
public sealed class FindProgram : Utility
{
    private const int DepthLimit = 2048;

    private string? pattern;
    private char type;
    private int depthMax = DepthLimit;

    private protected override string Synopsis => "[PATH]... [-name PATTERN] [-type f|d|l] [-maxdepth LEVELS] [-print]";

    private protected override int Run(Libc libc)
    {
        var paths = new List<string>();
        int index = 1;
        while (index < libc.Arguments.Count && !libc.Arguments[index].StartsWith('-'))
        {
            paths.Add(libc.Arguments[index]);
            index++;
        }

        string? problem = TakeConditions(libc.Arguments, index);
        if (problem is not null)
        {
            return libc.Complain(problem);
        }

        if (paths.Count == 0)
        {
            paths.Add(".");
        }

        int status = 0;
        foreach (string path in paths)
        {
            status |= Walk(libc, path, depth: 0);
        }

        return status;
    }

    private string? TakeConditions(List<string> arguments, int index)
    {
        while (index < arguments.Count)
        {
            string condition = arguments[index];
            string value = index + 1 < arguments.Count ? arguments[index + 1] : "";
            index += condition == "-print" ? 1 : 2;
            bool isKnown = condition switch
            {
                "-print" => true,
                "-name" => (pattern = value).Length > 0,
                "-type" => value.Length == 1 && (type = value[0]) is 'f' or 'd' or 'l',
                "-maxdepth" => int.TryParse(value, out depthMax),
                _ => false,
            };
            if (!isKnown)
            {
                return index > arguments.Count ? $"missing argument to '{condition}'" : $"unknown predicate '{condition}'";
            }
        }

        return null;
    }

    private int Walk(Libc libc, string path, int depth)
    {
        Errno error = libc.GetAttributes(path, followsLinks: false, out FileAttributes attributes);
        if (error != Errno.None)
        {
            return libc.Complain($"'{path}': {Errors.TextOf(error)}");
        }

        uint fileType = attributes.Mode & FileMode.TypeMask;
        char letter = fileType == FileMode.Directory ? 'd' : fileType == FileMode.SymbolicLink ? 'l' : 'f';
        bool isNamed = pattern is null || Pattern.Matches(pattern, Paths.LastName(path));
        if (isNamed && (type == '\0' || type == letter))
        {
            libc.PrintLine(path);
        }

        if (letter != 'd' || depth >= depthMax || libc.IsOutputClosed)
        {
            return 0;
        }

        error = libc.ListDirectory(path, out List<string> names);
        int status = error == Errno.None ? 0 : libc.Complain($"'{path}': {Errors.TextOf(error)}");
        foreach (string name in names)
        {
            status |= Walk(libc, Paths.Join(path, name), depth + 1);
        }

        return status;
    }
}
