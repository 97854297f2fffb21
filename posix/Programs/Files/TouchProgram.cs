using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Programs;

/// <summary>touch: sets the times of files to now, making those that are not there.</summary>
public sealed class TouchProgram : Utility
{
    private protected override string Synopsis => "[-cam] [-d @SECONDS] FILE...";

    private protected override int Run(Libc libc)
    {
        Options options = Options.Parse(libc.Arguments, "camd:", "no-create=c");
        if (options.Error is not null || options.Operands.Count == 0)
        {
            return libc.ComplainUsage(options.Error ?? "missing file operand");
        }

        FileTime now = libc.System.GetTime(libc.Context).Value;
        if (options.ValueOf('d') is { } date)
        {
            // Only seconds since 1970, as GNU's "@SECONDS".
            if (!date.StartsWith('@') || !long.TryParse(date.AsSpan(1), out long seconds))
            {
                return libc.Complain($"invalid date format '{date}'");
            }

            now = new FileTime { Seconds = seconds };
        }

        var change = new FileAttributesChange
        {
            Fields = (options.Has('m') && !options.Has('a') ? 0 : FileAttributeFields.AccessTime)
                | (options.Has('a') && !options.Has('m') ? 0 : FileAttributeFields.ModificationTime),
            AccessTime = now,
            ModificationTime = now,
        };
        int status = 0;
        foreach (string path in options.Operands)
        {
            status |= Touch(libc, path, change, options.Has('c'));
        }

        return status;
    }

    private static int Touch(Libc libc, string path, in FileAttributesChange change, bool keepsMissing)
    {
        Errno error = Errors.Of(libc.System.SetAttributes(libc.Context, ByteText.ToBytes(path), change, followsLinks: true));
        if (error == Errno.NoEntry && keepsMissing)
        {
            return 0;
        }

        if (error == Errno.NoEntry)
        {
            error = libc.Open(path, OpenFlags.WriteOnly | OpenFlags.Create, 0x1B6, out int descriptor);
            if (error == Errno.None)
            {
                error = Errors.Of(libc.System.SetDescriptorAttributes(libc.Context, descriptor, change));
                libc.Close(descriptor);
            }
        }

        return error == Errno.None ? 0 : libc.Complain($"cannot touch '{path}': {Errors.TextOf(error)}");
    }
}
