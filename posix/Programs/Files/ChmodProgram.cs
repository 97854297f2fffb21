using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Programs;

/// <summary>chmod: changes file modes, octal or symbolic.</summary>
public sealed class ChmodProgram : Utility
{
    private const int DepthMax = 2048;

    private protected override string Synopsis => "[-R] MODE FILE...";

    private protected override int Run(Libc libc)
    {
        // A mode such as -x looks like an option, so that options are taken by hand.
        int first = 1;
        bool isRecursive = libc.Arguments.Count > 1 && libc.Arguments[1] is "-R" or "--recursive";
        first += isRecursive ? 1 : 0;
        if (libc.Arguments.Count < first + 2)
        {
            return libc.ComplainUsage(
                libc.Arguments.Count == first ? "missing operand" : $"missing operand after '{libc.Arguments[first]}'");
        }

        string mode = libc.Arguments[first];
        if (!ModeChange.TryApply(mode, 0, isDirectory: false, out _))
        {
            return libc.ComplainUsage($"invalid mode: '{mode}'");
        }

        int status = 0;
        for (int index = first + 1; index < libc.Arguments.Count; index++)
        {
            status |= Change(libc, mode, libc.Arguments[index], isRecursive, depth: 0);
        }

        return status;
    }

    private static int Change(Libc libc, string mode, string path, bool isRecursive, int depth)
    {
        Errno error = libc.GetAttributes(path, followsLinks: depth == 0, out FileAttributes attributes);
        if (error != Errno.None)
        {
            return libc.Complain($"cannot access '{path}': {Errors.TextOf(error)}");
        }

        uint type = attributes.Mode & FileMode.TypeMask;
        if (type == FileMode.SymbolicLink)
        {
            return 0;
        }

        _ = ModeChange.TryApply(mode, attributes.Mode, type == FileMode.Directory, out uint changed);
        var change = new FileAttributesChange { Fields = FileAttributeFields.Mode, Mode = changed };
        error = Errors.Of(libc.System.SetAttributes(libc.Context, ByteText.ToBytes(path), change, followsLinks: true));
        int status = error == Errno.None ? 0 : libc.Complain($"changing permissions of '{path}': {Errors.TextOf(error)}");
        bool goesDown = isRecursive && type == FileMode.Directory && depth < DepthMax;
        if (goesDown && libc.ListDirectory(path, out List<string> names) == Errno.None)
        {
            foreach (string name in names)
            {
                status |= Change(libc, mode, Paths.Join(path, name), isRecursive, depth + 1);
            }
        }

        return status;
    }
}
