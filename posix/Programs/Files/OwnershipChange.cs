using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Programs;

/// <summary>What chown and chgrp do to each file. There is no list of users: ids are numbers, and "root" is 0.</summary>
/// <param name="user">The new owner; <see cref="Keep"/> for none.</param>
/// <param name="group">The new group; <see cref="Keep"/> for none.</param>
/// <param name="options">-R goes down directories, -h changes symbolic links themselves.</param>
/// <param name="what">What is being changed, for messages.</param>
internal sealed class OwnershipChange(uint user, uint group, Options options, string what)
{
    internal const uint Keep = uint.MaxValue;
    internal const string Letters = "Rh";
    internal const string LongNames = "recursive=R no-dereference=h";

    private const int DepthMax = 2048;

    internal static bool TryParseId(string text, out uint id)
    {
        id = 0;
        return text == "root" || (uint.TryParse(text, out id) && id != Keep);
    }

    /// <summary>Changes each operand after the first, which says what to change to.</summary>
    internal int Run(Libc libc)
    {
        int status = 0;
        for (int index = 1; index < options.Operands.Count; index++)
        {
            status |= Apply(libc, options.Operands[index], depth: 0);
        }

        return status;
    }

    private int Apply(Libc libc, string path, int depth)
    {
        bool follows = depth == 0 && !options.Has('h');
        Errno error = libc.GetAttributes(path, follows, out FileAttributes attributes);
        if (error != Errno.None)
        {
            return libc.Complain($"cannot access '{path}': {Errors.TextOf(error)}");
        }

        bool isDirectory = (attributes.Mode & FileMode.TypeMask) == FileMode.Directory;
        int status = 0;
        if (isDirectory && options.Has('R') && depth < DepthMax && libc.ListDirectory(path, out List<string> names) == Errno.None)
        {
            foreach (string name in names)
            {
                status |= Apply(libc, Paths.Join(path, name), depth + 1);
            }
        }

        var change = new FileAttributesChange
        {
            Fields = FileAttributeFields.UserId | FileAttributeFields.GroupId,
            UserId = user,
            GroupId = group,
        };
        error = Errors.Of(libc.System.SetAttributes(libc.Context, ByteText.ToBytes(path), change, follows));
        return error == Errno.None ? status : libc.Complain($"changing {what} of '{path}': {Errors.TextOf(error)}");
    }
}
