using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Programs;

/// <summary>sync: makes everything durable, or the files that are named.</summary>
public sealed class SyncProgram : Utility
{
    private protected override string Synopsis => "[FILE]...";

    private protected override int Run(Libc libc)
    {
        int status = 0;
        for (int index = 1; index < libc.Arguments.Count; index++)
        {
            string path = libc.Arguments[index];
            Errno error = libc.OpenToRead(path, out int descriptor);
            if (error != Errno.None)
            {
                status = libc.Complain($"error opening '{path}': {Errors.TextOf(error)}");
                continue;
            }

            error = Errors.Of(libc.System.SyncDescriptor(libc.Context, descriptor));
            status |= error == Errno.None ? 0 : libc.Complain($"error syncing '{path}': {Errors.TextOf(error)}");
            libc.Close(descriptor);
        }

        if (libc.Arguments.Count == 1)
        {
            Errno error = Errors.Of(libc.System.Sync(libc.Context));
            status = error == Errno.None ? 0 : libc.Complain(Errors.TextOf(error));
        }

        return status;
    }
}
