using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Programs.Network;

/// <summary><c>ip netns exec</c>: runs a program with another network stack. What a namespace is on Linux is a stack here.</summary>
internal static class IpNamespaces
{
    private const int StatusFailed = 255;

    internal static int Run(Libc libc, string verb, List<string> words)
    {
        if (verb != "exec" || words.Count < 2)
        {
            return libc.ComplainUsage("usage: ip netns exec STACK PROGRAM [ARGUMENT]...");
        }

        Errno error = Errors.Of(libc.System.UseStack(libc.Context, ByteText.ToBytes(words[0])));
        if (error != Errno.None)
        {
            return libc.Complain(words[0], error);
        }

        List<string> arguments = words[1..];
        Reply<int, Errno> process = libc.Spawn(arguments, Libc.ReadEnvironment(libc.Context, libc.System), Streams.Standard);
        if (!process.IsOk)
        {
            libc.Complain($"exec of \"{arguments[0]}\" failed", Errors.Of(process));
            return StatusFailed;
        }

        Reply<ExitStatus, Errno> end = libc.System.WaitForChild(libc.Context, process.Value);
        return end.IsOk ? end.Value.Status : StatusFailed;
    }
}
