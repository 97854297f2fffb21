using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Programs;

/// <summary>pwd: prints the working directory.</summary>
public sealed class PwdProgram : Utility
{
    /// <summary>The path of the working directory; empty when it has none any more.</summary>
    internal static string Ask(Libc libc)
    {
        var buffer = new byte[4096];
        Reply<int, Errno> reply = libc.System.GetWorkingDirectory(libc.Context, buffer);
        return ByteText.ToText(buffer.AsSpan(0, reply.Value));
    }

    private protected override string Synopsis => "";

    private protected override int Run(Libc libc)
    {
        string path = Ask(libc);
        if (path.Length == 0)
        {
            return libc.Complain("couldn't find directory entry in '..' with matching i-node");
        }

        libc.PrintLine(path);
        return 0;
    }
}
